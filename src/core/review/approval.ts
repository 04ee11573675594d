import type { QuestionRecord } from '../tasks/task.ts';
import type { ApprovalSubject } from './approval-subject.ts';

/** How a person answered. `comment` and `feedback` may be empty. */
export type ApprovalAnswer =
  | { readonly kind: 'approved'; readonly comment: string }
  | { readonly kind: 'rejected'; readonly feedback: string };

/** A person sent the work back. It comes after the step `step`, and before any that began later. */
export interface Rejection {
  readonly step: number;
  readonly gate: number;
  readonly feedback: string;
}

/** The answers that every approval offers. */
export const APPROVAL_OPTIONS = ['approve', 'reject'] as const;

const FORMS = /^(approved?|reject(?:ed)?)\b\s*[:,.!-]?\s*([\s\S]*)$/i;

/** Reads `approve`, `approve: …`, `reject: …`. Undefined for anything else: an answer is never guessed to be a yes. */
export function readApprovalAnswer(text: string): ApprovalAnswer | undefined {
  const [, word, rest = ''] = FORMS.exec(text.trim()) ?? [];
  if (word === undefined) return undefined;
  const said = rest.trim();
  return word.toLowerCase().startsWith('approve')
    ? { kind: 'approved', comment: said }
    : { kind: 'rejected', feedback: said };
}

/** The answer as it is kept; `readApprovalAnswer` reads it. */
export function approvalAnswerText(answer: ApprovalAnswer): string {
  const [word, said] = answer.kind === 'approved' ? ['approve', answer.comment] : ['reject', answer.feedback];
  return said === '' ? word : `${word}: ${said}`;
}

/**
 * Whether a person approved exactly these changes at this gate or a later one. A rejection takes back what was
 * approved before it. `asked` are the questions of the task since it last began anew, oldest first.
 */
export function isApproved(
  asked: readonly QuestionRecord[],
  wanted: Pick<ApprovalSubject, 'gate' | 'changes'>,
): boolean {
  let approved = false;
  for (const { approves, answer } of answeredApprovals(asked)) {
    if (answer.kind === 'rejected') approved = false;
    else if (approves.gate >= wanted.gate && approves.changes === wanted.changes) approved = true;
  }
  return approved;
}

/** How often, where and why a person sent the work back, oldest first. */
export function rejectionsOf(asked: readonly QuestionRecord[]): Rejection[] {
  return answeredApprovals(asked).flatMap(({ step, approves, answer }) =>
    answer.kind === 'rejected' ? [{ step, gate: approves.gate, feedback: answer.feedback }] : [],
  );
}

function answeredApprovals(asked: readonly QuestionRecord[]) {
  return asked.flatMap(({ kind, state, approves, answer: text, step }) => {
    if (kind !== 'approval' || state !== 'answered' || approves === undefined) return [];
    const answer = readApprovalAnswer(text ?? '');
    return answer === undefined ? [] : [{ step, approves, answer }];
  });
}
