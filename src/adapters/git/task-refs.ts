import type { ObjectId } from '../../core/ids.ts';
import type { Repository } from './repository.ts';

/**
 * The refs of one task. `work` is its last snapshot, whatever an agent does to the branch. Under `kept` stands what
 * an agent rewrote or left behind elsewhere, so that it stays reachable.
 */
export interface TaskRefs {
  /** refs/heads/cw/<id> */
  readonly branch: string;
  /** refs/codewalk/work/cw/<id> */
  readonly work: string;
  readonly kept: string;
}

export function taskRefs(branch: string): TaskRefs {
  return {
    branch: `refs/heads/${branch}`,
    work: `refs/codewalk/work/${branch}`,
    kept: `refs/codewalk/kept/${branch}`,
  };
}

/** Makes sure that `commit` stays reachable. Returns the ref. */
export async function keepReachable(repo: Repository, refs: TaskRefs, commit: ObjectId): Promise<string> {
  const ref = `${refs.kept}/${commit.slice(0, 16)}`;
  if ((await repo.commit(ref)) === undefined) await repo.refs.change([{ ref, from: undefined, to: commit }]);
  return ref;
}
