import { CodewalkError } from '../errors.ts';
import { decideAnswer } from '../tasks/commands.ts';
import { type Actor, nameOf } from './actor.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';
import { mayCall, OPERATIONS } from './roles.ts';

/** What waits for a person, and answering it. */
export function inboxOperations(parts: ProjectParts, actor: Actor): Pick<ProjectApi, 'questions' | 'answer'> {
  const by = nameOf(actor);
  return {
    questions: async ({ open, task } = {}) =>
      await (await parts.store()).questions({
        ...(open === undefined ? {} : { open }),
        ...(task === undefined ? {} : { task: (await findTask(parts, task)).id }),
      }),
    answer: async ({ task: text, question: questionId, answer }) => {
      const [task, store] = [await findTask(parts, text), await parts.store()];
      const open = await store.questions({ open: true, task: task.id });
      const approval = open.find(({ id, kind }) => kind === 'approval' && (questionId ?? id) === id);
      if (approval !== undefined && !mayCall(actor, OPERATIONS.review)) {
        throw new CodewalkError(
          'REFUSED',
          `${task.id} waits for an approval, which is not for ${by} to give`,
          {
            advice: 'Ask somebody with the role approver or admin.',
          },
        );
      }
      const outcome = await store.command(task.id, (current) =>
        decideAnswer(current, { open, questionId, answer, by }),
      );
      if (outcome.kind === 'refused') {
        throw new CodewalkError('REFUSED', outcome.reason, { advice: outcome.advice });
      }
      return {
        task: task.id,
        openQuestions: (await store.questions({ open: true, task: task.id })).length,
        isAtWork: (await store.orchestrators()).length > 0,
      };
    },
  };
}
