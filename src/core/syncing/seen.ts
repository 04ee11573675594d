import type { Store } from '../tasks/ports.ts';

/** Where a copy of the roadmap file is, and the store whose plan it makes. */
export interface Copy {
  readonly store: Store;
  /** Names this copy among those of other checkouts and hosts that share the store. */
  readonly place: string;
}

const ORIGIN_KEY = 'roadmap_origin';
/** So many earlier versions of the file are known again. */
const MOST_PAST = 64;

/** Stamp that the file at this place had when the plan was last equal to it. */
export async function readSeen({ store, place }: Copy): Promise<string | undefined> {
  return await store.getMeta(seenKey(place));
}

/** Remembers it, after the plan was brought up to the file and never before. */
export async function writeSeen(copy: Copy, stamp: string): Promise<void> {
  if ((await readSeen(copy)) !== stamp) await copy.store.setMeta(seenKey(copy.place), stamp);
}

/** The copy that the plan was made from, and the versions that the plan has been through. */
interface Origin {
  readonly hash: string;
  readonly place: string;
  readonly past: readonly string[];
}

/**
 * Is the file with `hash` an old version, which reached this checkout late, such as by a `git pull`? It is when the
 * plan has been through it and was moved on by another checkout. Whoever goes back to an old version in the checkout
 * that the plan was made from means it. `onto`: hash of the plan's file.
 */
export async function isOutdated(
  { store, place }: Copy,
  { hash, onto }: { hash: string; onto: string | undefined },
): Promise<boolean> {
  const origin = await readOrigin(store);
  if (origin === undefined || origin.hash !== onto || origin.place === place) return false;
  return origin.past.includes(hash);
}

/** Remembers that the plan went on from `onto` to `hash` by the file at this place. */
export async function writeOrigin(
  { store, place }: Copy,
  { hash, onto }: { hash: string; onto: string | undefined },
): Promise<void> {
  const before = (await readOrigin(store))?.past ?? [];
  const past = [
    ...before.filter((each) => each !== onto && each !== hash),
    ...(onto === undefined ? [] : [onto]),
  ];
  await store.setMeta(ORIGIN_KEY, [hash, past.slice(-MOST_PAST).join(' '), place].join('\n'));
}

async function readOrigin(store: Store): Promise<Origin | undefined> {
  const text = await store.getMeta(ORIGIN_KEY);
  if (text === undefined) return undefined;
  const [hash = '', past = '', ...place] = text.split('\n');
  return { hash, past: past === '' ? [] : past.split(' '), place: place.join('\n') };
}

function seenKey(place: string): string {
  return `roadmap_seen ${place}`;
}
