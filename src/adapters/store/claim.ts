import { sql } from 'kysely';
import { crashPoint } from '../../core/crash-points.ts';
import type { NewEvent } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import { mayUse, takeTrial } from '../../core/resilience/breaker.ts';
import type { Claim, ClaimResult, DispatchDecision, Store } from '../../core/tasks/ports.ts';
import { changeAccount } from './accounts.ts';
import type { DispatchRows } from './ahead.ts';
import {
  approvalsWaiting,
  askForDispatch,
  dispatchSnapshots,
  pageSize,
  type ReadyRow,
} from './dispatch-snapshot.ts';
import { byIndex, byKeyFirst, listed, prepared, sized } from './prepared.ts';
import { asTask } from './read-tasks.ts';
import type { Session, Write } from './session.ts';
import { headOf } from './stream.ts';
import { Late, type Writer } from './writer.ts';

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
      .where('paused_at', 'is', null)
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
  if (request.freeSlots <= 0) return { claims: [], wakeInMs: undefined };
  const early = writer.isBusy ? undefined : await look(session, request);
  if (early?.claims.length === 0) return { claims: [], wakeInMs: early.wakeInMs };
  return await writer.write<ClaimResult>(
    async (tx) => {
      const isFresh = early !== undefined && (await tx.log.head()) === early.head;
      const asked = tx.ahead.takeDispatch(pageSize(request.freeSlots));
      const { wakeInMs, ...choice } = isFresh ? early : await choose(tx, request, asked);
      const claims = take(tx, request, await admitted(tx, choice.claims, choice.trials), choice.seen);
      return new Late(claims.then((made) => ({ claims: made, wakeInMs })));
    },
    (tx) => {
      if (early === undefined) tx.ahead.askForDispatch(tx, () => askForDispatch(tx, request.freeSlots));
    },
  );
}

async function look(session: Session, request: ClaimRequest): Promise<Choice & { head: number }> {
  // First: what is chosen may be newer than the number, never older.
  const head = await headOf(session);
  return { head, ...(await choose(session, request)) };
}

interface Choice extends Pick<ClaimResult, 'wakeInMs'> {
  readonly claims: readonly TaskId[];
  readonly trials: readonly Trial[];
  /** Every ready task that was looked at. */
  readonly seen: ReadonlyMap<TaskId, ReadyRow>;
}

/** Shows `decide` the ready tasks page by page, so that those which cannot start never hide those behind them. */
async function choose(session: Session, request: ClaimRequest, asked?: DispatchRows): Promise<Choice> {
  const { freeSlots } = request;
  const claims: TaskId[] = [];
  const trials: Trial[] = [];
  const seen = new Map<TaskId, ReadyRow>();
  let wakeInMs: number | undefined;
  const approvals = request.wantsApprovals === true ? await approvalsWaiting(session) : undefined;
  for await (const page of dispatchSnapshots(session, { freeSlots, chosen: claims, seen, asked })) {
    const snapshot = approvals === undefined ? page : { ...page, approvals };
    const decision = request.decide(snapshot);
    claims.push(...decision.claims);
    trials.push(...(decision.trials ?? []));
    if (decision.wakeAt !== undefined) {
      const inMs = Math.max(0, decision.wakeAt - snapshot.now);
      wakeInMs = Math.min(wakeInMs ?? inMs, inMs);
    }
  }
  return { claims, wakeInMs, trials, seen };
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

/** Takes the tasks and logs that. Which ones is known before the answer, which comes with the commit at the latest. */
function take(
  tx: Write,
  request: ClaimRequest,
  ids: readonly TaskId[],
  seen: ReadonlyMap<TaskId, ReadyRow>,
): Promise<Claim[]> {
  if (ids.length === 0) return Promise.resolve([]);
  const { orchestrator, leaseMs } = request;
  const facts = ids.map((task): Extract<NewEvent, { type: 'task.claimed' }> => {
    const row = seen.get(task);
    if (row === undefined) throw new Error(`decide chose ${task}, which is not ready`);
    return { type: 'task.claimed', task, attempt: row.attempts + 1, fence: row.fence + 1, orchestrator };
  });
  const claimed = claimTasks(ids.length).postAll(tx, { owner: orchestrator, leaseMs, ...byIndex(ids) });
  crashPoint('claim.taken');
  tx.log.add(facts);
  crashPoint('claim.logged');
  return claimed.then((rows) => {
    const byId = new Map(rows.map((row) => [row.id, row]));
    return facts.map(({ task, attempt, fence }): Claim => {
      const row = byId.get(task);
      if (row === undefined || row.fence !== fence) throw new Error(`${task} was not ready to be claimed`);
      const claim = asTask(row);
      const { definition, leaseUntil = 0 } = claim;
      return { task, attempt, fence, definition, leaseUntil, claimed: claim };
    });
  });
}
