import { AT_ONCE } from '../agents/ports.ts';
import { afterFailure, type FailedTurn, type FailureVerdict } from '../agents/retry.ts';
import { crashPoint } from '../crash-points.ts';
import { CodewalkError, messageOf } from '../errors.ts';
import type { AttemptEvent } from '../events/event.ts';
import type { ObjectId } from '../ids.ts';
import type { MergeIntent } from '../tasks/task.ts';
import type { FencedError } from '../workspaces/fence.ts';
import type { RemoteError } from '../workspaces/remote-error.ts';
import type { AttemptContext, AttemptEnd, StopReason } from './attempt-context.ts';
import { LeaseLostError } from './journal.ts';

type FailedAs = Extract<AttemptEvent, { type: 'task.failed' }>['outcome'];

const REMOTE_FIRST_WAIT_MS = 2_000;
const REMOTE_LONGEST_WAIT_MS = 120_000;
const HALF = 0.5;

/** Codes of errors that another attempt on this machine cannot mend. */
const HOPELESS: ReadonlySet<string> = new Set([
  'UNKNOWN_AGENT',
  'UNKNOWN_WORKFLOW',
  'NO_PROVIDER',
  'PROVIDER_MISSING',
  'SEED_NOT_IGNORED',
  'SANDBOX_UNAVAILABLE',
  'SANDBOX_PATH_MISSING',
]);

/** The attempt failed and no other may follow. */
export async function fail(context: AttemptContext, outcome: FailedAs, reason: string): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  await context.settle();
  await context.journal.commit({ type: 'task.failed', task, attempt, outcome, reason });
  return 'failed';
}

/** The task goes back as it is: another attempt begins when one can. */
export async function release(
  context: AttemptContext,
  reason: string,
  next: { role?: string } = {},
): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  await context.settle();
  await context.journal.commit({ type: 'task.released', task, attempt, reason, ...next });
  return 'released';
}

/** A turn of `role` failed: retry, give back, or give up, by the kind of failure. */
export async function afterFailedTurn(
  context: AttemptContext,
  role: string,
  failed: FailedTurn,
  isTrial = false,
): Promise<AttemptEnd> {
  const verdict = verdictOn(context, failed, { role, isTrial });
  switch (verdict.kind) {
    case 'fail':
      return await fail(context, failed.kind, failed.reason);
    case 'retry':
      return await retry(context, failed, { delayMs: verdict.delayMs, role });
    case 'release':
      return await release(context, failed.reason, { role });
  }
}

function verdictOn(
  { engine, definition, task, history }: AttemptContext,
  failed: FailedTurn,
  { role, isTrial }: { role: string | undefined; isTrial: boolean },
): FailureVerdict {
  const { config, ids } = engine;
  // The last step is the one that failed now.
  const earlier = history
    .slice(0, -1)
    .flatMap(({ agent, outcome, summary }) =>
      agent === role && outcome === failed.kind ? [summary ?? ''] : [],
    );
  return afterFailure(failed, {
    failures: task.failures + 1,
    maxAttempts: definition.maxAttempts ?? config.retry.maxAttempts,
    baseMs: config.retry.baseMs,
    maxMs: config.retry.maxMs,
    random: () => ids.random(),
    isTrial,
    earlier,
  });
}

async function retry(
  context: AttemptContext,
  failed: FailedTurn,
  { delayMs, ...next }: { delayMs: number; role?: string },
): Promise<AttemptEnd> {
  const { engine, claim } = context;
  const { task, attempt } = claim;
  const retryAt = await engine.store.planRetry(delayMs, engine.config.retry.perMinute);
  crashPoint('retry.planned');
  const { kind: outcome, reason } = failed;
  const failures = context.task.failures + 1;
  await context.settle();
  await context.journal.commit({
    type: 'task.retried',
    task,
    attempt,
    outcome,
    reason,
    retryAt,
    failures,
    ...next,
  });
  crashPoint('retry.written');
  return 'retried';
}

/** Stopped from outside: the work is made safe, and the task goes back unless its time was up. */
export async function interrupted(context: AttemptContext): Promise<AttemptEnd> {
  const reason = context.signal.reason as StopReason;
  if (reason === AT_ONCE) return await leave(context);
  if (reason === 'lease-lost') return await abandon(context);
  const unsaved = await keepWork(context, 'work of an interrupted attempt');
  if (reason === 'timeout') {
    const role = context.history.at(-1)?.agent ?? context.workflow.steps[0]?.agent ?? '';
    await context.refresh();
    const late = `no end after ${context.definition.timeoutMs} ms (timeout)`;
    return await afterFailedTurn(context, role, { kind: 'stalled', reason: late, limit: 'timeout' });
  }
  return await release(context, unsaved === undefined ? 'stopped' : `stopped; ${unsaved}`);
}

