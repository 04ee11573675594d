import { UsageError } from '../errors.ts';
import { parseTaskId } from '../parse-task-id.ts';
import { freeId } from '../roadmap/free-id.ts';
import { quoted } from '../source/problem.ts';
import type { Store } from '../tasks/ports.ts';
import { type Actor, nameOf } from './actor.ts';
import { approvalGuard } from './approval-guard.ts';
import type { ProjectParts } from './parts.ts';
import type { FinishedPlan, ProjectApi, RoadmapView } from './ports.ts';
import { requireAgent, requireWorkflow } from './require-agent.ts';

type RoadmapOperations = Pick<
  ProjectApi,
  | 'roadmap'
  | 'outline'
  | 'definition'
  | 'roadmapDiff'
  | 'addTask'
  | 'editTask'
  | 'removeTask'
  | 'renameTask'
  | 'undoEdit'
  | 'syncRoadmap'
  | 'confirmRoadmap'
>;

/** What can be seen of the roadmap file, and written into it. */
export function roadmapOperations(parts: ProjectParts, actor: Actor): RoadmapOperations {
  const { roadmap } = parts;
  const by = nameOf(actor);
  // A person at a terminal knows who they are; anybody else is named beside what they did.
  const named = (what: string): string => (actor.kind === 'person' ? what : `${what}, by ${by}`);
  const guard = () => approvalGuard(parts, actor);
  return {
    roadmap: async () => {
      const loaded = await roadmap.load();
      await parts.refresh();
      const store = await parts.store();
      return { roadmap: loaded.roadmap, tasks: await store.tasks(), finished: await lastWords(store) };
    },
    outline: () => roadmap.outline(),
    definition: ({ task }) => roadmap.definition(parseTaskId(task)),
    roadmapDiff: () => roadmap.compare(),
    addTask: async ({ id: given, fields, into, dryRun = false }) => {
      await requireAgent(parts, fields.agent);
      await requireWorkflow(parts, fields.workflow);
      const taken = new Set((await roadmap.ids()).map((id) => id.toLowerCase()));
      const id = given === undefined ? freeId(fields.title, taken) : parseTaskId(given);
      const change = await roadmap.edit(
        { kind: 'add', id, fields, ...(into === undefined ? {} : { into }) },
        { dryRun, what: named(`add ${id}`), check: await guard() },
      );
      return { ...change, id };
    },
    editTask: async ({ task, fields, dryRun = false }) => {
      const id = parseTaskId(task);
      const names = Object.keys(fields);
      if (names.length === 0) throw nothingToChange();
      await requireAgent(parts, fields.agent);
      await requireWorkflow(parts, fields.workflow);
      const what = named(`edit ${id} (${names.join(', ')})`);
      return await roadmap.edit({ kind: 'set', id, fields }, { dryRun, what, check: await guard() });
    },
    removeTask: async ({ task, unlink: mentions = false, dryRun = false }) => {
      const id = parseTaskId(task);
      const what = named(`remove ${id}`);
      return await roadmap.edit({ kind: 'remove', id, mentions }, { dryRun, what, check: await guard() });
    },
    renameTask: async ({ task, to: wanted, dryRun = false }) => {
      const [id, to] = [parseTaskId(task), parseTaskId(wanted)];
      if (id === to) {
        throw new UsageError('SAME_ID', `${quoted(id)} is its id already`, { advice: 'give another one' });
      }
      const what = named(`rename ${id} to ${to}`);
      return await roadmap.edit({ kind: 'rename', id, to }, { dryRun, what, check: await guard() });
    },
    undoEdit: async ({ dryRun = false } = {}) => await roadmap.undo({ dryRun, check: await guard() }),
    syncRoadmap: () => roadmap.take({ confirmedBy: undefined }),
    confirmRoadmap: () => roadmap.take({ confirmedBy: by }),
  };
}

function nothingToChange(): UsageError {
  return new UsageError('NOTHING_TO_CHANGE', 'nothing says what to change', {
    advice: 'cw task edit --help lists what can be changed',
  });
}

const WORDS_AT_ONCE = 1_000;

/** What was said last of each plan, phase and initiative that was over. */
async function lastWords(store: Store): Promise<RoadmapView['finished']> {
  const last: Record<string, FinishedPlan> = {};
  for (let after = 0; ; ) {
    const events = await store.events(after, { types: ['plan.finished'], limit: WORDS_AT_ONCE });
    for (const event of events) {
      if (event.type !== 'plan.finished') continue;
      const { container, done, total, made, at } = event;
      last[container] = { done, total, made, at };
    }
    const end = events.at(-1);
    if (end === undefined || events.length < WORDS_AT_ONCE) return last;
    after = end.seq;
  }
}
