import { sql } from 'kysely';
import { crashPoint } from '../../core/crash-points.ts';
import type { NewEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import { mayUse, takeTrial } from '../../core/resilience/breaker.ts';
import type { Claim, ClaimResult, DispatchDecision, Store } from '../../core/tasks/ports.ts';
import { changeAccount } from './accounts.ts';
import { dispatchSnapshots } from './dispatch-snapshot.ts';
import { byIndex, byKeyFirst, listed, prepared, sized } from './prepared.ts';
import { asTask } from './read-tasks.ts';
import type { Session, Write } from './session.ts';
import { appendToLog, headOf } from './stream.ts';
import type { Writer } from './writer.ts';

type Trial = NonNullable<DispatchDecision['trials']>[number];
type ClaimRequest = Parameters<Store['claim']>[0];

interface ClaimValues {
  readonly owner: string;
  readonly leaseMs: number;
}

const claimTasks = sized((size) =>
  prepared((db, values: ClaimValues & Record<`id${number}`, string>, { project, now }) =>
    db
      .updateTable('tasks')
      .set((eb) => ({
        state: 'claimed',
        owner: values.owner,
        fence: eb('fence', '+', 1),
        attempts: eb('attempts', '+', 1),
        lease_until: sql<number>`${now} + ${values.leaseMs}`,
        started_at: now,
        not_before: null,
        reason: null,
      }))
      .where('project_id', '=', project)
      .where(byKeyFirst('state'), '=', 'pending')
      .where('pending_needs', '=', 0)
      .where('id', 'in', listed(values, size))
      .returningAll(),
  ),
);

/**
 * Chooses without a lock, because mostly there is nothing to claim, then claims under it. Every change that
 * matters to the choice moves the log's head, so a head that stands still proves that the choice is still right.
 * While this process writes, the choice waits for its turn instead and shares the commit: an attempt's end and the
 * claim of what it made ready are one transaction.
 */
export async function claim(session: Session, writer: Writer, request: ClaimRequest): Promise<ClaimResult> {
  if (request.freeSlots <= 0) return { claims: [], wakeAt: undefined };
  const early = writer.isBusy ? undefined : await look(session, request);
  if (early?.claims.length === 0) return { claims: [], wakeAt: early.wakeAt };
  return await writer.write(async (tx) => {
    const isFresh = early !== undefined && (await headOf(tx)) === early.head;
    const { claims, wakeAt, trials } = isFresh ? early : await choose(tx, request);
    return { claims: await take(tx, request, await admitted(tx, claims, trials)), wakeAt };
  });
}

async function look(session: Session, request: ClaimRequest): Promise<DispatchDecision & { head: number }> {
  const head = await headOf(session);
  return { head, ...(await choose(session, request)) };
}

/** Shows `decide` the ready tasks page by page, so that those which cannot start never hide those behind them. */
async function choose(session: Session, request: ClaimRequest): Promise<DispatchDecision> {
  const claims: TaskId[] = [];
  const trials: Trial[] = [];
  let wakeAt: number | undefined;
  for await (const snapshot of dispatchSnapshots(session, request.freeSlots, claims)) {
    const decision = request.decide(snapshot);
    claims.push(...decision.claims);
    trials.push(...(decision.trials ?? []));
    if (decision.wakeAt !== undefined) wakeAt = Math.min(wakeAt ?? decision.wakeAt, decision.wakeAt);
  }
  return { claims, wakeAt, trials };
}

/** Without the claims that would try an account which another task tries meanwhile. */
async function admitted(
  tx: Write,
  claims: readonly TaskId[],
  trials: readonly Trial[] = [],
): Promise<readonly TaskId[]> {
  const refused = new Set<TaskId>();
  for (const { task, account } of trials) {
    const standing = await changeAccount(tx, account, (before, facts) => takeTrial(before, task, facts));
    if (!mayUse(standing, task)) refused.add(task);
  }
  return refused.size === 0 ? claims : claims.filter((task) => !refused.has(task));
}

async function take(tx: Write, request: ClaimRequest, ids: readonly TaskId[]): Promise<Claim[]> {
  if (ids.length === 0) return [];
  const values = { owner: request.orchestrator, leaseMs: request.leaseMs, ...byIndex(ids) };
  const rows = new Map((await claimTasks(ids.length).all(tx, values)).map((row) => [row.id, row]));
  crashPoint('claim.taken');
  const claims = ids.map((id): Claim => {
    const row = rows.get(id);
    if (row === undefined) throw new Error(`decide chose ${id}, which is not ready`);
    const claimed = asTask(row);
    const { attempts: attempt, fence, definition } = claimed;
    return { task: id, attempt, fence, definition, leaseUntil: claimed.leaseUntil ?? 0, claimed };
  });
  const facts = claims.map(
    ({ task, attempt, fence }): NewEvent => ({
      type: 'task.claimed',
      task,
      attempt,
      fence,
      orchestrator: request.orchestrator,
    }),
  );
  await appendToLog(tx, facts);
  crashPoint('claim.logged');
  return claims;
}