/** Commits what is in the worktree. Returns why that failed, in which case it stays where it is. */
async function keepWork(context: AttemptContext, what: string): Promise<string | undefined> {
  if (!context.hasWorkspace) return undefined;
  try {
    await context.snapshot(what);
    return undefined;
  } catch (error) {
    return `what is in its worktree is not committed: ${messageOf(error)}`;
  }
}

/**
 * Others may have the task, and its worktree: nothing is touched. What the agent said and used is told to the store,
 * which refuses it if they have.
 */
export async function leave({ journal }: AttemptContext): Promise<AttemptEnd> {
  try {
    await journal.commit();
  } catch (error) {
    if (!(error instanceof LeaseLostError)) throw error;
  }
  return 'lost';
}

/** The task is not ours any more. After a person's word, nobody else has the worktree: its work is kept. */
export async function abandon(context: AttemptContext): Promise<AttemptEnd> {
  const task = await context.engine.store.task(context.claim.task);
  const nobodys = task?.owner === undefined && task?.attempts === context.claim.attempt;
  const word = task?.state === 'pending' || task?.state === 'waiting_input' ? 'paused' : 'cancelled';
  if (nobodys) await keepWork(context, `work of a ${word} attempt`);
  return 'lost';
}

/**
 * Git knows a newer attempt of the task: what was refused is written down. Where the store says that the task is still
 * ours (it was restored from a backup that knows fewer fences), the next attempt has a higher fence.
 */
export async function fenced(context: AttemptContext, error: FencedError): Promise<AttemptEnd> {
  const { task, attempt, fence } = context.claim;
  const heldFence = error.heldFence ?? fence;
  const facts = ['refs'];
  await context.engine.store.log([{ type: 'write.refused', task, attempt, fence, heldFence, facts }]);
  try {
    await context.journal.commit({ type: 'task.released', task, attempt, reason: error.message });
    return 'released';
  } catch (lost) {
    if (lost instanceof LeaseLostError) return 'lost';
    throw lost;
  }
}

/**
 * Writes down a merge that was intended and is in the branch, however that came to be known. Returns the branch's head
 * then; absent: it is not in there.
 */
export async function recordVisibleMerge(
  context: AttemptContext,
  intent: MergeIntent | undefined,
): Promise<ObjectId | undefined> {
  if (intent === undefined) return undefined;
  const { integration, config } = context.engine;
  const { branch, commit } = intent;
  const head = await integration.head(branch);
  if (head === undefined || !(await integration.isAncestor(commit, head))) return undefined;
  const { task, attempt } = context.claim;
  const { strategy } = config.merge;
  await context.journal.commit(
    { type: 'merge.done', task, attempt, branch, commit, strategy, recovered: true },
    { type: 'task.done', task, attempt, commit, summary: context.workSummary() ?? '' },
  );
  crashPoint('merge.recovered');
  return head;
}

/** Did it break after the branch had moved? Then nothing has failed. */
async function isMerged(context: AttemptContext): Promise<boolean> {
  const { store } = context.engine;
  const intent = (await store.task(context.claim.task))?.intent;
  try {
    return (await recordVisibleMerge(context, intent)) !== undefined;
  } catch (error) {
    if (error instanceof LeaseLostError) throw error;
    // The next attempt finds out.
    return false;
  }
}

/**
 * The git remote that hosts share failed us. That is no failure of the task: it waits until the remote may be back, or
 * for a person where only a person can help. The work is on this host.
 */
export async function remoteFailed(context: AttemptContext, error: RemoteError): Promise<AttemptEnd> {
  const { engine, claim, task: before } = context;
  const { task, attempt } = claim;
  const { message: reason, advice } = error;
  if (!error.passes) {
    const question = `${reason}. ${advice ?? ''} Answer when that is done, and the task goes on.`;
    const questions = [{ id: `remote-${attempt}`, question }];
    await context.journal.commit({ type: 'task.asked', task, attempt, step: context.lastStep, questions });
    return 'waiting';
  }
  const wait = Math.min(REMOTE_FIRST_WAIT_MS * 2 ** (error.inARow - 1), REMOTE_LONGEST_WAIT_MS);
  const delayMs = Math.round(wait * (1 + engine.ids.random()) * HALF);
  const retryAt = await engine.store.planRetry(delayMs, engine.config.retry.perMinute);
  const { failures } = before;
  await context.journal.commit({
    type: 'task.retried',
    task,
    attempt,
    outcome: 'transient',
    reason,
    retryAt,
    failures,
  });
  return 'retried';
}

/** Something of ours broke, for example the worktree: the attempt failed, another one may do better. */
export async function crashed(context: AttemptContext, error: unknown): Promise<AttemptEnd> {
  const hopeless = error instanceof CodewalkError && HOPELESS.has(error.code);
  const failed: FailedTurn = { kind: 'transient', reason: messageOf(error) };
  if (await isMerged(context)) return 'done';
  const verdict = verdictOn(context, failed, { role: undefined, isTrial: false });
  if (hopeless || verdict.kind !== 'retry') return await fail(context, 'workspace', failed.reason);
  return await retry(context, failed, { delayMs: verdict.delayMs });
}
