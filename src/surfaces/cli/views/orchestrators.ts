import type { OrchestratorRecord, Pause } from '../../../core/tasks/task.ts';
import { count, duration } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { table } from '../table.ts';

/** A heartbeat may be this much later than it is due before somebody is called silent. */
const LATE = 2;

/** How often one is to be heard from, and whether the project is paused. */
interface Team {
  readonly heartbeatMs: number;
  readonly paused?: Pause | undefined;
}

type OrchestratorState = 'working' | 'paused' | 'stopping' | 'silent' | 'lost';

const LOOKS = {
  working: 'green',
  paused: 'yellow',
  stopping: 'cyan',
  silent: 'yellow',
  lost: 'red',
} as const satisfies Record<OrchestratorState, Look>;

/**
 * `silent`: heartbeats are missing, and its lease still holds. `lost`: the lease ran out, or its tasks were taken from
 * it already; a process that wakes up after that starts anew. `paused`: the project is, and nothing is begun.
 */
function orchestratorState(one: OrchestratorRecord, { heartbeatMs, paused }: Team): OrchestratorState {
  if (one.isLost || one.leaseLeftMs === 0) return 'lost';
  if (one.silentMs > LATE * heartbeatMs) return 'silent';
  if (one.stopBy !== undefined) return 'stopping';
  return paused === undefined ? 'working' : 'paused';
}

/** An orchestrator for programs. */
export function orchestratorJson(one: OrchestratorRecord, team: Team): object {
  return {
    id: one.id,
    state: orchestratorState(one, team),
    host: one.host,
    pid: one.process.pid,
    version: one.version,
    agents: one.agents,
    maxAgents: one.maxAgents,
    startedAt: new Date(one.startedAt).toISOString(),
    lastHeartbeat: new Date(one.lastHeartbeat).toISOString(),
    leaseLeftMs: one.isLost ? 0 : one.leaseLeftMs,
    stopBy: one.stopBy ?? null,
  };
}

/** A line for each orchestrator. `now`: epoch ms. */
export function renderOrchestrators(
  orchestrators: readonly OrchestratorRecord[],
  options: Team & { now: number; width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'ORCHESTRATOR' },
      { title: 'STATE' },
      { title: 'HOST', flexible: true },
      { title: 'PID', side: 'right' },
      { title: 'VERSION' },
      { title: 'AGENTS', side: 'right' },
      { title: 'SINCE', side: 'right' },
      { title: 'HEARD', side: 'right' },
      { title: 'LEASE', side: 'right' },
    ],
    rows: orchestrators.map((one) => {
      const state = orchestratorState(one, options);
      return [
        { text: safeLine(one.id), look: 'cyan' as const },
        { text: state, look: LOOKS[state] },
        { text: safeLine(one.host) },
        { text: String(one.process.pid) },
        { text: safeLine(one.version) },
        { text: `${one.agents}/${one.maxAgents}` },
        { text: duration(Math.max(0, options.now - one.startedAt)) },
        { text: `${duration(one.silentMs)} ago` },
        { text: state === 'lost' ? '-' : duration(one.leaseLeftMs) },
      ];
    }),
    ...options,
  });
}

/** What is worth a line beside the counts: who is not simply at work. */
function unusualOrchestrators(orchestrators: readonly OrchestratorRecord[], heartbeatMs: number): string {
  const states = orchestrators.map((one) => orchestratorState(one, { heartbeatMs }));
  return (['stopping', 'silent', 'lost'] as const)
    .flatMap((state) => {
      const n = states.filter((each) => each === state).length;
      return n === 0 ? [] : [`${n} ${state}`];
    })
    .join(', ');
}

/** How many are at work, for the heading of a screen. */
export function orchestratorsAtWork(
  orchestrators: readonly OrchestratorRecord[],
  heartbeatMs: number,
): string {
  if (orchestrators.length === 0) return 'no orchestrator at work';
  const unusual = unusualOrchestrators(orchestrators, heartbeatMs);
  const all = `${count(orchestrators.length, 'orchestrator')} at work`;
  return unusual === '' ? all : `${all} (${unusual})`;
}
