import type { MessageRecord } from '../../core/tasks/message.ts';
import type { QuestionRecord } from '../../core/tasks/task.ts';
import { ask } from './doors.ts';
import { isOver } from './message-page.ts';
import type { KeeperParts } from './parts.ts';
import { DONE, nameOf } from './places.ts';
import { REPLY, readWritten } from './question-page.ts';
import { readPage } from './read-page.ts';
import { refused, refusedAt, type Saved, type Taken } from './taken.ts';
import type { Wanted } from './wanted.ts';

type Parts = Pick<KeeperParts, 'api' | 'hash' | 'readYaml'>;

/** Gives the answer that a person wrote into the page of a question. `fresh`: the page as it should be now. */
export async function takeAnswer(
  parts: Parts,
  saved: Saved,
  question: QuestionRecord,
  fresh: string,
): Promise<Taken> {
  if (question.state !== 'open') return { kind: 'accepted', conflict: true };
  const written = readWritten(saved.text, textsOf(saved, fresh));
  if (written.kind === 'invalid') return refused(written.problem);
  if (isDraft(written.text)) return { kind: 'left' };
  const outcome = await ask(
    parts.api.answer({ task: question.task, question: question.id, answer: written.text }),
  );
  return outcome.kind === 'done' ? { kind: 'accepted' } : refusedAt(lastLine(saved.text), outcome);
}

/** Sends the reply that a person wrote into the page of a message. */
export async function takeReply(
  parts: Parts,
  saved: Saved,
  message: MessageRecord,
  fresh: string,
): Promise<Taken> {
  if (isOver(message) || message.from === 'person') return { kind: 'accepted', conflict: true };
  const written = readWritten(saved.text, textsOf(saved, fresh), REPLY);
  if (written.kind === 'invalid') return refused(written.problem);
  if (isDraft(written.text)) return { kind: 'left' };
  const id = idOf(parts, saved.path, written.text);
  const outcome = await ask(
    parts.api.send({ id, to: message.from, text: written.text, replyTo: message.id }),
  );
  if (outcome.kind === 'refused') return refusedAt(lastLine(saved.text), outcome);
  await parts.api.readMessages({ ids: [message.id] });
  return { kind: 'accepted' };
}

/** A file that a person put into the inbox: a message, or a page that was settled while an editor still had it. */
export async function takeNewMessage(
  parts: Parts,
  saved: Saved,
  wanted: ReadonlyMap<string, Wanted>,
): Promise<Taken> {
  const settled = wanted.get(`${DONE}/${nameOf(saved.path)}`);
  if (settled !== undefined && saved.versions.length > 0) return await takeLate(parts, saved, settled);
  const reading = readPage(saved.path, saved.text, parts.readYaml);
  if (reading.kind === 'invalid')
    return refused(reading.problems[0] ?? { line: 1, col: 1, message: '', advice: '' });
  const { fields, body, head, bodyLine } = reading.page;
  const to = fields.to ?? /^to-(.+)\.md$/.exec(nameOf(saved.path))?.[1];
  if (isDraft(body)) return { kind: 'left' };
  if (to === undefined) {
    const advice = 'Name the file to-<task>.md, or write to: into its front matter, as README.md shows.';
    return refused({ line: 1, col: 1, message: 'The message is to nobody.', advice });
  }
  const other = head.entries.find(({ key }) => key !== 'to');
  if (other !== undefined) {
    const advice = 'The front matter of a new message has to: and nothing else.';
    return refused({ ...other.keyAt, message: `A message has no key "${other.key}".`, advice });
  }
  const outcome = await ask(
    parts.api.send({
      id: idOf(parts, saved.path, saved.stamp),
      to: String(to),
      text: body,
    }),
  );
  const at = head.entries[0]?.keyAt ?? { line: bodyLine, col: 1 };
  return outcome.kind === 'done' ? { kind: 'moved' } : refusedAt(at, outcome);
}

async function takeLate(parts: Parts, saved: Saved, settled: Wanted): Promise<Taken> {
  const late: Taken = { kind: 'late', beside: `${DONE}/${nameOf(saved.path)}` };
  const texts = saved.versions.map(({ text }) => text);
  if (settled.kind === 'question') {
    const written = readWritten(saved.text, texts);
    const isSaid = written.kind === 'read' && ['', settled.question.answer?.trim()].includes(written.text);
    return isSaid ? { kind: 'moved' } : late;
  }
  const written = readWritten(saved.text, texts, REPLY);
  if (settled.kind !== 'message' || written.kind === 'invalid') return late;
  if (written.text === '') return { kind: 'moved' };
  const { from, id: replyTo } = settled.message;
  const id = idOf(parts, saved.path, written.text);
  const outcome = await ask(parts.api.send({ id, to: from, text: written.text, replyTo }));
  return outcome.kind === 'done' ? { kind: 'moved' } : late;
}

/** Nothing yet, or a last line of three dots: its writer wants to save and go on writing. */
function isDraft(text: string): boolean {
  return text === '' || /(^|\n)\s*(\.\.\.|…)\s*$/.test(text);
}

function textsOf({ versions }: Saved, fresh: string): readonly string[] {
  return [...versions.map(({ text }) => text), fresh];
}

/** The same for the same text at the same place, so that what a crash made us send again is sent once. */
function idOf({ hash }: Parts, path: string, text: string): string {
  return `msg_${hash(`${path}\n${text}`).slice(0, 16)}`;
}

function lastLine(text: string): { line: number; col: number } {
  return { line: text.trimEnd().split('\n').length, col: 1 };
}
