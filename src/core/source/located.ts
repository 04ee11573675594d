/** A place in a text file. Both count from 1; `col` counts UTF-16 code units, as editors do. */
export interface Position {
  readonly line: number;
  readonly col: number;
}

/** A value somebody wrote, with its place, whatever the syntax of the file (YAML, JSON). */
export type LocatedNode = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  /** As written: `1.10` keeps its zero, which the number 1.1 has lost. */
  readonly text: string;
  readonly at: Position;
}

export interface LocatedList {
  readonly kind: 'list';
  readonly items: readonly LocatedNode[];
  readonly at: Position;
}

/** Keys in the order they were written; a key written twice is there twice. */
export interface LocatedMap {
  readonly kind: 'map';
  readonly entries: readonly LocatedEntry[];
  readonly at: Position;
}

export interface LocatedEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: LocatedNode;
}

/** The value under `key`; of a key written twice, the last one, as JSON has it. */
export function entryOf(map: LocatedMap, key: string): LocatedEntry | undefined {
  return map.entries.findLast((entry) => entry.key === key);
}

/** What the tree means as a plain value, in objects whose keys cannot reach a prototype. */
export function plainValue(node: LocatedNode): unknown {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries(node.entries.map((entry) => [entry.key, plainValue(entry.value)]));
}
