import type { Roadmap } from '../roadmap/model.ts';
import { type OutlinePart, outlineOf } from '../roadmap/outline.ts';
import type { Store } from '../tasks/ports.ts';
import type { RoadmapSource } from './ports.ts';

/** Ends in the version of what is written under it: another one finds nothing, and makes it anew. */
const OUTLINE_KEY = 'roadmap_outline_1';

interface Kept {
  /** Of the file that it was made from. */
  readonly hash: string;
  readonly outline: readonly OutlinePart[];
}

/** Keeps the outline of a file that was read, for processes that need not read the file for it. */
export async function keepOutline(
  store: Pick<Store, 'setMeta'>,
  { hash, roadmap }: { readonly hash: string; readonly roadmap: Roadmap },
): Promise<Kept> {
  const kept: Kept = { hash, outline: outlineOf(roadmap) };
  await store.setMeta(OUTLINE_KEY, JSON.stringify(kept));
  return kept;
}

/**
 * The outline of the roadmap file as it is now, or as it was when it could last be used; undefined when it never could.
 * It is parsed only when nobody has done so since it was changed: a file of 10,000 tasks takes a second.
 */
export async function outlineNow({
  source,
  store,
}: {
  readonly source: RoadmapSource;
  readonly store: Pick<Store, 'getMeta' | 'setMeta'>;
}): Promise<readonly OutlinePart[] | undefined> {
  const kept = keptIn(await store.getMeta(OUTLINE_KEY));
  const read = await source.read(kept?.hash);
  if (read.kind === 'same') return kept?.outline;
  return read.kind === 'valid' ? (await keepOutline(store, read)).outline : kept?.outline;
}

/** What is not as it was written here is made anew. */
function keptIn(text: string | undefined): Kept | undefined {
  if (text === undefined) return undefined;
  try {
    const kept = JSON.parse(text) as Partial<Kept> | null;
    return typeof kept?.hash === 'string' && Array.isArray(kept.outline) ? (kept as Kept) : undefined;
  } catch {
    return undefined;
  }
}
