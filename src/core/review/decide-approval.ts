import type { CommandDecision } from '../tasks/commands.ts';
import type { QuestionRecord, Task } from '../tasks/task.ts';
import { type ApprovalAnswer, approvalAnswerText } from './approval.ts';

const SHORT_ID = 7;

/**
 * Lets the work of a task go on, or sends it back. `open` are the open questions of the task; `commit` is what the
 * person has looked at, or its beginning, and nothing else is approved then.
 */
export function decideApproval(
  task: Task,
  options: {
    open: readonly QuestionRecord[];
    answer: ApprovalAnswer;
    commit: string | undefined;
    by: string;
  },
): CommandDecision {
  const { open, answer, commit, by } = options;
  const asked = open.find(({ kind }) => kind === 'approval');
  if (asked === undefined) return notAsked(task, open.length > 0);
  const shown = asked.approves?.commit;
  if (commit !== undefined && shown?.startsWith(commit) !== true) {
    return {
      refused: `the work of ${task.id} that waits is ${shown?.slice(0, SHORT_ID) ?? 'unknown'}, not ${commit}`,
      advice: `look at it again: cw task diff ${task.id}`,
    };
  }
  const text = approvalAnswerText(answer);
  return [{ type: 'task.answered', task: task.id, question: asked.id, answer: text, by }];
}

function notAsked(task: Task, asksOther: boolean): CommandDecision {
  const { id, state } = task;
  switch (state) {
    case 'done':
      return {
        refused: `${id} is done and merged`,
        advice: 'undo it with a new task, or git revert its merge',
      };
    case 'waiting_input':
      if (asksOther)
        return { refused: `${id} waits for an answer, not for an approval`, advice: 'read it: cw inbox' };
      break;
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return { refused: `${id} is ${state}`, advice: `bring it back: cw task retry ${id}` };
    case 'archived':
      return { refused: `${id} is no longer in the roadmap`, advice: 'put it back into the roadmap file' };
    default:
      break;
  }
  return {
    refused: `${id} does not wait for an approval`,
    advice:
      task.definition.approve === true
        ? 'it will, when its work is finished: cw status'
        : `tasks with approve: true do, and steps of a workflow with it: cw task show ${id}`,
  };
}
