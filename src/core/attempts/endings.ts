import { afterFailure, type FailedTurn, type FailureVerdict } from '../agents/retry.ts';
import { CodewalkError, messageOf } from '../errors.ts';
import type { AttemptEvent } from '../events/event.ts';
import type { AttemptContext, AttemptEnd, StopReason } from './attempt-context.ts';

type FailedAs = Extract<AttemptEvent, { type: 'task.failed' }>['outcome'];

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
  await context.journal.commit({ type: 'task.failed', task, attempt, outcome, reason });
  return 'failed';
}

/** A turn of `role` failed: retry, park its provider, or give up, by the kind of failure. */
export async function afterFailedTurn(
  context: AttemptContext,
  role: string,
  failed: FailedTurn,
): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  const { reason } = failed;
  const verdict = verdictOn(context, failed);
  switch (verdict.kind) {
    case 'fail':
      return await fail(context, failed.kind, reason);
    case 'retry':
      return await retry(context, failed, verdict.at);
    case 'park': {
      const { name } = context.member(role).provider;
      const until = verdict.until;
      await context.engine.store.log([{ type: 'provider.limited', provider: name, until, reason }]);
      await context.journal.commit({ type: 'task.released', task, attempt, reason, notBefore: until });
      return 'released';
    }
  }
}

function verdictOn({ engine, claim, task }: AttemptContext, failed: FailedTurn): FailureVerdict {
  const { config, clock, ids } = engine;
  return afterFailure(failed, {
    failures: task.failures + 1,
    maxAttempts: claim.definition.maxAttempts ?? config.retry.maxAttempts,
    baseMs: config.retry.baseMs,
    maxMs: config.retry.maxMs,
    now: clock.now(),
    random: () => ids.random(),
  });
}

async function retry(context: AttemptContext, failed: FailedTurn, retryAt: number): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  const { kind: outcome, reason } = failed;
  const failures = context.task.failures + 1;
  await context.journal.commit({ type: 'task.retried', task, attempt, outcome, reason, retryAt, failures });
  return 'retried';
}

/** Stopped from outside: the work is made safe, and the task goes back unless its time was up. */
export async function interrupted(context: AttemptContext): Promise<AttemptEnd> {
  const { task, attempt, definition } = context.claim;
  const reason = context.signal.reason as StopReason;
  if (reason === 'lease-lost') return await abandon(context);
  if (context.hasWorkspace) await context.snapshot('work of an interrupted attempt');
  if (reason === 'timeout') {
    const role = context.history.at(-1)?.agent ?? context.workflow.steps[0]?.agent ?? '';
    const late = `no end after ${definition.timeoutMs} ms (timeout)`;
    return await afterFailedTurn(context, role, { kind: 'stalled', reason: late, limit: 'timeout' });
  }
  await context.journal.commit({ type: 'task.released', task, attempt, reason: 'stopped' });
  return 'released';
}

/** The task is not ours any more. After a person's cancel nobody else has the worktree: its work is kept. */
export async function abandon(context: AttemptContext): Promise<AttemptEnd> {
  const task = await context.engine.store.task(context.claim.task);
  const nobodys = task?.owner === undefined && task?.attempts === context.claim.attempt;
  if (nobodys && context.hasWorkspace) await context.snapshot('work of a cancelled attempt');
  return 'lost';
}

/** Something of ours broke, for example the worktree: the attempt failed, another one may do better. */
export async function crashed(context: AttemptContext, error: unknown): Promise<AttemptEnd> {
  const hopeless = error instanceof CodewalkError && HOPELESS.has(error.code);
  const failed: FailedTurn = { kind: 'transient', reason: messageOf(error) };
  const verdict = verdictOn(context, failed);
  if (hopeless || verdict.kind !== 'retry') return await fail(context, 'workspace', failed.reason);
  return await retry(context, failed, verdict.at);
}
