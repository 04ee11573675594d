const NUMERIC = /^\d+(\.\d+)*$/;

/** True for ids such as `1` and `2.1`, whose phases come in the order of their numbers. */
function isPhaseNumber(id: string): boolean {
  return NUMERIC.test(id);
}

/** True for a phase such as `2.1`, pushed in between `2` and `3` after they were planned. */
export function isInserted(id: string): boolean {
  return NUMERIC.test(id) && id.includes('.');
}

/**
 * Order of two phase numbers, part by part as whole numbers: 1, 1.1, 1.9, 1.10, 2. A decimal is a count of
 * insertions, not a fraction, so the tenth insertion after 1 comes after the ninth.
 * @internal Exported for its test.
 */
export function comparePhaseNumbers(a: string, b: string): number {
  const left = a.split('.');
  const right = b.split('.');
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const [x, y] = [left[i], right[i]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    const difference = BigInt(x) - BigInt(y);
    if (difference !== 0n) return difference < 0n ? -1 : 1;
  }
  return 0;
}

/** Numbered phases in numeric order, in the places where numbered phases stand; the others stay put. */
export function inPhaseOrder<P extends { readonly id: string }>(phases: readonly P[]): readonly P[] {
  const numbered = phases
    .filter((phase) => isPhaseNumber(phase.id))
    .sort((a, b) => comparePhaseNumbers(a.id, b.id))
    .values();
  return phases.map((phase) => (isPhaseNumber(phase.id) ? (numbered.next().value ?? phase) : phase));
}
