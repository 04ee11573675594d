import type { PartPlace, TreeShape } from '../project/tree-shape.ts';
import { memoisedPair } from './memoised.ts';

/** The rows of a tree of which some containers are folded. */
export interface Unfolded {
  /** As in `TreeShape`, without what is in folded containers. */
  readonly rows: Int32Array;
  /** By the key of a container and the place of a task, where its row is; absent or -1 for what is folded away. */
  readonly partRows: ReadonlyMap<string, number>;
  readonly taskRows: Int32Array;
}

/** Worked out once, not for each view: it does not matter to it how far the tasks are. */
export const unfolded = memoisedPair((shape: TreeShape, folded: ReadonlySet<string>): Unfolded => {
  const rows = new Int32Array(shape.rows.length);
  const partRows = new Map<string, number>();
  const taskRows = new Int32Array(shape.rowOf.length).fill(-1);
  let length = 0;
  for (let at = 0; at < shape.rows.length; ) {
    const row = shape.rows[at] ?? 0;
    const part = row < 0 ? shape.parts[~row] : undefined;
    if (part === undefined) taskRows[row] = length;
    else partRows.set(partKey(part), length);
    rows[length] = row;
    length += 1;
    at = part !== undefined && folded.has(part.id) ? part.end : at + 1;
  }
  return { rows: rows.subarray(0, length), partRows, taskRows };
});

export function partKey({ kind, id }: Pick<PartPlace, 'kind' | 'id'>): string {
  return `${kind}:${id}`;
}
