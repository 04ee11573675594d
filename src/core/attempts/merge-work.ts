import { crashPoint } from '../crash-points.ts';
import { messageOf } from '../errors.ts';
import type { MergeOutcome } from '../merging/merge-queue.ts';
import { awaitMergeApproval, mayMerge } from './approval.ts';
import type { AttemptContext, AttemptEnd, SentBack } from './attempt-context.ts';
import { isOutdated } from './edited-step.ts';
import { fail, interrupted } from './endings.ts';
import { isAfterWorkflow } from './next-step.ts';
import { runStep } from './run-step.ts';

type Refused = Extract<MergeOutcome, { kind: 'conflicted' | 'refused' | 'verify-failed' }>;

/**
 * Merges the finished work. When it conflicts or fails its check on the merged tree, sends it back to the role that
 * made it, once, and returns nothing, so that the caller merges again.
 */
export async function mergeWork(context: AttemptContext): Promise<AttemptEnd | undefined> {
  const marked = await stillMarked(context);
  if (marked !== undefined) return await bounceTo(context, marked);
  const asked = await awaitMergeApproval(context);
  if (asked !== undefined) return asked;
  const { engine, claim, journal } = context;
  const { task, attempt } = claim;
  const summary = context.workSummary() ?? '';
  const stat = await engine.workspaces.diffStat(context.workspace);
  // From here on the history says that the work is made: another host must be able to get it.
  await engine.workspaces.settle(context.workspace);
  journal.note({ type: 'merge.queued', task, attempt, head: context.head, ...stat });
  await using log = engine.logs.open({ task: context.place, attempt, step: context.lastStep + 1 });
  const outcome = await engine.merges.merge({
    task,
    attempt,
    workspace: context.workspace,
    head: context.head,
    message: context.message(`Merge ${task}: ${context.definition.title}`, summary),
    summary,
    verify: context.verifyCommand(),
    env: context.env(),
    intent: context.task.intent,
    journal,
    signal: context.signal,
    isOutdated: async () => {
      await context.refresh();
      return isOutdated(context) || !(await mayMerge(context));
    },
    onVerifyLine: (line) => log.text(line),
  });
  switch (outcome.kind) {
    case 'interrupted':
      return await interrupted(context);
    case 'outdated':
      return undefined;
    case 'merged': {
      const branch = engine.config.merge.integrationBranch;
      const mergedInto = outcome.commit ?? (await engine.integration.head(branch)) ?? context.head;
      try {
        await engine.workspaces.release(context.workspace, { mergedInto, mergedHead: outcome.head });
        crashPoint('worktree.ended');
        await engine.sandboxes.discard(context.place);
      } catch (error) {
        // The task is done. What could not be removed waits for the next run, or for `cw worktree prune`.
        log.text(`[worktree] it stays for now: ${messageOf(error)}`);
      }
      return 'done';
    }
    default:
      return await sendBack(context, outcome);
  }
}

/** Brings the other side into the worktree and hands the rest to the agent that made the work. */
async function sendBack(context: AttemptContext, outcome: Refused): Promise<AttemptEnd | undefined> {
  const brought = await context.engine.workspaces.bringIn(context.workspace, outcome.onto);
  context.workspace = { ...context.workspace, base: outcome.onto };
  if (brought.kind === 'clean' && outcome.kind === 'conflicted') {
    await context.snapshot('the integration branch brought in');
    return undefined;
  }
  context.bounces += 1;
  const { task, attempt } = context.claim;
  const bounce = context.bounces;
  if (outcome.kind === 'conflicted') {
    const { others } = outcome;
    return await bounceTo(context, {
      type: 'merge.conflicted',
      task,
      attempt,
      files: brought.files,
      others,
      bounce,
    });
  }
  if (outcome.kind === 'refused') {
    const { files, reason } = outcome;
    return await bounceTo(context, { type: 'merge.refused', task, attempt, files, reason, bounce });
  }
  const { command, exitCode, output } = outcome;
  return await bounceTo(context, {
    type: 'merge.verify_failed',
    task,
    attempt,
    command,
    exitCode,
    output,
    bounce,
  });
}

/** Files that the last conflict left marked are still marked: that is no merge to make, but another bounce. */
async function stillMarked(context: AttemptContext): Promise<SentBack | undefined> {
  const { sentBack } = context;
  if (sentBack?.type !== 'merge.conflicted') return undefined;
  const files = await context.engine.workspaces.unresolved(context.workspace, sentBack.files);
  if (files.length === 0) return undefined;
  context.bounces += 1;
  const { task, others } = sentBack;
  const { attempt } = context.claim;
  return { type: 'merge.conflicted', task, attempt, files, others, bounce: context.bounces };
}

/** One more step of the maker on the merged worktree, unless it had its tries. */
async function bounceTo(context: AttemptContext, fact: SentBack): Promise<AttemptEnd | undefined> {
  context.sentBack = fact;
  await context.journal.commit(fact);
  if (fact.bounce > context.engine.config.merge.maxBounces) return await giveUp(context, fact);
  const { index, agent } = maker(context);
  return await runStep(context, {
    kind: 'step',
    index,
    agent,
    round: fact.bounce + 1,
    stepKind: fact.type === 'merge.conflicted' ? 'conflict' : 'repair',
    feedback: undefined,
    verify: false,
    continueSession: true,
  });
}

/** The step whose role made the work: the last one that may edit, of those up to `upTo` in the workflow. */
export function maker(
  context: AttemptContext,
  { upTo = Number.POSITIVE_INFINITY }: { upTo?: number } = {},
): { index: number; agent: string } {
  const made = context.history.findLast(
    ({ agent, verdict, kind, index }) =>
      index <= upTo &&
      verdict === 'done' &&
      !isAfterWorkflow(kind) &&
      context.member(agent).agent.tools.includes('edit'),
  );
  return (
    made ?? { index: 0, agent: context.workflow.steps[0]?.agent ?? context.engine.config.defaults.agent }
  );
}

async function giveUp(context: AttemptContext, fact: SentBack): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  await context.snapshot('a merge that did not succeed');
  if (fact.type === 'merge.verify_failed') {
    return await fail(
      context,
      'merge',
      `\`${fact.command}\` still exits with ${fact.exitCode} on the merged result`,
    );
  }
  if (fact.type === 'merge.refused') return await fail(context, 'merge', fact.reason);
  await context.settle();
  const question = `The work of ${task} conflicts with the integration branch in ${fact.files.join(', ')}, and the agent could not resolve it in ${fact.bounce - 1} tries. How should it be resolved? The worktree with both sides is ${context.workspace.path}.`;
  await context.journal.commit({
    type: 'task.asked',
    task,
    attempt,
    step: context.lastStep,
    questions: [{ id: `merge-${attempt}`, question }],
  });
  return 'waiting';
}
