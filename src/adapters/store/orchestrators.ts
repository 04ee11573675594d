import { sql } from 'kysely';
import { crashPoint } from '../../core/crash-points.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Heartbeat, HeldLeases, NamedLease, TaskLease } from '../../core/tasks/ports.ts';
import type { NewOrchestrator, OrchestratorRecord } from '../../core/tasks/task.ts';
import { releaseLeasesOf, renewNamed } from './named-leases.ts';
import { nowOf, prepared } from './prepared.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import { endOpenTurns } from './projections/turn-rows.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';

/** An orchestrator that has not sent its first heartbeat is taken for dead after this long. */
const FIRST_LEASE_MS = 60_000;
/** One that was lost is forgotten after this long, if it does not come back. */
const KEEP_LOST_MS = 24 * 3_600_000;

const readOrchestrators = prepared((db, values: { lost: number }, { project, now }) =>
  db
    .selectFrom('orchestrators')
    .selectAll()
    .select(now.as('now'))
    .where('project_id', '=', project)
    .where('lost', '<=', values.lost)
    .orderBy('started_at')
    .orderBy('id'),
);

const beat = prepared((db, values: { id: string; leaseMs: number; agents: number }, { project, now }) =>
  db
    .updateTable('orchestrators')
    .set({
      last_heartbeat: now,
      agent_count: values.agents,
      lease_until: sql<number>`${now} + ${values.leaseMs}`,
      lost: 0,
    })
    .where('project_id', '=', project)
    .where('id', '=', values.id)
    .returning('stop_by'),
);

const renewTask = prepared(
  (db, values: { task: string; owner: string; fence: number; leaseMs: number }, { project, now }) =>
    db
      .updateTable('tasks')
      .set({ lease_until: sql<number>`${now} + ${values.leaseMs}` })
      .where('project_id', '=', project)
      .where('id', '=', values.task)
      .where('owner', '=', values.owner)
      .where('fence', '=', values.fence),
);

const readHeldBy = prepared((db, values: { owner: string }, { project }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'attempts'])
    .where('project_id', '=', project)
    .where('owner', '=', values.owner)
    .orderBy('position'),
);

const readOverdue = prepared((db, _values: object, { project, now }) =>
  db
    .selectFrom('tasks')
    .select(['id', 'attempts', 'owner'])
    .where('project_id', '=', project)
    .where('owner', 'is not', null)
    .where('lease_until', '<=', now)
    .orderBy('position'),
);

const readStale = prepared((db, _values: object, { project, now }) =>
  db
    .selectFrom('orchestrators')
    .select('id')
    .where('project_id', '=', project)
    .where('lost', '=', 0)
    .where('lease_until', '<=', now)
    .orderBy('id'),
);

/** Heartbeats from the future by more than this were written before the clock was set back. */
const CLOCK_SLACK_MS = 1_000;

const readAhead = prepared((db, _values: object, { project, now }) =>
  db
    .selectFrom('orchestrators')
    .select('id')
    .where('project_id', '=', project)
    .where('lost', '=', 0)
    .where('last_heartbeat', '>', sql<number>`${now} + ${sql.lit(CLOCK_SLACK_MS)}`)
    .limit(1),
);

/** They would outlast their holder by as much as the clock was set back: they begin anew. */
const beginLeasesAnew = prepared((db, _values: object, { project, now }) =>
  db
    .updateTable('orchestrators')
    .set({ lease_until: sql<number>`${now} + lease_until - last_heartbeat`, last_heartbeat: now })
    .where('project_id', '=', project)
    .where('lost', '=', 0)
    .where('last_heartbeat', '>', sql<number>`${now} + ${sql.lit(CLOCK_SLACK_MS)}`),
);

export async function orchestratorsOf(
  session: Session,
  { lost = false }: { lost?: boolean } = {},
): Promise<OrchestratorRecord[]> {
  return (await readOrchestrators.all(session, { lost: lost ? 1 : 0 })).map((row) => ({
    id: row.id,
    host: row.host,
    process: { pid: row.pid, startTime: row.pid_start, bootId: row.boot_id },
    version: row.version,
    maxAgents: row.max_agents,
    agents: row.agent_count,
    startedAt: row.started_at,
    lastHeartbeat: row.last_heartbeat,
    silentMs: Math.max(0, row.now - row.last_heartbeat),
    leaseLeftMs: Math.max(0, row.lease_until - row.now),
    isLost: row.lost === 1,
    stopBy: row.stop_by ?? undefined,
  }));
}

export async function registerOrchestrator(
  tx: Write,
  orchestrator: NewOrchestrator,
  leaseMs = FIRST_LEASE_MS,
): Promise<void> {
  const now = nowOf(tx.kind);
  const { id, host, process, version, maxAgents } = orchestrator;
  await tx.db
    .deleteFrom('orchestrators')
    .where('project_id', '=', tx.project)
    .where('lost', '=', 1)
    .where('lease_until', '<', sql<number>`${now} - ${sql.lit(KEEP_LOST_MS)}`)
    .execute();
  await tx.db
    .insertInto('orchestrators')
    .values({
      project_id: tx.project,
      id,
      host,
      pid: process.pid,
      pid_start: process.startTime,
      boot_id: process.bootId,
      version,
      max_agents: maxAgents,
      started_at: now,
      last_heartbeat: now,
      lease_until: sql<number>`${now} + ${sql.lit(leaseMs)}`,
      lost: 0,
    })
    .execute();
  await appendToLog(tx, [
    { type: 'orchestrator.started', orchestrator: id, host, pid: process.pid, version, maxAgents },
  ]);
}

