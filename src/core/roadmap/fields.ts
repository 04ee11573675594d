import type { LocatedEntry, LocatedMap, LocatedNode, LocatedScalar, Position } from '../source/located.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import type { RoadmapProblems } from './problem.ts';

/** A piece of text with its place. */
export interface Located {
  readonly text: string;
  readonly at: Position;
}

/** The entries of one map of the file, and where problems with them go. An empty value is no entry. */
export interface Fields {
  readonly map: LocatedMap;
  readonly problems: RoadmapProblems;
  /** Keys that nobody knows: what is missing may be there under a wrong name. */
  readonly unknown: readonly string[];
  get(key: string): LocatedEntry | undefined;
}

/** Checks the keys of a map once: unknown ones, ones written twice, and merge keys. */
export function openFields(
  map: LocatedMap,
  what: { readonly name: string; readonly keys: readonly string[] },
  problems: RoadmapProblems,
): Fields {
  const first = new Map<string, LocatedEntry>();
  const unknown: string[] = [];
  for (const entry of map.entries) {
    const earlier = first.get(entry.key);
    if (earlier !== undefined) {
      problems.add(
        entry.keyAt,
        'duplicate-key',
        `The key ${quoted(entry.key)} is here twice; the first is at ${problems.file}:${place(earlier.keyAt)}.`,
        'Keep one of them.',
      );
      continue;
    }
    first.set(entry.key, entry);
    if (what.keys.includes(entry.key)) continue;
    unknown.push(entry.key);
    unknownKey(entry, what, problems);
  }
  return {
    map,
    problems,
    unknown,
    get(key) {
      const entry = first.get(key);
      return entry?.value.kind === 'scalar' && entry.value.value === null ? undefined : entry;
    },
  };
}

function unknownKey(
  entry: LocatedEntry,
  what: { readonly name: string; readonly keys: readonly string[] },
  problems: RoadmapProblems,
): void {
  if (problems.isFull) return;
  const meant = nearest(entry.key, what.keys);
  problems.add(
    entry.keyAt,
    'unknown-key',
    `${what.name} has no key ${quoted(entry.key)}.`,
    meant === undefined ? `It may have: ${what.keys.join(', ')}.` : `Did you mean "${meant}"?`,
  );
}

export function place(at: Position): string {
  return `${at.line}:${at.col}`;
}

/** What a value is, for messages. */
export function kindOf(node: LocatedNode): string {
  if (node.kind === 'list') return 'a list';
  if (node.kind === 'map') return 'a map';
  if (node.value === null) return 'empty';
  return quoted(node.text);
}

export function wrongType(
  fields: Fields,
  key: string,
  node: LocatedNode,
  wanted: string,
  advice: string,
): undefined {
  const message = `${key} must be ${wanted}, not ${kindOf(node)}.`;
  fields.problems.add(node.at, 'wrong-type', message, advice);
  return undefined;
}

/** Text as written: `1.10`, `true` and `0x1f` mean those characters, with or without quotes. */
export function scalarText(node: LocatedScalar): string {
  return typeof node.value === 'string' ? node.value : node.text;
}

/** The text under `key`. A prompt or description may have many lines. */
export function readText(fields: Fields, key: string): Located | undefined {
  const entry = fields.get(key);
  if (entry === undefined) return undefined;
  if (entry.value.kind !== 'scalar') {
    return wrongType(
      fields,
      key,
      entry.value,
      'text',
      `Write it as ${key}: "…", or after ${key}: | for many lines.`,
    );
  }
  return checkedText(fields, key, entry.value);
}

/** Text of one line: line ends and runs of spaces become one space. */
export function readLine(fields: Fields, key: string): string | undefined {
  const line = readText(fields, key)?.text.replace(/\s+/g, ' ').trim();
  return line === '' ? undefined : line;
}

