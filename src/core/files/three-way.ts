import type { FieldValue } from '../roadmap/edits.ts';

/** The values of a page by key; a key without a value is absent. */
export type PageFields = Readonly<Record<string, FieldValue>>;

export interface Edits {
  /** What a person changed; `null`: they took the key away. */
  readonly changed: Readonly<Record<string, FieldValue | null>>;
  /** Keys that were changed on the other side meanwhile, to something else; not among `changed`. */
  readonly conflicts: readonly string[];
}

/**
 * What a person's version of a page changes in what is stored now. `base` is the version that they edited: what they
 * left as it was there is theirs no more, whatever became of it since.
 */
export function editsOf(versions: {
  readonly base: PageFields;
  readonly theirs: PageFields;
  readonly stored: PageFields;
}): Edits {
  const { base, theirs, stored } = versions;
  const changed: Record<string, FieldValue | null> = {};
  const conflicts: string[] = [];
  for (const key of new Set([...Object.keys(base), ...Object.keys(theirs)])) {
    if (isSame(base[key], theirs[key]) || isSame(theirs[key], stored[key])) continue;
    if (isSame(base[key], stored[key])) changed[key] = theirs[key] ?? null;
    else conflicts.push(key);
  }
  return { changed, conflicts };
}

/** Do two values say the same, however they are written? */
export function isSame(a: FieldValue | undefined, b: FieldValue | undefined): boolean {
  return JSON.stringify(normal(a)) === JSON.stringify(normal(b));
}

function normal(value: FieldValue | undefined): unknown {
  if (value === undefined) return '';
  if (typeof value !== 'object') return String(value).replaceAll('\r\n', '\n').trim();
  if (Array.isArray(value)) return value.length === 0 ? '' : value.map((item) => item.trim());
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, each]) => [key, String(each)]);
}
