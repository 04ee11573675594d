import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { RoadmapProblems } from '../../core/roadmap/problem.ts';
import type { LocatedEntry, LocatedNode, LocatedScalar, Position } from '../../core/source/located.ts';
import type { Composed } from './compose.ts';

/** The document as a plain tree with places, which core reads without knowing YAML. */
export function locatedTree({ document, position }: Composed, problems: RoadmapProblems): LocatedNode {
  const start: Position = { line: 1, col: 1 };

  function convert(node: ParsedNode | null | undefined, fallback: Position): LocatedNode {
    if (node === null || node === undefined) return { kind: 'scalar', value: null, text: '', at: fallback };
    const at = position(node.range[0]);
    if (isSeq(node))
      return { kind: 'list', at, items: node.items.map((item) => convert(item as ParsedNode, at)) };
    if (isMap(node)) return { kind: 'map', at, entries: node.items.flatMap((pair) => entry(pair, at)) };
    if (!isScalar(node)) return { kind: 'scalar', value: null, text: '', at };
    return scalar(node.value, node.source, at);
  }

  function entry(pair: { key: unknown; value: unknown }, mapAt: Position): LocatedEntry[] {
    const key = pair.key as ParsedNode | null;
    const keyAt = key === null ? mapAt : position(key.range[0]);
    if (!isScalar(key) || key.value === null) {
      problems.add(
        keyAt,
        'wrong-type',
        'A key must be one word.',
        'Write key: value, without "?" and brackets.',
      );
      return [];
    }
    const name = typeof key.value === 'string' ? key.value : (key.source ?? String(key.value));
    if (name === '<<') {
      const advice = 'Write the keys out, or use defaults: for what all tasks share.';
      problems.add(keyAt, 'merge-key', '"<<" is a YAML merge key; a roadmap has none.', advice);
      return [];
    }
    return [{ key: name, keyAt, value: convert(pair.value as ParsedNode | null, keyAt) }];
  }

  return convert(document.contents, start);
}

function scalar(value: unknown, source: string | undefined, at: Position): LocatedScalar {
  if (
    typeof value === 'string' ||
    typeof value === 'number' ||
    typeof value === 'boolean' ||
    value === null
  ) {
    return { kind: 'scalar', value, text: source ?? String(value), at };
  }
  return { kind: 'scalar', value: String(value), text: source ?? String(value), at };
}
