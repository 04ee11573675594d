import type { ProjectView } from '../../src/surfaces/tui/project/view.ts';

/** What of two views must be equal: all but how long ago a heartbeat was, and what they were made with. */
export function comparable({ records, graph, ...view }: ProjectView): unknown {
  const timeless = view.orchestrators.map(({ silentMs: _s, leaseLeftMs: _l, ...each }) => each);
  const { groups, counts } = view.tasks;
  return {
    ...view,
    orchestrators: timeless,
    tasks: { list: view.tasks.list(), groups, counts },
    graph: graph(),
    agentRecords: records.agents,
  };
}