function checkedText(fields: Fields, key: string, node: LocatedScalar): Located | undefined {
  const text = scalarText(node);
  if (/[^\P{Cc}\t\n\r]/u.test(text)) {
    fields.problems.add(
      node.at,
      'control-character',
      `${key} holds a control character (written as an escape).`,
      'Remove it: programs and terminals would act on it.',
    );
    return undefined;
  }
  return { text, at: node.at };
}

/** A list of texts; one text alone is a list of one. Empty items and nested values are problems. */
export function readTexts(fields: Fields, key: string): readonly Located[] {
  const entry = fields.get(key);
  if (entry === undefined) return [];
  const nodes = entry.value.kind === 'list' ? entry.value.items : [entry.value];
  return nodes.flatMap((node) => {
    if (node.kind !== 'scalar' || node.value === null || scalarText(node).trim() === '') {
      wrongType(
        fields,
        entry.value.kind === 'list' ? `An item of ${key}` : key,
        node,
        'text',
        `Write ${key}: [a, b].`,
      );
      return [];
    }
    return checkedText(fields, key, node) ?? [];
  });
}

/** One of a few words. */
export function readWord<W extends string>(fields: Fields, key: string, words: readonly W[]): W | undefined {
  const read = readText(fields, key);
  if (read === undefined) return undefined;
  const word = words.find((known) => known === read.text.trim().toLowerCase());
  if (word === undefined) badWord(fields, key, read, words);
  return word;
}

export function badWord(
  fields: Fields,
  key: string,
  read: Located,
  words: readonly string[],
  more = '',
): undefined {
  const meant = nearest(read.text, words);
  fields.problems.add(
    read.at,
    'bad-value',
    `${key} must be ${words.join(', ')}${more}, not ${quoted(read.text)}.`,
    meant === undefined ? `Use one of: ${words.join(', ')}${more}.` : `Did you mean "${meant}"?`,
  );
  return undefined;
}

/** `true` or `false`. */
export function readFlag(fields: Fields, key: string): boolean | undefined {
  const entry = fields.get(key);
  if (entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)) return undefined;
  if (entry.value.kind === 'scalar' && typeof entry.value.value === 'boolean') return entry.value.value;
  return wrongType(fields, key, entry.value, 'true or false', `Write ${key}: true.`);
}

/** A number between two bounds, both included. */
export function readNumber(
  fields: Fields,
  key: string,
  rule: { readonly min: number; readonly max: number; readonly whole: boolean },
): number | undefined {
  const entry = fields.get(key);
  if (entry === undefined) return undefined;
  const wanted = `a ${rule.whole ? 'whole ' : ''}number from ${rule.min} to ${rule.max}`;
  if (entry.value.kind !== 'scalar')
    return wrongType(fields, key, entry.value, wanted, `Write ${key}: ${rule.min}.`);
  const { value, at } = entry.value;
  if (typeof value !== 'number')
    return wrongType(fields, key, entry.value, wanted, `Write ${key}: ${rule.min}.`);
  if (!(value >= rule.min && value <= rule.max) || (rule.whole && !Number.isInteger(value))) {
    fields.problems.add(
      at,
      'bad-value',
      `${key} must be ${wanted}, not ${kindOf(entry.value)}.`,
      'Change the number.',
    );
    return undefined;
  }
  return value;
}

/** The maps in the list under `key`; anything else in it is a problem. */
export function readMaps(fields: Fields, key: string, one: string): readonly LocatedMap[] {
  const entry = fields.get(key);
  if (entry === undefined) return [];
  if (entry.value.kind !== 'list') {
    wrongType(fields, key, entry.value, 'a list', `Begin each ${one} with "- id: …" below ${key}:.`);
    return [];
  }
  return entry.value.items.filter((node): node is LocatedMap => {
    if (node.kind !== 'map')
      wrongType(fields, `An item of ${key}`, node, `a ${one}, a map with keys`, 'Begin it with "- id: …".');
    return node.kind === 'map';
  });
}
