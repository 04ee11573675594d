/** A DAG to be run: `needs[i]` are indexes below `i`. */
export interface Dag {
  readonly shape: Shape;
  readonly needs: readonly (readonly number[])[];
}

export const SHAPES = ['chain', 'wide', 'random'] as const;
export type Shape = (typeof SHAPES)[number];

/** `chain`: each after the one before. `wide`: none after any. `random`: each after up to three of the 50 before it. */
export function makeDag(shape: Shape, size: number, seed = 1): Dag {
  const random = mulberry32(seed);
  const needs = Array.from({ length: size }, (_, index) => {
    if (shape === 'wide' || index === 0) return [];
    if (shape === 'chain') return [index - 1];
    const wanted = Math.floor(random() * 4);
    const window = Math.min(index, 50);
    const chosen = Array.from({ length: wanted }, () => index - 1 - Math.floor(random() * window));
    return [...new Set(chosen)];
  });
  return { shape, needs };
}

/** A small seeded generator (mulberry32), so that every run and every program gets the same DAG. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
