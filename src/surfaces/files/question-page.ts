import type { PageProblem } from '../../core/files/ports.ts';
import type { QuestionRecord } from '../../core/tasks/task.ts';
import type { HeadLine, PageText } from './print-page.ts';

/** Below these lines a person writes. */
const ANSWER = '## Your answer';
export const REPLY = '## Your reply';
const HINT = '<!-- Write below and save the file. -->';
const NUMBER_HINT = '<!-- Write below and save the file: the number of a choice, or words of your own. -->';
const APPROVAL_HINT = '<!-- Write below and save the file: approve, or reject: and why. -->';
export const REPLY_HINT = '<!-- Write below and save the file. Delete the file when you have read it. -->';

/** The page of a question, also when it is over. What the agent said is quoted, so that it cannot look like an answer. */
export function questionPage(question: QuestionRecord, keptIn: string | undefined): PageText {
  const { options = [], answer } = question;
  const head: HeadLine[] = [
    ['task', question.task],
    ['question', question.id],
    ['kind', question.kind ?? 'question'],
    ['from', `task:${question.task}`],
    ['to', question.stage],
    ['state', question.state],
    ['asked', new Date(question.askedAt).toISOString()],
  ];
  if (question.answeredAt !== undefined) head.push(['answered', new Date(question.answeredAt).toISOString()]);
  if (question.answeredBy !== undefined) head.push(['by', question.answeredBy]);
  if (question.note !== undefined) head.push(['note', oneLine(question.note)]);
  if (keptIn !== undefined) head.push(['conflict', `What you wrote came too late; it is in ${keptIn}.`]);
  const choices = options.map((option, at) => `${at + 1}. ${oneLine(option)}`).join('\n');
  const parts = [quotedText(question.question), ...(choices === '' ? [] : [choices]), ANSWER];
  if (question.state !== 'open') return { head, body: [...parts, answer ?? '(none)'].join('\n\n') };
  const hint = question.kind === 'approval' ? APPROVAL_HINT : choices === '' ? HINT : NUMBER_HINT;
  return { head, body: [...parts, hint].join('\n\n') };
}

/** Words of others, which nothing in them can turn into a part of the page. */
export function quotedText(text: string): string {
  const lines = text.trim().split(/\r\n|[\n\r\u2028\u2029]/);
  return lines.map((line) => `> ${clean(line)}`.trimEnd()).join('\n');
}

function oneLine(text: string): string {
  return clean(text.replace(/\s+/g, ' ').trim());
}

/** Editors and terminals act on control characters. */
function clean(line: string): string {
  return line.replace(/[^\P{Cc}\t]/gu, '\uFFFD');
}

export type WrittenReading =
  /** Empty while nothing is written there. */
  | { readonly kind: 'read'; readonly text: string }
  | { readonly kind: 'invalid'; readonly problem: PageProblem };

/**
 * What a person wrote below the line for it. `versions` are texts of the page as we wrote it, the newest first: all
 * above the line must be as in one of them.
 */
export function readWritten(text: string, versions: readonly string[], heading = ANSWER): WrittenReading {
  const lines = linesOf(text);
  const at = lines.indexOf(heading);
  if (at === -1) {
    const message = `The line "${heading}" is missing.`;
    return invalid(1, message, 'Put it back, and write below it.');
  }
  const changed = versions.map((version) => firstChange(lines.slice(0, at), linesOf(version)));
  const [newest] = changed;
  if (newest !== undefined && changed.every((line) => line !== undefined)) {
    const message = `What stands above "${heading}" was changed here.`;
    return invalid(newest, message, 'Take that back: only what is written below that line is read.');
  }
  const written = lines.slice(at + 1).join('\n');
  return { kind: 'read', text: written.replace(/^\s*<!-- Write below[^\n]*-->/, '').trim() };
}

function linesOf(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trimEnd());
}

/** Number of the first line that is another one; undefined when there is none. */
function firstChange(lines: readonly string[], version: readonly string[]): number | undefined {
  const at = lines.findIndex((line, i) => line !== version[i]);
  return at === -1 ? undefined : at + 1;
}

function invalid(line: number, message: string, advice: string): WrittenReading {
  return { kind: 'invalid', problem: { line, col: 1, message, advice } };
}
