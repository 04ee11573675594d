import { AT_ONCE } from '../agents/ports.ts';
import { crashPoint } from '../crash-points.ts';
import { CodewalkError, messageOf } from '../errors.ts';
import type { Claim } from '../tasks/ports.ts';
import { FencedError, type TaskFence } from '../workspaces/fence.ts';
import { RemoteError } from '../workspaces/remote-error.ts';
import { awaitApproval } from './approval.ts';
import { AttemptContext, type AttemptEnd, type StopReason } from './attempt-context.ts';
import { editedStep } from './edited-step.ts';
import {
  abandon,
  crashed,
  fail,
  fenced,
  interrupted,
  leave,
  recordVisibleMerge,
  remoteFailed,
} from './endings.ts';
import type { Engine } from './engine.ts';
import { finishPlanning } from './finish-planning.ts';
import { Journal, LeaseLostError } from './journal.ts';
import { maker, mergeWork } from './merge-work.ts';
import { forgetMissingWork } from './missing-work.ts';
import { nextStep, type SentBackTo } from './next-step.ts';
import { runStep } from './run-step.ts';

const REASON_CHARS = 200;

/**
 * Runs one claimed attempt to its end: worktree, the workflow's steps, merge. Never throws for anything that the
 * agent, git or the project does: that ends the attempt with the reason in the store. It does throw when the
 * store itself cannot be written.
 *
 * `control` stops it; its abort reason is a `StopReason`. Its time limit is kept by whoever starts it (`Deadline`). `onFinishing` is called when the task's end is on its way
 * to the store: from then on the attempt starts no agent any more, it only cleans up.
 */
export async function runAttempt(
  engine: Engine,
  claim: Claim,
  control: AbortController,
  onFinishing: () => void,
): Promise<AttemptEnd> {
  const stop = (reason: StopReason) => {
    if (!control.signal.aborted) control.abort(reason);
  };
  const journal = new Journal(engine.store, claim, {
    lost: () => stop('lease-lost'),
    finishing: onFinishing,
  });
  let context: AttemptContext | undefined;
  try {
    context = await AttemptContext.open(engine, claim, control, journal);
    return await attempt(context);
  } catch (error) {
    if (context === undefined) return await failedToOpen(claim, journal, error);
    return await afterError(context, error);
  } finally {
    await context?.provision?.[Symbol.asyncDispose]();
  }
}

async function afterError(context: AttemptContext, error: unknown): Promise<AttemptEnd> {
  try {
    if (error instanceof FencedError) return await fenced(context, error);
    if (context.signal.reason === AT_ONCE) return await leave(context);
    if (error instanceof LeaseLostError) return await abandon(context);
    if (context.signal.aborted) return await interrupted(context);
    if (error instanceof RemoteError) return await remoteFailed(context, error);
    return await crashed(context, error);
  } catch (later) {
    // The lease may turn out to be lost only when the end is written down.
    if (later instanceof LeaseLostError) return await abandon(context);
    if (later instanceof FencedError) return await fenced(context, later);
    throw later;
  }
}

async function attempt(context: AttemptContext): Promise<AttemptEnd> {
  const fence = await context.engine.workspaces.raiseFence({
    task: context.place,
    fence: context.claim.fence,
  });
  if (await settleIntent(context, fence)) return 'done';
  await openWorkspace(context, fence);
  for (;;) {
    if (context.signal.aborted) return await interrupted(context);
    const next = nextStep(context.workflow, context.history, sentBackTo(context));
    if (next.kind === 'exhausted') {
      const reason = `${next.agent} rejected the work ${next.rejections} times: ${firstLine(next.feedback)}`;
      return await fail(context, 'workflow', reason);
    }
    await context.refresh();
    const step = editedStep(context, next) ?? next;
    if (step.kind === 'finished') {
      const end = await finish(context);
      if (end !== undefined) return end;
      continue;
    }
    const end = (await awaitApproval(context, step)) ?? (await runStep(context, step));
    if (end !== undefined) return end;
  }
}

