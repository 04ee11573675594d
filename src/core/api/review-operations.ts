import { CodewalkError, UsageError } from '../errors.ts';
import { sendMessage } from '../inbox/send-message.ts';
import type { ApprovalAnswer } from '../review/approval.ts';
import { decideApproval } from '../review/decide-approval.ts';
import type { Store } from '../tasks/ports.ts';
import type { Task } from '../tasks/task.ts';
import { type Actor, nameOf } from './actor.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi } from './ports.ts';

/** What an agent is told that was sent back with comments alone. */
const SEE_COMMENTS = 'See the comments on your work.';

/** Letting finished work go on, sending it back, and commenting on it. */
export function reviewOperations(parts: ProjectParts, actor: Actor): Pick<ProjectApi, 'review' | 'comment'> {
  const by = nameOf(actor);
  return {
    review: async ({ task: text, verdict, text: said = '', commit }) => {
      const [task, store] = [await findTask(parts, text), await parts.store()];
      const unreadComments = await countUnread(store, task);
      const answer = answerOf(task, { verdict, said: said.trim(), unreadComments });
      const open = await store.questions({ open: true, task: task.id });
      const outcome = await store.command(task.id, (current) =>
        decideApproval(current, { open, answer, commit, by }),
      );
      if (outcome.kind === 'refused') {
        throw new CodewalkError('REFUSED', outcome.reason, { advice: outcome.advice });
      }
      return {
        task: task.id,
        unreadComments,
        openQuestions: (await store.questions({ open: true, task: task.id })).length,
        isAtWork: (await store.orchestrators()).length > 0,
      };
    },
    comment: async ({ task: text, text: said, file, line }) => {
      const [task, store] = [await findTask(parts, text), await parts.store()];
      if (task.state === 'done') {
        throw new UsageError('TASK_OVER', `${task.id} is done and merged: no agent will read the comment`, {
          advice: `add a task for it: cw task add "…" --depends-on ${task.id}`,
        });
      }
      if (line !== undefined && file === undefined) {
        throw new UsageError('NO_FILE', `line ${line} is of no file`, {
          advice: 'name the file, too: --file',
        });
      }
      const message = await sendMessage(
        { store, ids: parts },
        {
          from: by,
          to: task.id,
          text: said,
          ...(file === undefined ? {} : { file }),
          ...(line === undefined ? {} : { line }),
        },
      );
      const open = await store.questions({ open: true, task: task.id });
      return { message, waitsForApproval: open.some(({ kind }) => kind === 'approval') };
    },
  };
}

function answerOf(
  { id }: Task,
  given: { verdict: ApprovalAnswer['kind']; said: string; unreadComments: number },
): ApprovalAnswer {
  const { verdict, said, unreadComments } = given;
  if (verdict === 'approved') return { kind: verdict, comment: said };
  if (said !== '') return { kind: verdict, feedback: said };
  if (unreadComments > 0) return { kind: verdict, feedback: SEE_COMMENTS };
  throw new UsageError('NO_REASON', `what must change in ${id} is not said`, {
    advice: `cw task reject ${id} "what must change", or comment on its files first: cw task comment ${id} --file … "…"`,
  });
}

/** What was written to the task's agent by people and their programs, and was not read by it. */
async function countUnread(store: Store, { id }: Task): Promise<number> {
  const unread = await store.messages({ unreadBy: `task:${id}` });
  return unread.filter(({ from }) => from === 'person' || from.startsWith('client:')).length;
}
