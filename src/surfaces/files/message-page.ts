import type { MessageRecord } from '../../core/tasks/message.ts';
import type { HeadLine, PageText } from './print-page.ts';
import { quotedText, REPLY, REPLY_HINT } from './question-page.ts';

/** Needs nothing from a person any more: it was not for them, or they have read it. */
export function isOver({ to, reads }: MessageRecord): boolean {
  return (to !== 'person' && to !== 'everyone') || reads.some(({ by }) => by === 'person');
}

/** The page of a message. One to a person, from an agent, has room for a reply. */
export function messagePage(message: MessageRecord): PageText {
  const { id, from, to, text, sentAt, reads, replyTo, file, line } = message;
  const isMine = from === 'person';
  const head: HeadLine[] = [
    ['message', id],
    ['from', from],
    ['to', to],
    ['state', reads.length > 0 ? 'read' : 'sent'],
    ['sent', new Date(sentAt).toISOString()],
    ...(replyTo === undefined ? [] : [['reply_to', replyTo] as const]),
    ...(file === undefined ? [] : [['about', line === undefined ? file : `${file}:${line}`] as const]),
  ];
  if (isMine || isOver(message)) return { head, body: quotedText(text) };
  return { head, body: [quotedText(text), REPLY, REPLY_HINT].join('\n\n') };
}
