import type { Commented } from '../../../core/api/ports.ts';
import type { FormSpec } from './form-dialog.ts';

/** Writes to an agent, the orchestrator's agent or everyone; `to`: see `send`. */
export function writeMessage({ to, replyTo }: { to: string; replyTo?: string }): FormSpec {
  return {
    name: `message.${to}`,
    title: `Message to ${to}`,
    intro: [{ text: 'An agent at work reads it at its next turn.', look: 'dim' }],
    fields: [{ kind: 'text', name: 'text', label: 'Message', lines: true }],
    action: 'send',
    submit: ({ text = '' }) =>
      text.trim() === ''
        ? { kind: 'missing', field: 'text', text: 'There is no message yet.' }
        : {
            kind: 'call',
            operation: 'send',
            input: { to, text: text.trim(), ...(replyTo === undefined ? {} : { replyTo }) },
          },
    done: () => ({ kind: 'close', notice: `Sent to ${to}.` }),
  };
}

/** Says something about a task's work, or about a line of it. */
export function writeComment(about: { task: string; file?: string; line?: number }): FormSpec {
  const { task, file, line } = about;
  const place = file === undefined ? task : `${file}${line === undefined ? '' : `:${line}`} of ${task}`;
  return {
    name: `comment.${task}`,
    title: `Comment on ${place}`,
    intro: [],
    fields: [{ kind: 'text', name: 'text', label: 'Comment', lines: true }],
    action: 'comment',
    submit: ({ text = '' }) =>
      text.trim() === ''
        ? { kind: 'missing', field: 'text', text: 'There is no comment yet.' }
        : { kind: 'call', operation: 'comment', input: { ...about, text: text.trim() } },
    done: (value) => {
      const { waitsForApproval } = value as Commented;
      return {
        kind: 'close',
        notice: waitsForApproval
          ? `The agent of ${task} reads it when the work is sent back.`
          : `The agent of ${task} reads it at its next turn.`,
      };
    },
  };
}
