/**
 * The refs of one task. `work` is its last snapshot, whatever an agent does to the branch. Under `saved` stands what
 * was taken from its worktree, or what an agent rewrote or left behind elsewhere, so that it stays reachable.
 */
export interface TaskRefs {
  /** refs/heads/cw/<id> */
  readonly branch: string;
  /** refs/codewalk/work/cw/<id> */
  readonly work: string;
  /** refs/codewalk/saved/cw/<id> */
  readonly saved: string;
}

/** Saved work of all tasks. */
export const SAVED = 'refs/codewalk/saved';

export function taskRefs(branch: string): TaskRefs {
  return {
    branch: `refs/heads/${branch}`,
    work: `refs/codewalk/work/${branch}`,
    saved: `${SAVED}/${branch}`,
  };
}
