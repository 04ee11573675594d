import type { AttemptEvent } from '../events/event.ts';
import type { MergeOutcome } from '../merging/merge-queue.ts';
import type { AttemptContext, AttemptEnd } from './attempt-context.ts';
import { fail, interrupted } from './endings.ts';
import type { PromptInput } from './prompt.ts';
import { runStep } from './run-step.ts';

type SentBack = Extract<MergeOutcome, { kind: 'conflicted' | 'verify-failed' }>;

/**
 * Merges the finished work. When it conflicts or fails its check on the merged tree, sends it back to the role that
 * made it, once, and returns nothing, so that the caller merges again.
 */
export async function mergeWork(context: AttemptContext): Promise<AttemptEnd | undefined> {
  const { engine, claim, journal } = context;
  const { task, attempt, definition } = claim;
  const summary = context.workSummary() ?? '';
  const stat = await engine.workspaces.diffStat(context.workspace);
  journal.note({ type: 'merge.queued', task, attempt, head: context.head, ...stat });
  await using log = engine.logs.open({ task, attempt, step: context.lastStep + 1 });
  const outcome = await engine.merges.merge({
    task,
    attempt,
    workspace: context.workspace,
    head: context.head,
    message: context.message(`Merge ${task}: ${definition.title}`, summary),
    summary,
    verify: context.verifyCommand(),
    intent: context.task.intent,
    journal,
    signal: context.signal,
    onVerifyLine: (line) => log.text(line),
  });
  switch (outcome.kind) {
    case 'interrupted':
      return await interrupted(context);
    case 'merged': {
      const branch = engine.config.merge.integrationBranch;
      const mergedInto = outcome.commit ?? (await engine.integration.head(branch)) ?? context.head;
      await engine.workspaces.release(context.workspace, { mergedInto, mergedHead: outcome.head });
      return 'done';
    }
    default:
      return await sendBack(context, outcome);
  }
}

/** Brings the other side into the worktree and hands the rest to the agent that made the work. */
async function sendBack(context: AttemptContext, outcome: SentBack): Promise<AttemptEnd | undefined> {
  const { workspaces, store, config } = context.engine;
  const brought = await workspaces.bringIn(context.workspace, outcome.onto);
  context.workspace = { ...context.workspace, base: outcome.onto };
  if (brought.kind === 'clean' && outcome.kind === 'conflicted') {
    await context.snapshot('the integration branch brought in');
    return undefined;
  }
  context.bounces += 1;
  await context.journal.commit(sentBack(context, outcome, brought.files));
  if (context.bounces > config.merge.maxBounces) return await giveUp(context, outcome, brought.files);
  if (outcome.kind === 'verify-failed') {
    return await resolve(context, { verifyFailure: outcome }, brought.files);
  }
  const tasks = outcome.others.length === 0 ? [] : await store.tasks({ ids: outcome.others });
  const others = tasks.map(({ id, definition }) => ({ id, title: definition.title }));
  return await resolve(context, { conflict: { files: brought.files, others } }, brought.files);
}

function sentBack(context: AttemptContext, outcome: SentBack, files: readonly string[]): AttemptEvent {
  const { task, attempt } = context.claim;
  const bounce = context.bounces;
  if (outcome.kind === 'conflicted') {
    return { type: 'merge.conflicted', task, attempt, files, others: outcome.others, bounce };
  }
  const { command, exitCode, output } = outcome;
  return { type: 'merge.verify_failed', task, attempt, command, exitCode, output, bounce };
}

/** One more step of the maker on the merged worktree; files that stay marked count as another bounce. */
async function resolve(
  context: AttemptContext,
  detail: Partial<PromptInput>,
  marked: readonly string[],
): Promise<AttemptEnd | undefined> {
  const { index, agent } = maker(context);
  const end = await runStep(
    context,
    {
      kind: 'step',
      index,
      agent,
      round: context.bounces + 1,
      stepKind: 'conflict',
      feedback: undefined,
      verify: false,
      continueSession: true,
    },
    detail,
  );
  if (end !== undefined) return end;
  const left = await context.engine.workspaces.unresolved(context.workspace, marked);
  if (left.length === 0) return undefined;
  return await sendBack(context, {
    kind: 'conflicted',
    onto: context.workspace.base,
    files: left,
    others: [],
  });
}

/** The step whose role made the work: the last one that may edit. */
function maker(context: AttemptContext): { index: number; agent: string } {
  const made = context.history.findLast(
    ({ agent, verdict, kind }) =>
      verdict === 'done' && kind !== 'conflict' && context.member(agent).agent.tools.includes('edit'),
  );
  return (
    made ?? { index: 0, agent: context.workflow.steps[0]?.agent ?? context.engine.config.defaults.agent }
  );
}

async function giveUp(
  context: AttemptContext,
  outcome: SentBack,
  files: readonly string[],
): Promise<AttemptEnd> {
  const { task, attempt } = context.claim;
  if (outcome.kind === 'verify-failed') {
    await context.snapshot('a merge that fails its check');
    const reason = `\`${outcome.command}\` still exits with ${outcome.exitCode} on the merged result`;
    return await fail(context, 'merge', reason);
  }
  const tries = context.bounces - 1;
  const question = `The work of ${task} conflicts with the integration branch in ${files.join(', ')}, and the agent could not resolve it in ${tries} tries. How should it be resolved? The worktree with both sides is ${context.workspace.path}.`;
  await context.journal.commit({
    type: 'task.asked',
    task,
    attempt,
    step: context.lastStep,
    questions: [{ id: `merge-${attempt}`, question }],
  });
  return 'waiting';
}
