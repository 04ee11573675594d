import { entryOf, type LocatedNode, type Position } from '../source/located.ts';
import type { KeyPath } from './key-path.ts';

/** The value at `path`, or the nearest one around it that exists. */
export function locate(
  tree: LocatedNode,
  path: KeyPath,
): { node: LocatedNode; keyAt: Position; found: boolean } {
  let node = tree;
  let keyAt = tree.at;
  for (const key of path) {
    if (node.kind === 'list') {
      const item = typeof key === 'number' ? node.items[key] : undefined;
      if (item === undefined) return { node, keyAt, found: false };
      node = item;
      keyAt = item.at;
      continue;
    }
    const entry = node.kind === 'map' && typeof key === 'string' ? entryOf(node, key) : undefined;
    if (entry === undefined) return { node, keyAt, found: false };
    node = entry.value;
    keyAt = entry.keyAt;
  }
  return { node, keyAt, found: true };
}
