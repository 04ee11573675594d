import { UsageError } from '../errors.ts';
import type { PlanningOrder, Proposals } from '../planning/ports.ts';
import type { QuestionRecord } from '../tasks/task.ts';
import type { AttemptContext, AttemptEnd } from './attempt-context.ts';

const APPLY = 'apply';
const DROP = 'drop';

/**
 * Ends a planning task whose proposal is kept. One that somebody asked for waits for them, as a proposal; another way
 * for a task that failed is put to a person as a question, and what they answer is done.
 */
export async function finishPlanning(context: AttemptContext, order: PlanningOrder): Promise<AttemptEnd> {
  const { engine, claim, journal } = context;
  const { task, attempt } = claim;
  const summary = context.workSummary() ?? '';
  if (order.replaces !== undefined) {
    const asked = await lastApproval(context);
    const problem = asked === undefined ? undefined : await settle(context, asked);
    if (asked === undefined || problem !== undefined) {
      await journal.commit({
        type: 'task.asked',
        task,
        attempt,
        step: context.lastStep,
        questions: [approval(summary, task, problem)],
      });
      return 'waiting';
    }
  }
  await journal.commit({ type: 'task.done', task, attempt, commit: undefined, summary });
  const { base } = context.workspace;
  await engine.workspaces.release(context.workspace, { mergedInto: base, mergedHead: context.head });
  await engine.sandboxes.discard(context.place);
  return 'done';
}

/** Carries out what a person decided. Why it cannot be, if so. */
async function settle(context: AttemptContext, asked: QuestionRecord): Promise<string | undefined> {
  const proposals = proposalsOf(context);
  const by = asked.answeredBy ?? 'person';
  if (!isYes(asked.answer ?? '')) {
    await proposals.drop(context.claim.task, by);
    return undefined;
  }
  try {
    await proposals.apply(context.claim.task, by);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

function approval(summary: string, task: string, problem: string | undefined) {
  const before = problem === undefined ? '' : `It could not be applied: ${problem} `;
  return {
    id: 'apply',
    kind: 'approval' as const,
    question: `${before}${summary} See it with: cw plan show ${task}. Apply it to the roadmap?`,
    options: [APPLY, DROP],
  };
}

function isYes(answer: string): boolean {
  return /^(apply|approve|approved|yes|y)\b/i.test(answer.trim());
}

/** What a person decided about the proposal of the last step; absent: nobody was asked, or nobody decided. */
async function lastApproval({
  engine,
  claim,
  lastStep,
}: AttemptContext): Promise<QuestionRecord | undefined> {
  const questions = await engine.store.questions({ task: claim.task });
  const last = questions.findLast(({ kind, step }) => kind === 'approval' && step === lastStep);
  return last?.state === 'answered' || last?.state === 'withdrawn' ? last : undefined;
}

/** Throws when this orchestrator was not told how proposals are taken. */
export function proposalsOf({ engine }: AttemptContext): Proposals {
  if (engine.proposals === undefined) throw new Error('Planning tasks need a place for their proposals');
  return engine.proposals;
}
