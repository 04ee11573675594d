import type { Reviewed, TaskDiff } from '../../../core/api/ports.ts';
import type { QuestionRecord } from '../../../core/tasks/task.ts';
import { count, shortId } from '../../cli/format.ts';
import { changedFiles } from './changed-files.ts';
import type { FormOpening, FormSpec } from './form-dialog.ts';

export interface ReviewRequest {
  readonly task: string;
  readonly verdict: 'approved' | 'rejected';
  /** What the person has seen: the work is judged as it was then, or not at all. */
  readonly commit?: string;
}

/** Lets work go on that waits for an approval, or sends it back; says what it is about first. */
export function reviewWork(given: ReviewRequest): FormOpening {
  const { task } = given;
  const title = given.verdict === 'approved' ? `Approve ${task}` : `Send ${task} back`;
  return {
    name: `review.${task}`,
    title,
    operation: 'questions',
    input: { open: true, task },
    opens: (value) => {
      const approval = (value as readonly QuestionRecord[]).find(({ kind }) => kind === 'approval');
      if (approval === undefined) return `${task} waits for no approval.`;
      const commit = given.commit ?? approval.approves?.commit;
      return {
        name: `review.${task}.diff`,
        title,
        operation: 'diff',
        input: { task, maxBytes: 0 },
        opens: (diff) =>
          reviewForm({ ...given, ...(commit === undefined ? {} : { commit }) }, approval, diff as TaskDiff),
      };
    },
  };
}

function reviewForm(given: ReviewRequest, { question }: QuestionRecord, diff: TaskDiff): FormSpec {
  const { task, verdict, commit } = given;
  const isApproval = verdict === 'approved';
  return {
    name: `review.${task}.${verdict}`,
    title: isApproval ? `Approve ${task}` : `Send ${task} back`,
    intro: [
      { text: question },
      {
        text: count(diff.files.length, 'file') + (commit === undefined ? '' : ` at ${shortId(commit)}`),
        look: 'dim',
      },
      ...changedFiles(diff.files),
    ],
    fields: [
      {
        kind: 'text',
        name: 'text',
        label: isApproval ? 'Remark (may be empty)' : 'What must change',
        lines: true,
        hint: isApproval ? '' : 'may be empty when you commented on the work',
      },
    ],
    action: isApproval ? 'approve' : 'send back',
    submit: ({ text = '' }) => ({
      kind: 'call',
      operation: 'review',
      input: {
        task,
        verdict,
        ...(text.trim() === '' ? {} : { text: text.trim() }),
        ...(commit === undefined ? {} : { commit }),
      },
    }),
    done: (value) => {
      const { isAtWork, unreadComments } = value as Reviewed;
      const what = isApproval ? `Approved ${task}.` : `Sent ${task} back.`;
      const comments =
        isApproval || unreadComments === 0 ? '' : ` Its agent reads ${count(unreadComments, 'comment')}.`;
      return {
        kind: 'close',
        notice: what + comments + (isAtWork ? '' : ' Nobody is at work who takes it up: cw run'),
      };
    },
    keys: {
      otherVerdict: {
        help: isApproval ? 'send back instead' : 'approve instead',
        open: () =>
          reviewForm(
            { ...given, verdict: isApproval ? 'rejected' : 'approved' },
            { question } as QuestionRecord,
            diff,
          ),
      },
    },
  };
}
