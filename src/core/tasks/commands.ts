import type { NewEvent } from '../events/event.ts';
import { approvalAnswerText, readApprovalAnswer } from '../review/approval.ts';
import type { Pause, QuestionRecord, Task } from './task.ts';

/** What a person's command makes of one task: its facts, or why not and what to do instead. */
export type CommandDecision = readonly NewEvent[] | { readonly refused: string; readonly advice: string };

/**
 * Puts a task that ended without success back in the queue, with a fresh count of failures. A blocked one comes
 * back by itself when what blocks it is retried.
 */
export function decideRetry(task: Task, by: string): CommandDecision {
  switch (task.state) {
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return [{ type: 'task.reset', task: task.id, by }];
    case 'blocked':
      return refuse(
        `${task.id} is blocked: ${task.reason ?? 'something it needs failed'}`,
        'retry the task that failed; this one follows by itself',
      );
    case 'archived':
      return refuse(`${task.id} is no longer in the roadmap`, 'put it back into the roadmap file');
    case 'done':
      return refuse(`${task.id} is done`, 'add a new task for further work on it');
    case 'pending':
      if (task.paused !== undefined) {
        return refuse(`${task.id} is paused${pausedBy(task.paused)}`, `cw task resume ${task.id}`);
      }
      return refuse(`${task.id} is in the queue already`, 'start it with cw run');
    case 'waiting_input':
      return refuse(`${task.id} waits for an answer`, `answer it: cw inbox answer ${task.id} "…"`);
    case 'claimed':
    case 'running':
    case 'merging':
      return refuse(`${task.id} is at work`, `stop it first: cw task cancel ${task.id}`);
  }
}

/**
 * Takes a task out of the work. The orchestrator that holds it loses its lease with that and stops the agent; what
 * the agent wrote stays in its worktree and on its branch.
 */
export function decideCancel(task: Task, by: string): CommandDecision {
  switch (task.state) {
    case 'running':
    case 'waiting_input':
    case 'blocked':
      return [{ type: 'task.cancelled', task: task.id, by }];
    // With an intent it may be in the branch already: its next attempt finds out before anything else.
    case 'pending':
    case 'claimed':
      return task.intent === undefined
        ? [{ type: 'task.cancelled', task: task.id, by }]
        : refuse(`${task.id} may be merged already`, 'cw run finds out first; look again then: cw status');
    case 'merging':
      return task.intent === undefined
        ? [{ type: 'task.cancelled', task: task.id, by }]
        : refuse(`${task.id} is being merged at this moment`, 'wait a second and look again: cw status');
    case 'done':
      return refuse(`${task.id} is done and merged`, 'undo it with a new task, or git revert its merge');
    case 'failed':
    case 'skipped':
    case 'cancelled':
    case 'archived':
      return refuse(`${task.id} is ${task.state} already`, 'there is nothing to cancel');
  }
}

/**
 * Lets a task rest until it is resumed. The orchestrator that holds it loses its lease with that and stops the agent;
 * sessions, worktree and open questions stay, and no failure is counted. `reason` may be empty.
 */
export function decidePause(task: Task, { by, reason }: { by: string; reason: string }): CommandDecision {
  if (task.paused !== undefined) {
    return refuse(`${task.id} is paused already${pausedBy(task.paused)}`, `cw task resume ${task.id}`);
  }
  switch (task.state) {
    case 'pending':
    case 'blocked':
    case 'waiting_input':
    case 'claimed':
    case 'running':
    case 'merging':
      // With an intent it may be in the branch already: nobody but its next attempt may find out.
      return task.intent === undefined
        ? [{ type: 'task.paused', task: task.id, by, reason: reason.trim() }]
        : refuse(`${task.id} may be merged already`, 'wait a second and look again: cw status');
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return refuse(
        `${task.id} is ${task.state}: nobody works on it`,
        `to try it again: cw task retry ${task.id}`,
      );
    case 'done':
      return refuse(`${task.id} is done and merged`, 'there is nothing to pause');
    case 'archived':
      return refuse(`${task.id} is no longer in the roadmap`, 'there is nothing to pause');
  }
}

