import { crashPoint } from '../crash-points.ts';
import type { RoadmapProblem } from '../roadmap/problem.ts';
import type { SyncResult } from '../tasks/ports.ts';
import { keepOutline } from './kept-outline.ts';
import type { HeldRemoval, RoadmapRead, RoadmapSource, SyncReason } from './ports.ts';
import { type Copy, isOutdated, writeOrigin, writeSeen } from './seen.ts';

/** Hash of the file that the plan in the store was made from. */
export const HASH_KEY = 'roadmap_hash';
/** Hash of a file that somebody confirmed although it takes most of the open tasks away. */
export const CONFIRMED_KEY = 'roadmap_confirmed';
const REJECTED_KEY = 'roadmap_rejected';
const HELD_KEY = 'roadmap_held';

/** What one look at the roadmap file came to. `stamp` is that of the file which was read. */
export type Look = { readonly stamp: string | undefined } & (
  | { readonly kind: 'missing' }
  /** The plan is made from this very file. Nothing was parsed, and of the plan nothing written. */
  | { readonly kind: 'same' }
  /** `settled`: the plan is the file's; otherwise something of it waits, and the file is to be read again. */
  | { readonly kind: 'synced'; readonly result: SyncResult; readonly settled: boolean }
  | { readonly kind: 'rejected'; readonly problems: readonly RoadmapProblem[] }
  | { readonly kind: 'unreadable'; readonly message: string; readonly advice: string }
  /** It has no tasks, and neither has the project: the beginning. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'held'; readonly held: HeldRemoval; readonly hash: string }
  /** This copy is older than the one that the plan was made from; see `isOutdated`. */
  | { readonly kind: 'outdated' }
  /** Somebody is writing it, or another process synced meanwhile: look again. */
  | { readonly kind: 'moving' }
);

/** Whose file it is and where its plan lies. */
export interface LookParts extends Copy {
  readonly source: RoadmapSource;
}

export interface LookOptions {
  readonly reason: SyncReason;
  readonly onRemoved: 'drain' | 'cancel';
  readonly idleAgents?: number;
  /** Writes into the log that the file cannot be used or waits to be confirmed. Default: only the result says so. */
  readonly tells?: boolean;
  /** Take the file as it is: a person said so. */
  readonly confirmed?: boolean;
  /** Take it also when it is an older version than the plan. */
  readonly anyVersion?: boolean;
}

/**
 * Reads the roadmap file and brings the store's plan up to it, unless the plan was made from it already. Throws only
 * what the store throws.
 */
export async function lookAtRoadmap(parts: LookParts, options: LookOptions): Promise<Look> {
  const { source, store } = parts;
  const stamp = await source.stamp();
  if (stamp === undefined) return { kind: 'missing', stamp };
  const onto = await store.getMeta(HASH_KEY);
  const read = await source.read(onto);
  // It was replaced or written to while it was read: half of it may be new.
  if ((await source.stamp()) !== stamp) return { kind: 'moving', stamp };
  switch (read.kind) {
    case 'missing':
      return { kind: 'moving', stamp };
    case 'unreadable':
      return await unreadable(parts, read, { ...options, stamp });
    case 'same':
      await writeSeen(parts, stamp);
      return { kind: 'same', stamp };
    case 'invalid':
      return await rejected(parts, read, { ...options, stamp, onto });
    case 'valid':
      return await taken(parts, read, { ...options, stamp, onto });
  }
}

type Found<Kind extends RoadmapRead['kind']> = Extract<RoadmapRead, { kind: Kind }>;
type At = LookOptions & { readonly stamp: string };
type AtPlan = At & { readonly onto: string | undefined };

async function taken(
  parts: LookParts,
  { roadmap, plan, hash }: Found<'valid'>,
  { stamp, onto, reason, onRemoved, idleAgents, confirmed = false, anyVersion = confirmed, tells }: AtPlan,
): Promise<Look> {
  const { source, store } = parts;
  if (!anyVersion && (await isOutdated(parts, { hash, onto }))) return { kind: 'outdated', stamp };
  const wasConfirmed = (await store.getMeta(CONFIRMED_KEY)) === hash;
  const result = await store.sync(
    plan,
    { path: source.path, hash },
    {
      reason,
      onRemoved,
      confirmed: confirmed || wasConfirmed,
      onto: { hash: onto },
      ...(idleAgents === undefined ? {} : { idleAgents }),
    },
  );
  crashPoint('roadmap.synced');
  if (result.overtaken === true) return { kind: 'moving', stamp };
  if (result.held !== undefined) {
    const { removed, open } = result.held;
    if (tells === true) {
      await store.logOnce({ key: HELD_KEY, value: mark(onto, hash) }, [
        { type: 'roadmap.held', path: source.path, hash, removed: removed as never, open },
      ]);
    }
    return { kind: 'held', stamp, held: result.held, hash };
  }
  await keepOutline(store, { hash, roadmap });
  // A leave to drop tasks is good for one time.
  if (wasConfirmed) await store.setMeta(CONFIRMED_KEY, '');
  const settled = result.deferred === undefined;
  if (settled) {
    await writeOrigin(parts, { hash, onto });
    await writeSeen(parts, stamp);
  }
  return { kind: 'synced', stamp, result, settled };
}

async function rejected(
  { source, store }: LookParts,
  { hash, problems }: Found<'invalid'>,
  { stamp, onto, tells }: AtPlan,
): Promise<Look> {
  if (isEmpty(problems) && (await store.counts()).total === 0) return { kind: 'empty', stamp };
  const [first] = problems;
  if (tells === true && first !== undefined) {
    const { line, col, message, advice } = first;
    await store.logOnce({ key: REJECTED_KEY, value: mark(onto, hash) }, [
      {
        type: 'roadmap.rejected',
        path: source.path,
        ...{ hash, line, col, message, advice, problems: problems.length },
      },
    ]);
  }
  return { kind: 'rejected', stamp, problems };
}

async function unreadable(
  { source, store }: LookParts,
  { message, advice }: Found<'unreadable'>,
  { stamp, tells }: At,
): Promise<Look> {
  if (tells === true) {
    await store.logOnce({ key: REJECTED_KEY, value: mark(message, stamp) }, [
      {
        type: 'roadmap.rejected',
        path: source.path,
        ...{ hash: '', line: 0, col: 0, message, advice, problems: 1 },
      },
    ]);
  }
  return { kind: 'unreadable', stamp, message, advice };
}

/** The same mistake after another good plan is a new one. */
function mark(onto: string | undefined, hash: string): string {
  return `${onto ?? ''} ${hash}`;
}

/** A roadmap whose only fault is that it has no task yet. */
export function isEmpty(problems: readonly { readonly code: string }[]): boolean {
  return problems.length > 0 && problems.every(({ code }) => code === 'no-tasks' || code === 'empty');
}