export async function heartbeat(tx: Write, id: string, held: HeldLeases): Promise<Heartbeat> {
  const { leaseMs } = held;
  const row = await beat.first(tx, { id, leaseMs, agents: held.leases.length });
  const lostTasks: TaskLease[] = [];
  for (const lease of held.leases) {
    const { task, fence } = lease;
    if ((await renewTask.run(tx, { task, owner: id, fence, leaseMs })) === 0) lostTasks.push(lease);
  }
  const lostNames: NamedLease[] = [];
  for (const lease of held.names) {
    if (!(await renewNamed(tx, lease, id, leaseMs))) lostNames.push(lease);
  }
  return { lostTasks, lostNames, stopBy: row?.stop_by ?? undefined };
}

export async function deregisterOrchestrator(tx: Write, id: string, reason: string): Promise<void> {
  for (const row of await readHeldBy.all(tx, { owner: id })) {
    await giveBack(tx, row, `orchestrator ${id} stopped`, false);
  }
  await releaseLeasesOf(tx, id);
  const { numDeletedRows } = await tx.db
    .deleteFrom('orchestrators')
    .where('project_id', '=', tx.project)
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  if (numDeletedRows > 0n) {
    await appendToLog(tx, [{ type: 'orchestrator.stopped', orchestrator: id, reason }]);
  }
}

/** Ends a registration whose owner has stopped its own work; gives back what nobody took meanwhile. */
export async function fenceOrchestrator(
  tx: Write,
  id: string,
  { reason, tasks }: { reason: string; tasks: readonly TaskId[] },
): Promise<void> {
  await appendToLog(tx, [{ type: 'orchestrator.fenced', orchestrator: id, reason, tasks }]);
  for (const row of await readHeldBy.all(tx, { owner: id })) await giveBack(tx, row, reason, false);
  await releaseLeasesOf(tx, id);
  await removeOrchestrators(tx, [id]);
}

export async function forgetOrchestrators(tx: Write, ids: readonly string[]): Promise<void> {
  await removeOrchestrators(tx, ids, 1);
}

export async function dismissOrchestrator(tx: Write, id: string, by: string): Promise<boolean> {
  const { numUpdatedRows } = await tx.db
    .updateTable('orchestrators')
    .set({ stop_by: by })
    .where('project_id', '=', tx.project)
    .where('id', '=', id)
    .where('lost', '=', 0)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await appendToLog(tx, [{ type: 'orchestrator.dismissed', orchestrator: id, by }]);
  return true;
}

async function removeOrchestrators(tx: Write, ids: readonly string[], lost?: 0 | 1): Promise<void> {
  if (ids.length === 0) return;
  let removal = tx.db
    .deleteFrom('orchestrators')
    .where('project_id', '=', tx.project)
    .where('id', 'in', [...ids]);
  if (lost !== undefined) removal = removal.where('lost', '=', lost);
  await removal.execute();
}

/** Whether a reclaim would find anything; mostly not, and then nobody needs to write. */
export async function hasOverdue(session: Session): Promise<boolean> {
  return (
    (await readOverdue.first(session, {})) !== undefined ||
    (await readStale.first(session, {})) !== undefined ||
    (await readAhead.first(session, {})) !== undefined
  );
}

/** Gives back what the dead and the silent held, but not what the spared hold. Returns the tasks. */
export async function reclaim(
  tx: Write,
  dead: readonly string[],
  spared: readonly string[],
): Promise<TaskId[]> {
  const reclaimed: TaskId[] = [];
  await beginLeasesAnew.run(tx, {});
  const isSpared = new Set<string | null>(spared);
  const stale = (await readStale.all(tx, {})).map(({ id }) => id).filter((id) => !isSpared.has(id));
  const lost = new Set([...dead, ...stale]);
  for (const id of lost) {
    const { numUpdatedRows } = await tx.db
      .updateTable('orchestrators')
      .set({ lost: 1 })
      .where('project_id', '=', tx.project)
      .where('id', '=', id)
      .where('lost', '=', 0)
      .executeTakeFirstOrThrow();
    const rows = await readHeldBy.all(tx, { owner: id });
    if (numUpdatedRows === 0n && rows.length === 0) continue;
    const tasks = rows.map((row) => row.id as TaskId);
    await appendToLog(tx, [{ type: 'orchestrator.lost', orchestrator: id, tasks }]);
    crashPoint('reclaim.lost');
    for (const row of rows) await giveBack(tx, row, `orchestrator ${id} was lost`, true);
    await releaseLeasesOf(tx, id);
    reclaimed.push(...tasks);
  }
  for (const row of await readOverdue.all(tx, {})) {
    if (isSpared.has(row.owner)) continue;
    await giveBack(tx, row, `the lease of orchestrator ${row.owner} ran out`, true);
    reclaimed.push(row.id as TaskId);
  }
  return reclaimed;
}

/** A task back into the queue. `stepsLive`: nobody stopped its processes, so they stay listed. */
async function giveBack(
  tx: Write,
  row: { id: string; attempts: number },
  reason: string,
  stepsLive: boolean,
): Promise<void> {
  const change = await TaskChange.begin(tx, row.id as TaskId);
  if (change === undefined) return;
  change.stepsLive = stepsLive;
  await endOpenTurns(change, { how: stepsLive ? 'crashed' : 'stopped', reason });
  await record(change, [{ type: 'task.released', task: change.id, attempt: row.attempts, reason }]);
}
