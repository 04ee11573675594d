import type { Question } from '../agents/outcome.ts';
import { isPermission } from '../agents/permissions.ts';
import type { Config } from '../config/schema.ts';
import type { QuestionStage } from '../events/event.ts';
import type { QuestionRecord } from '../tasks/task.ts';

/** The role that answers for the whole plan. */
export const ORCHESTRATOR_ROLE = 'orchestrator';
/** Its name where it answers, and its address. */
export const ORCHESTRATOR = 'orchestrator';

/** An agent that still asks after so many answers is not helped by another one. */
const MOST_ANSWERS = 30;

/**
 * Who answers first: the orchestrator's agent, unless it is the asker itself, or what is asked is a person's to decide,
 * such as leave for a tool. `known`: what the task was asked before.
 */
export function stageOf(
  question: Question,
  {
    config,
    role,
    known,
  }: { config: Pick<Config, 'questions'>; role: string; known: readonly QuestionRecord[] },
): QuestionStage {
  if (!config.questions.orchestrator || role === ORCHESTRATOR_ROLE) return 'person';
  if (question.kind !== undefined || isPermission(question.id)) return 'person';
  const answered = known.filter(({ answeredBy }) => answeredBy === ORCHESTRATOR).length;
  return answered < MOST_ANSWERS ? 'orchestrator' : 'person';
}
