import { isMap, isScalar, isSeq, type Pair, type YAMLMap } from 'yaml';
import type { FieldValue } from '../../core/roadmap/edits.ts';
import { contentEnd, entryEnd, keyOf, pairOf, startOf } from './document-items.ts';
import { editList, type Place, removeFlowItems } from './edit-list.ts';
import { blockEntry, inFlow } from './render.ts';
import { lineStart, linesAt, nextLine, type Splice } from './splice.ts';

/** The order in which people write the keys of a task. */
const ORDER = [
  'id',
  'was',
  'title',
  'prompt',
  'description',
  'depends_on',
  'files',
  'agent',
  'workflow',
  'priority',
  'verify',
  'exit_criteria',
  'approve',
  'on_failure',
  'timeout',
  'max_attempts',
  'budget',
  'status',
];

/** Gives a key of a map a value: in the place of the old one, or as a new entry where people expect it. */
export function setKey(place: Place, map: YAMLMap, key: string, value: FieldValue): Splice[] {
  const pair = pairOf(map, key);
  if (pair === undefined)
    return [map.flow === true ? newInFlow(place, map, key, value) : newInBlock(place, map, key, value)];
  if (Array.isArray(value) && isSeq(pair.value) && pair.value.items.length > 0) {
    return editList(place, pair.value, value);
  }
  if (isMap(pair.value) && typeof value === 'object' && !Array.isArray(value)) {
    const inner = pair.value;
    return Object.entries(value).flatMap(([name, each]) => setKey(place, inner, name, each));
  }
  return map.flow === true ? replaceInFlow(place, pair, value) : replaceInBlock(place, pair, key, value);
}

/** Takes an entry out, with the comment on its line. */
export function removeKey({ text }: Place, map: YAMLMap, key: string): Splice[] {
  const pair = pairOf(map, key);
  if (pair === undefined) return [];
  const at = map.items.indexOf(pair);
  if (map.flow === true) return removeFlowItems(map, [at]);
  const { range } = keyOf(pair);
  const end = nextLine(text, entryEnd(text, pair));
  const next = map.items[at + 1];
  const isOnDashLine = text.slice(lineStart(text, range[0]), range[0]).trim() !== '';
  // The dash stays, and the next entry moves up to it.
  if (isOnDashLine && next !== undefined) return [{ start: range[0], end: startOf(next.key), text: '' }];
  return [{ start: lineStart(text, range[0]), end, text: '' }];
}

function newInBlock({ text, eol }: Place, map: YAMLMap, key: string, value: FieldValue): Splice {
  const rank = rankOf(key);
  const first = map.items[0] as Pair;
  const after = map.items.findLast((pair) => rankOf(String(keyOf(pair).value)) < rank) ?? first;
  const start = keyOf(first).range[0];
  const indent = ' '.repeat(start - lineStart(text, start));
  const lines = blockEntry(key, value).map((line) => (line === '' ? '' : `${indent}${line}`));
  return { ...linesAt(text, nextLine(text, entryEnd(text, after)), lines, eol), order: rank };
}

function rankOf(key: string): number {
  const rank = ORDER.indexOf(key);
  return rank === -1 ? ORDER.length : rank;
}

function newInFlow({ text, json }: Place, map: YAMLMap, key: string, value: FieldValue): Splice {
  const quoted = json || text[startOf(map.items[0]?.key)] === '"';
  const entry = quoted ? `${JSON.stringify(key)}: ${inFlow(value, { json })}` : `${key}: ${inFlow(value)}`;
  const last = map.items.at(-1);
  const at = last === undefined ? startOf(map) + 1 : flowEnd(text, last);
  return { start: at, end: at, text: last === undefined ? entry : `, ${entry}` };
}

function flowEnd(text: string, pair: Pair): number {
  const key = keyOf(pair).range[1];
  return pair.value === null ? key : Math.max(contentEnd(text, pair.value), key);
}

function replaceInFlow({ text, json }: Place, pair: Pair, value: FieldValue): Splice[] {
  const shown = inFlow(value, { json });
  const range = (pair.value as { range?: [number, number, number] | null } | null)?.range;
  if (range !== undefined && range !== null && range[1] > range[0]) {
    return [{ start: range[0], end: range[1], text: shown }];
  }
  const end = entryEnd(text, pair);
  return [{ start: end, end, text: ` ${shown}` }];
}

/** The value's own characters are replaced; a comment behind it stays on the line of its key. */
function replaceInBlock({ text, eol }: Place, pair: Pair, key: string, value: FieldValue): Splice[] {
  const { range } = keyOf(pair);
  const indent = ' '.repeat(range[0] - lineStart(text, range[0]));
  const [first = '', ...more] = blockEntry(key, value);
  const head = first.slice(first.indexOf(': ') + 2);
  const below = more.map((line) => (line === '' ? eol : `${indent}${line}${eol}`)).join('');
  const old = oldValue(text, pair);
  const splices: Splice[] = [{ ...old.head, text: old.head.start === old.colon ? ` ${head}` : head }];
  if (old.below !== undefined) return [...splices, { ...old.below, text: below }];
  if (below === '') return splices;
  const at = nextLine(text, old.head.end);
  const open = at === text.length && !text.endsWith('\n');
  // Before entries that are new after this one.
  return [...splices, { start: at, end: at, text: open ? `${eol}${below}` : below, order: -1 }];
}

interface OldValue {
  /** Just after the colon. */
  readonly colon: number;
  /** What stands on the line of the key, without a comment. */
  readonly head: { readonly start: number; readonly end: number };
  /** The lines below that belong to it. */
  readonly below: { readonly start: number; readonly end: number } | undefined;
}

function oldValue(text: string, pair: Pair): OldValue {
  const colon = text.indexOf(':', keyOf(pair).range[1]) + 1;
  const end = entryEnd(text, pair);
  const start = startOf(pair.value);
  if (end <= colon) return { colon, head: { start: colon, end: colon }, below: undefined };
  const lines = { start: nextLine(text, colon), end: nextLine(text, end) };
  const isBlockText = isScalar(pair.value) && /^BLOCK_/.test(pair.value.type ?? '');
  if (isBlockText) {
    const header = /^[|>][-+0-9]*/.exec(text.slice(start, start + 8))?.[0].length ?? 1;
    return { colon, head: { start, end: start + header }, below: lines };
  }
  // A collection, or a text that begins on a line of its own.
  if (start >= lines.start) return { colon, head: { start: colon, end: colon }, below: lines };
  return { colon, head: { start, end }, below: undefined };
}
