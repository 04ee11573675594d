import type { StepVerdict } from '../agents/judge.ts';
import type { TurnOutcome } from '../agents/outcome.ts';
import type { TaskId } from '../ids.ts';
import { planningFeedback } from './planning-prompt.ts';
import type { PlanningOrder, Proposals } from './ports.ts';

/** Answers are read up to here; what is longer has lost its beginning. */
const LONGEST_ANSWER = 190_000;

/**
 * What a finished turn of a planning task means: a proposal that can be applied is kept, and one that cannot goes back
 * to its agent with all that is wrong with it.
 */
export async function judgePlan(
  proposals: Proposals,
  { task, order, outcome }: { task: TaskId; order: PlanningOrder; outcome: TurnOutcome },
): Promise<StepVerdict> {
  if (outcome.kind !== 'success') return { verdict: 'error', summary: outcome.reason };
  const { result } = outcome;
  if (result?.status === 'questions') return { verdict: 'questions', questions: result.questions };
  if (result?.status === 'error' && result.malformed !== true) {
    return { verdict: 'error', summary: result.reason };
  }
  if (result?.status === 'error') return sentBack([result.reason]);
  const plan = result?.status === 'done' ? result.plan : undefined;
  if (plan === undefined || plan === null) {
    return sentBack([
      outcome.text.length >= LONGEST_ANSWER
        ? `Your answer is longer than ${LONGEST_ANSWER} characters and was cut: plan fewer tasks, with shorter prompts.`
        : 'Your answer holds no plan: end with one JSON object {"status":"done","plan":{…}}.',
    ]);
  }
  const taken = await proposals.take(task, order, plan);
  return taken.kind === 'kept' ? { verdict: 'done', summary: taken.summary } : sentBack(taken.problems);
}

function sentBack(problems: readonly string[]): StepVerdict {
  return { verdict: 'rejected', summary: planningFeedback(problems) };
}
