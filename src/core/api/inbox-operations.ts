import { CodewalkError } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import { decideAnswer, decideWithdraw } from '../tasks/commands.ts';
import type { Store } from '../tasks/ports.ts';
import { type Actor, nameOf } from './actor.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { Answered, ProjectApi } from './ports.ts';
import { mayCall, OPERATIONS } from './roles.ts';

/** What waits for a person, and answering it. */
export function inboxOperations(
  parts: ProjectParts,
  actor: Actor,
): Pick<ProjectApi, 'questions' | 'answer' | 'withdraw'> {
  const by = nameOf(actor);
  const commanded = async (task: TaskId, decide: Parameters<Store['command']>[1]): Promise<Answered> => {
    const store = await parts.store();
    const outcome = await store.command(task, decide);
    if (outcome.kind === 'refused') {
      throw new CodewalkError('REFUSED', outcome.reason, { advice: outcome.advice });
    }
    return {
      task,
      openQuestions: (await store.questions({ open: true, task })).length,
      isAtWork: (await store.orchestrators()).length > 0,
    };
  };
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
      return await commanded(task.id, (current, stillOpen) =>
        decideAnswer(current, { open: stillOpen, questionId, answer, by }),
      );
    },
    withdraw: async ({ task: text, question: questionId, reason = '' }) => {
      const { id } = await findTask(parts, text);
      return await commanded(id, (task, open) => decideWithdraw(task, { open, questionId, reason, by }));
    },
  };
}