/** Lets a paused task go on where it stood, in the sessions of its agents. */
export function decideResume(task: Task, by: string): CommandDecision {
  if (task.paused === undefined) {
    return refuse(`${task.id} is not paused`, `how it stands: cw task show ${task.id}`);
  }
  if (task.state === 'archived') {
    return refuse(`${task.id} is no longer in the roadmap`, 'put it back into the roadmap file');
  }
  return [{ type: 'task.resumed', task: task.id, by }];
}

/** ` by ann (the API is down)`. */
function pausedBy({ by, reason }: Pause): string {
  return ` by ${by}${reason === '' ? '' : ` (${reason})`}`;
}

/**
 * Answers one open question of a task; with the last one answered, the task goes on in the same session.
 * `answer` may be the number of an offered option. `questionId` may be left out when only one is open.
 */
export function decideAnswer(
  task: Task,
  options: { open: readonly QuestionRecord[]; questionId: string | undefined; answer: string; by: string },
): CommandDecision {
  const { open, questionId, by } = options;
  const ids = open.map((each) => each.id).join(', ');
  if (open.length === 0) return refuse(`${task.id} has no open question`, 'cw inbox lists the open ones');
  if (questionId === undefined && open.length > 1) {
    return refuse(`${task.id} has ${open.length} open questions`, `say which with --question: ${ids}`);
  }
  const question = questionId === undefined ? open[0] : open.find((each) => each.id === questionId);
  if (question === undefined)
    return refuse(`${task.id} has no open question ${questionId}`, `open are: ${ids}`);
  const answer = chosenOption(question, options.answer.trim());
  if (answer === '') return refuse('the answer is empty', 'say at least one word');
  if (question.kind === 'approval') return approvalAnswer(task, question, answer, by);
  return [{ type: 'task.answered', task: task.id, question: question.id, answer, by }];
}

/**
 * Takes questions back that nobody will answer: one, or all that are open. Their agent goes on by its own judgement,
 * and is told why. `reason` may be empty.
 */
export function decideWithdraw(
  task: Task,
  options: { open: readonly QuestionRecord[]; questionId: string | undefined; reason: string; by: string },
): CommandDecision {
  const { questionId, by } = options;
  const open = options.open.filter((each) => questionId === undefined || each.id === questionId);
  const [first] = open;
  if (first === undefined) {
    const which = questionId === undefined ? '' : ` ${questionId}`;
    return refuse(`${task.id} has no open question${which}`, 'cw inbox lists the open ones');
  }
  const reason = options.reason.trim();
  const questions = open.filter(({ kind }) => kind !== 'approval');
  if (questions.length === 0) {
    return refuse(
      `${task.id} waits for an approval, which only an answer ends`,
      `cw task approve ${task.id}, or cw task reject ${task.id} "what must change"`,
    );
  }
  return questions.map(({ id }) => ({
    type: 'question.withdrawn',
    task: task.id,
    question: id,
    by,
    reason,
  }));
}

/** Work is let through or sent back; whatever else somebody says is neither. */
function approvalAnswer(task: Task, question: QuestionRecord, text: string, by: string): CommandDecision {
  const answer = readApprovalAnswer(text);
  const ways = `cw task approve ${task.id}, or cw task reject ${task.id} "what must change"`;
  if (answer === undefined) {
    return refuse(
      `${task.id} waits for an approval, and the answer neither approves nor rejects it`,
      `begin the answer with approve or reject: ${ways}`,
    );
  }
  if (answer.kind === 'rejected' && answer.feedback === '') {
    return refuse(
      `what must change in ${task.id} is not said`,
      `cw task reject ${task.id} "what must change"`,
    );
  }
  const given = approvalAnswerText(answer);
  return [{ type: 'task.answered', task: task.id, question: question.id, answer: given, by }];
}

function chosenOption(question: QuestionRecord, answer: string): string {
  if (!/^\d{1,2}$/.test(answer)) return answer;
  return question.options?.[Number(answer) - 1] ?? answer;
}

function refuse(refused: string, advice: string): CommandDecision {
  return { refused, advice };
}
