import type { TaskId } from '../ids.ts';
import { ACTIVE_STATES, isFinal, type TaskState } from '../tasks/states.ts';

/** What stands between a worktree and its end, as it was found. */
export interface WorktreeFacts {
  /** Name of its directory under the worktrees. */
  readonly place: string;
  readonly path: string;
  readonly branch: string | undefined;
  /** What the directory is; `unknown` when no git directory and no branch say what belongs in it. */
  readonly kind: 'worktree' | 'pooled' | 'gone' | 'unknown' | 'link';
  /** Its task, when the store knows one of this name. */
  readonly task: { readonly id: TaskId; readonly state: TaskState } | undefined;
  /** A person locked it with `git worktree lock`; the text is their reason. */
  readonly locked: string | undefined;
  /** Files that are in no commit; ignored ones do not count. */
  readonly unsaved: readonly string[];
  /** A commit that is not in the integration branch, nor part of what was merged for the task. */
  readonly unmerged: string | undefined;
  /** Something that cannot be compared, such as a repository inside it. */
  readonly obstacle: string | undefined;
  /** Processes that work in it. */
  readonly processes: readonly number[];
  /** Since anything happened in it, ms. */
  readonly ageMs: number;
}

export const STANDINGS = ['at work', 'waiting', 'failed', 'merged', 'pooled', 'orphan'] as const;
export type Standing = (typeof STANDINGS)[number];

/** What a worktree is there for. */
export function standingOf({ kind, task, unmerged, unsaved }: WorktreeFacts): Standing {
  if (kind === 'pooled') return 'pooled';
  if (task === undefined || kind === 'gone' || kind === 'unknown' || kind === 'link') return 'orphan';
  if ((ACTIVE_STATES as readonly TaskState[]).includes(task.state)) return 'at work';
  if (!isFinal(task.state)) return 'waiting';
  const ended = task.state === 'done' || task.state === 'archived';
  return ended && unmerged === undefined && unsaved.length === 0 ? 'merged' : 'failed';
}

export interface Pruning {
  /** Younger ones stay. */
  readonly olderThanMs: number;
  /** Also those that wait for the next task. */
  readonly pooled: boolean;
}

const NAMED = 3;

/**
 * Why a worktree stays, in a few words; nothing when it may go. It may only when it is known that everything in it
 * is elsewhere: what cannot be told counts as work.
 */
export function whyKept(facts: WorktreeFacts, { olderThanMs, pooled }: Pruning): string | undefined {
  const { kind, task, locked, unsaved, unmerged, obstacle, processes, ageMs } = facts;
  const standing = standingOf(facts);
  if (standing === 'at work') return 'its task is at work';
  if (processes.length > 0)
    return `${processes.length === 1 ? 'process' : 'processes'} ${processes.join(', ')} at work in it`;
  if (locked !== undefined) return locked === '' ? 'it is locked' : `it is locked: ${locked}`;
  if (kind === 'link') return 'a symbolic link stands in its place';
  if (kind === 'unknown') return 'nothing says what belongs in it';
  if (obstacle !== undefined) return obstacle;
  if (unsaved.length > 0) return `files not committed: ${named(unsaved)}`;
  // What is left of one whose directory is gone is saved, and its branch stays.
  if (unmerged !== undefined && kind !== 'gone') return `commits not merged, up to ${unmerged.slice(0, 12)}`;
  if (task !== undefined && standing === 'waiting') return `its task is ${task.state}`;
  if (kind === 'pooled') return pooled ? undefined : 'it waits for the next task';
  return ageMs < olderThanMs ? 'it is not old enough' : undefined;
}

function named(paths: readonly string[]): string {
  const more = paths.length > NAMED ? ` and ${paths.length - NAMED} more` : '';
  return `${paths.slice(0, NAMED).join(', ')}${more}`;
}