async function finish(context: AttemptContext): Promise<AttemptEnd | undefined> {
  const { planning } = context.definition;
  return planning === undefined ? await mergeWork(context) : await finishPlanning(context, planning);
}

/** A merge that became visible before a crash only has to be written down. */
async function settleIntent(context: AttemptContext, fence: TaskFence): Promise<boolean> {
  const { workspaces, logs } = context.engine;
  const head = await recordVisibleMerge(context, context.task.intent);
  if (head === undefined) return false;
  try {
    const left = await workspaces.open({ task: context.place, base: head, fence });
    await workspaces.release(left, { mergedInto: head, mergedHead: context.task.head ?? head });
  } catch (error) {
    // The task is done. What could not be removed waits for the next run, or for `cw worktree prune`.
    await using log = logs.open({
      task: context.place,
      attempt: context.claim.attempt,
      step: context.lastStep,
    });
    log.text(`[worktree] it stays for now: ${messageOf(error)}`);
  }
  return true;
}

async function openWorkspace(context: AttemptContext, fence: TaskFence): Promise<void> {
  const { integration, workspaces, config } = context.engine;
  const { task, attempt: number } = context.claim;
  const base = await integration.ensureBranch(config.merge.integrationBranch, config.merge.target);
  const workspace = await workspaces.open({ task: context.place, base, fence });
  context.workspace = workspace;
  if (workspace.reused && context.task.head !== undefined) context.head = context.task.head;
  const { branch, path: worktree, reused: resumed } = workspace;
  context.journal.note({
    type: 'task.started',
    task,
    attempt: number,
    branch,
    worktree,
    base: workspace.base,
    resumed,
  });
  // Whatever an interrupted attempt left uncommitted is made safe before anything else happens in there.
  if (resumed) await context.snapshot('work of an interrupted attempt');
  await forgetMissingWork(context);
  await provide(context);
}

/** Setup commands, seeds and ports. The log of step 0 holds what the commands print. */
async function provide(context: AttemptContext): Promise<void> {
  // Who only reads needs nothing that has to be built.
  if (context.definition.planning !== undefined) return;
  const { engine, signal } = context;
  const { task, attempt: number } = context.claim;
  await using log = engine.logs.open({ task: context.place, attempt: number, step: 0 });
  const provision = await engine.provisioner.prepare({
    workspace: context.workspace,
    env: context.env(),
    signal,
    onLine: (line) => log.text(line),
  });
  context.provision = provision;
  crashPoint('worktree.provisioned');
  const { seeded, setupMs } = provision;
  if (seeded.length === 0 && setupMs === 0) return;
  context.journal.note({ type: 'worktree.prepared', task, attempt: number, seeded, setupMs });
}

/** The task names what the config does not have: there is nothing to clean up. */
async function failedToOpen({ task, attempt }: Claim, journal: Journal, error: unknown): Promise<AttemptEnd> {
  const advice = error instanceof CodewalkError ? error.advice : undefined;
  const reason = advice === undefined ? messageOf(error) : `${messageOf(error)}. ${advice}`;
  try {
    await journal.commit({ type: 'task.failed', task, attempt, outcome: 'workflow', reason });
    return 'failed';
  } catch (lost) {
    if (lost instanceof LeaseLostError) return 'lost';
    throw lost;
  }
}

/** What persons rejected goes back to whoever made it. */
function sentBackTo(context: AttemptContext): SentBackTo[] {
  return context.rejections.map((rejection) => ({
    ...rejection,
    target: maker(context, { upTo: rejection.gate }).index,
  }));
}

function firstLine(text: string): string {
  const line = text.trim().split('\n', 1)[0] ?? '';
  return line.length > REASON_CHARS ? `${line.slice(0, REASON_CHARS - 1)}…` : line;
}
