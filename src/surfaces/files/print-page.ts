import { isSame } from '../../core/files/three-way.ts';
import type { FieldValue } from '../../core/roadmap/edits.ts';
import type { ReadPage } from './read-page.ts';

/** One line of front matter; a value of `undefined` is a remark for the reader. */
export type HeadLine = readonly [key: string, value: FieldValue | undefined];

/** What a page is to say. */
export interface PageText {
  readonly head: readonly HeadLine[];
  readonly body: string;
}

/** Words that mean themselves in YAML, with commas and colons between them where these mean nothing. */
const WORDS = /^[A-Za-z0-9][\w./*()'’-]*(?:(?:,? |:)[\w./*()'’-]+)*$/;
/** What YAML reads as something else than text: https://yaml.org/spec/1.2.2/#103-core-schema */
const NO_TEXT = /^(null|true|false|0o[0-7]+|0x[0-9a-f]+)$/i;

/** The whole page, as nobody has touched it yet. */
export function printPage({ head, body }: PageText): string {
  const lines = head.flatMap(([key, value]) => printLine(key, value));
  return `---\n${lines.join('\n')}\n---\n${body === '' ? '' : `\n${body}\n`}`;
}

/** The lines of one key. */
function printLine(key: string, value: FieldValue | undefined): readonly string[] {
  if (value === undefined) return [`# ${key}`];
  if (typeof value === 'string' && canBeBlock(value)) {
    return [`${key}: |-`, ...value.split('\n').map((line) => (line === '' ? '' : `  ${line}`))];
  }
  return [`${key}: ${inline(value)}`.trimEnd()];
}

function canBeBlock(text: string): boolean {
  return text.includes('\n') && /^\S/.test(text) && /\S$/.test(text) && !/[^\P{Cc}\n]/u.test(text);
}

function inline(value: FieldValue): string {
  if (typeof value === 'string') return isPlain(value) ? value : JSON.stringify(value);
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return `[${value.map(inlineItem).join(', ')}]`;
  return `{ ${Object.entries(value)
    .map(([key, each]) => `${key}: ${inlineItem(String(each))}`)
    .join(', ')} }`;
}

/** In brackets a comma ends an item. */
function inlineItem(text: string): string {
  if (/^\d+(\.\d+)?$/.test(text)) return text;
  return isPlain(text) && !text.includes(',') ? text : JSON.stringify(text);
}

function isPlain(text: string): boolean {
  return WORDS.test(text) && !NO_TEXT.test(text) && Number.isNaN(Number(text));
}

/**
 * A page that a person has written in, changed only where it is to say something else: their order, their comments and
 * their way of writing stay. `known` are the keys that the page may have; those of them that are not wanted go, except
 * `keeps`.
 */
export function patchPage(
  text: string,
  page: ReadPage,
  wanted: PageText,
  { known, keeps }: { known: ReadonlySet<string>; keeps: ReadonlySet<string> },
): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const end = page.head.entries.length === 0 && !/^---/.test(lines[0] ?? '') ? -1 : endOfHead(lines);
  const head = end === -1 ? [] : headBlocks(page, lines, end);
  const values = new Map(wanted.head.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
  const kept = head.flatMap((block): HeadBlock[] => {
    const { key, lines: own } = block;
    if (key === undefined) return [block];
    const value = values.get(key);
    if (value === undefined) return known.has(key) && !keeps.has(key) ? remarksOf(own) : [block];
    if (isSame(page.fields[key], value)) return [block];
    return [{ key, lines: printLine(key, value) }, ...remarksOf(own)];
  });
  for (const [at, [key, value]] of wanted.head.entries()) {
    if (value === undefined || kept.some((block) => block.key === key)) continue;
    const before = wanted.head.slice(0, at).map(([earlier]) => earlier);
    const after = kept.findLastIndex((block) => block.key !== undefined && before.includes(block.key));
    kept.splice(after + 1, 0, { key, lines: printLine(key, value) });
  }
  const isBody = page.body === wanted.body.trim();
  const body = isBody ? lines.slice(end + 1) : ['', ...wanted.body.split('\n'), ''];
  return ['---', ...kept.flatMap((block) => block.lines), '---', ...body].join(eol);
}

function endOfHead(lines: readonly string[]): number {
  return lines.findIndex((line, at) => at > 0 && /^---[ \t]*$/.test(line));
}

interface HeadBlock {
  readonly key: string | undefined;
  readonly lines: readonly string[];
}

/** Remarks below a key, which stay when its lines go. */
function remarksOf(lines: readonly string[]): HeadBlock[] {
  const last = lines.findLastIndex((line, at) => at === 0 || !/^(#|\s*$)/.test(line));
  const remarks = lines.slice(last + 1);
  return remarks.length === 0 ? [] : [{ key: undefined, lines: remarks }];
}

/** The lines of the front matter by key; what stands before the first one belongs to none. */
function headBlocks({ head }: ReadPage, lines: readonly string[], end: number): HeadBlock[] {
  const starts = head.entries.map(({ key, keyAt }) => ({ key, from: keyAt.line - 1 }));
  const first = starts[0]?.from ?? end;
  return [
    { key: undefined, lines: lines.slice(1, first) },
    ...starts.map(({ key, from }, at) => ({ key, lines: lines.slice(from, starts[at + 1]?.from ?? end) })),
  ];
}
