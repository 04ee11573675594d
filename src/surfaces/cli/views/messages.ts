import type { MessageRecord } from '../../../core/tasks/message.ts';
import { duration, isoTime } from '../format.ts';
import { safeLine } from '../safe-text.ts';
import type { Paint } from '../style.ts';

/** A message in every `--json` answer. */
export function messageJson(message: MessageRecord): unknown {
  return {
    id: message.id,
    from: message.from,
    to: message.to,
    text: message.text,
    replyTo: message.replyTo ?? null,
    file: message.file ?? null,
    line: message.line ?? null,
    sentAt: isoTime(message.sentAt),
    readBy: message.reads.map(({ by, at }) => ({ by, at: isoTime(at) })),
  };
}

/** Messages as people read them, oldest first. */
export function renderMessages(
  messages: readonly MessageRecord[],
  options: { now: number; paint: Paint },
): string[] {
  return messages.flatMap((message, index) => [
    ...(index === 0 ? [] : ['']),
    ...renderMessage(message, options),
  ]);
}

/** One message: who to whom and when, what it is about, and the text. */
function renderMessage(message: MessageRecord, { now, paint }: { now: number; paint: Paint }): string[] {
  const { id, from, to, text, replyTo, file, line, sentAt, reads } = message;
  const about = [
    `${id}, ${duration(now - sentAt)} ago`,
    ...(replyTo === undefined ? [] : [`answers ${replyTo}`]),
    ...(file === undefined ? [] : [line === undefined ? file : `${file}:${line}`]),
    reads.length === 0 ? 'unread' : `read by ${reads.map(({ by }) => by).join(', ')}`,
  ];
  return [
    `${paint('bold', safeLine(`${from} → ${to}`))}  ${paint('dim', safeLine(about.join(', ')))}`,
    ...text.split(/\r?\n/).map((each) => `  ${safeLine(each)}`),
  ];
}
