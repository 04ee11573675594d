import type { TaskFence } from '../../core/workspaces/fence.ts';

/**
 * The refs of one task. `work` is its last snapshot, whatever an agent does to the branch. Under `saved` stands what
 * was taken from its worktree, or what an agent rewrote or left behind elsewhere, so that it stays reachable. `fence`
 * says which attempt is the newest.
 */
export interface TaskRefs {
  /** refs/heads/cw/<id> */
  readonly branch: string;
  /** refs/codewalk/work/cw/<id> */
  readonly work: string;
  /** refs/codewalk/saved/cw/<id> */
  readonly saved: string;
  /** refs/codewalk/fences/cw/<id> */
  readonly fence: string;
  /** The attempt on whose behalf they are moved; absent: a person's, or that of a clean-up. */
  readonly holder: TaskFence | undefined;
}

/** Saved work of all tasks. */
export const SAVED = 'refs/codewalk/saved';

export function taskRefs(branch: string, holder?: TaskFence): TaskRefs {
  return {
    branch: `refs/heads/${branch}`,
    work: `refs/codewalk/work/${branch}`,
    saved: `${SAVED}/${branch}`,
    fence: `refs/codewalk/fences/${branch}`,
    holder,
  };
}
