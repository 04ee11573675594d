import type { ObjectId, TaskId } from '../ids.ts';

/** What was about to happen to work when it was saved. */
export const SAVE_REASONS = [
  'killed',
  'cancelled',
  'merge',
  'verify',
  'discarded',
  'rewritten',
  'clean-up',
  'recover',
  'elsewhere',
] as const;
export type SaveReason = (typeof SAVE_REASONS)[number];

/** Why something is saved, and in which attempt; absent where no attempt is at work. */
export interface Saving {
  readonly reason: SaveReason;
  readonly attempt?: number;
}

/** Work that would have been lost, kept as a commit under a ref of our own. */
export interface SavedWork {
  /** The first twelve digits of the commit's name. */
  readonly id: string;
  /** The task as git has it written down; the store may not know it any more. */
  readonly task: TaskId;
  readonly attempt: number | undefined;
  readonly reason: SaveReason;
  /** Epoch ms. */
  readonly at: number;
  readonly commit: ObjectId;
  /** The commit that the work was done on: the difference to it is what was saved. */
  readonly base: ObjectId;
}

/** Saved work with its size, and whether it is needed any more. */
export interface SavedWorkEntry extends SavedWork {
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  /** All that it changed stands in the integration branch or in the task's own branch just so. */
  readonly contained: boolean;
}

/** Those that `prune` takes: contained in a branch, or saved before `before` (epoch ms). */
export function prunable(
  entries: readonly SavedWorkEntry[],
  { before }: { before: number | undefined },
): readonly SavedWorkEntry[] {
  return entries.filter(({ contained, at }) => contained || (before !== undefined && at < before));
}
