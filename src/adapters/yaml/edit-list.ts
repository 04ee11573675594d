import { isScalar, type YAMLSeq } from 'yaml';
import { startOf, textOf } from './document-items.ts';
import { inBlock, inFlow } from './render.ts';
import { lineStart, linesAt, nextLine, type Splice } from './splice.ts';

/** Where a text is edited: its line ends, and whether it is JSON. */
export interface Place {
  readonly text: string;
  readonly eol: string;
  readonly json: boolean;
}

/**
 * Makes a list of texts out of another one. Items that stay keep their place, quoting and comments; only when they
 * come in another order the list is written anew.
 */
export function editList(place: Place, list: YAMLSeq, wanted: readonly string[]): Splice[] {
  const now = list.items.map(textOf);
  const stay = now.filter((item) => item !== undefined && wanted.includes(item));
  const isInOrder = stay.every((item, i) => item === wanted[i]) && new Set(stay).size === stay.length;
  if (!isInOrder) return rewrite(place, list, wanted);
  const gone = now.flatMap((item, at) => (item !== undefined && wanted.includes(item) ? [] : [at]));
  const added = wanted.slice(stay.length);
  if (list.flow === true) {
    if (stay.length === 0) return rewrite(place, list, wanted);
    return [...removeFlowItems(list, gone), ...appendToFlow(place, list, added, gone)];
  }
  if (stay.length === 0) return rewrite(place, list, wanted);
  const removed = gone.map((at) => itemLines(place.text, list.items[at]));
  return added.length === 0 ? removed : [...removed, appendToBlock(place, list, added)];
}

/** The same list with some items under other names, each in its own quoting as far as that can be. */
export function renameInList(list: YAMLSeq, from: string, to: string): Splice[] {
  return list.items.flatMap((item) => (textOf(item) === from ? [rescalar(item, to)] : []));
}

/** The one text under a key under another name. */
export function rescalar(node: unknown, to: string): Splice {
  const [start, end] = (node as { range: [number, number, number] }).range;
  const quote =
    isScalar(node) && node.type === 'QUOTE_DOUBLE'
      ? '"'
      : isScalar(node) && node.type === 'QUOTE_SINGLE'
        ? "'"
        : '';
  return { start, end, text: quote === '' ? inBlock(to) : `${quote}${to}${quote}` };
}

/** The lines of one item of a block list. */
function itemLines(text: string, item: unknown): Splice {
  const [start, end] = (item as { range: [number, number, number] }).range;
  return { start: lineStart(text, start), end: nextLine(text, Math.max(start, end - 1)), text: '' };
}

function appendToBlock({ text, eol }: Place, list: YAMLSeq, added: readonly string[]): Splice {
  const first = startOf(list.items[0]);
  const indent = text.slice(lineStart(text, first), first);
  const last = (list.items.at(-1) as { range: [number, number, number] }).range[1];
  return linesAt(
    text,
    nextLine(text, last - 1),
    added.map((item) => `${indent}${inBlock(item)}`),
    eol,
  );
}

/** Items of a list or entries of a map in brackets, with their commas. */
export function removeFlowItems(list: { items: readonly unknown[] }, gone: readonly number[]): Splice[] {
  const ranges = list.items.map(rangeOf);
  return gone.map((at) => {
    const [start, end] = ranges[at] ?? [0, 0];
    // The first that stays after it takes its place; at the end, what stays before it loses its comma.
    const next = ranges[at + 1];
    if (next !== undefined) return { start, end: next[0], text: '' };
    let before = at - 1;
    while (before >= 0 && gone.includes(before)) before--;
    return { start: before < 0 ? start : Math.max(ranges[before]?.[1] ?? start, 0), end, text: '' };
  });
}

function appendToFlow(
  { json }: Place,
  list: YAMLSeq,
  added: readonly string[],
  gone: readonly number[],
): Splice[] {
  if (added.length === 0) return [];
  const last = list.items.findLastIndex((_, at) => !gone.includes(at));
  const end = rangeOf(list.items[last])[1];
  return [{ start: end, end, text: added.map((item) => `, ${inFlow(item, { json })}`).join('') }];
}

function rewrite({ text, eol, json }: Place, list: YAMLSeq, wanted: readonly string[]): Splice[] {
  if (list.flow === true) {
    const [start, end] = rangeOf(list);
    return [{ start, end, text: inFlow(wanted, { json }) }];
  }
  const [first, last] = [list.items[0], list.items.at(-1)];
  const start = startOf(first);
  const indent = text.slice(lineStart(text, start), start);
  const end = rangeOf(last)[1];
  return [{ start, end, text: wanted.map((item) => inBlock(item)).join(`${eol}${indent}`) }];
}

function rangeOf(node: unknown): [number, number] {
  const pair = node as { key?: unknown; value?: { range?: [number, number, number] } | null };
  if (pair.key === undefined) {
    const [start, end] = (node as { range: [number, number, number] }).range;
    return [start, end];
  }
  const key = (pair.key as { range: [number, number, number] }).range;
  return [key[0], Math.max(pair.value?.range?.[1] ?? 0, key[1])];
}
