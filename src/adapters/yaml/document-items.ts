import { isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from 'yaml';
import { CONTAINER_KEYS } from '../../core/roadmap/edits.ts';

/** A task of the file, with the list it stands in. */
export interface TaskNode {
  readonly map: YAMLMap;
  readonly list: YAMLSeq;
  readonly at: number;
}

/** A key with a place, which every key of a parsed document has. */
export type Key = Scalar & { range: [number, number, number] };

export function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && pair.key.value === key);
}

export function keyOf(pair: Pair): Key {
  return pair.key as Key;
}

/** The text of a value, as a roadmap reads it: `1.10` is no number. */
export function textOf(node: unknown): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

export function idOf(map: YAMLMap): string | undefined {
  return textOf(pairOf(map, 'id')?.value);
}

/** Initiatives, phases and plans at every depth. */
export function containerNodes(root: YAMLMap): readonly YAMLMap[] {
  return CONTAINER_KEYS.flatMap((key) => {
    const list = pairOf(root, key)?.value;
    const maps = isSeq(list) ? list.items.filter((item) => isMap(item)) : [];
    return maps.flatMap((map) => [map, ...containerNodes(map)]);
  });
}

export function taskNodes(root: YAMLMap): readonly TaskNode[] {
  return [root, ...containerNodes(root)].flatMap((container) => {
    const list = pairOf(container, 'tasks')?.value;
    if (!isSeq(list)) return [];
    return list.items.flatMap((map, at) => (isMap(map) ? [{ map, list, at }] : []));
  });
}

/** Where the last visible character of a value ends, without what only looks as if it belonged to it. */
export function contentEnd(text: string, node: unknown): number {
  let end = leafEnd(node);
  while (end > 0 && /\s/.test(text[end - 1] ?? '')) end--;
  return end;
}

/** Where an entry ends: its value, or its colon when it has none. */
export function entryEnd(text: string, pair: Pair): number {
  const key = keyOf(pair).range[1];
  const { value } = pair;
  if (value === null || (isScalar(value) && value.value === null && !value.source)) {
    return text.indexOf(':', key) + 1;
  }
  return Math.max(contentEnd(text, value), key);
}

/** A block collection ends with its last leaf; its own range reaches over comments behind it. */
function leafEnd(node: unknown): number {
  if (isMap(node) && !node.flow) {
    const last = node.items.at(-1);
    return last === undefined ? endOf(node) : Math.max(leafEnd(last.value), endOf(last.key));
  }
  if (isSeq(node) && !node.flow) return node.items.length === 0 ? endOf(node) : leafEnd(node.items.at(-1));
  return endOf(node);
}

function endOf(node: unknown): number {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[1] ?? 0;
}

export function startOf(node: unknown): number {
  return (node as { range?: [number, number, number] | null } | null)?.range?.[0] ?? 0;
}
