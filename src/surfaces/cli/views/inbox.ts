import type { Inbox } from '../commands/inbox.ts';
import { count } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';
import { messageJson, renderMessages } from './messages.ts';
import { questionJson, renderQuestions } from './questions.ts';

/** Every entry says by `type` what it is. */
export function inboxJson({ questions, messages, held }: Inbox): unknown {
  return [
    ...questions.map((question) => ({
      type: question.kind === 'approval' ? 'approval' : 'question',
      ...(questionJson(question) as object),
    })),
    ...messages.map((message) => ({ type: 'message', ...(messageJson(message) as object) })),
    ...(held === undefined ? [] : [{ type: 'roadmap', removed: held.removed, open: held.open }]),
  ];
}

/** What waits for a person, each with the command that goes on. */
export function renderInbox(inbox: Inbox, options: { now: number; paint: Paint }): string[] {
  const { questions, messages, held } = inbox;
  const { paint } = options;
  const sections = [
    renderQuestions(questions, options),
    renderMessages(messages, options),
    messages.some(({ reads }) => reads.length === 0) ? [paint('dim', '    cw inbox read <id>')] : [],
    held === undefined
      ? []
      : [
          paint('bold', 'roadmap'),
          `  its file takes ${held.removed.length} of ${count(held.open, 'open task')} away: ${safeLine(held.removed.slice(0, 10).join(', '))}`,
          `    ${paint('dim', 'cw roadmap diff   cw roadmap confirm')}`,
        ],
  ].filter((section) => section.length > 0);
  if (sections.length === 0) return ['Nothing waits for you.'];
  return sections.flatMap((section, index) => (index === 0 ? section : ['', ...section]));
}
