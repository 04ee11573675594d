import type { ObjectId } from '../../core/ids.ts';
import { objectId } from '../../core/ids.ts';
import { gitFailed } from './git-error.ts';
import type { Repository } from './repository.ts';

/** `tree` holds conflict markers in `conflicts`, which is empty for a clean merge. */
export interface MergedTree {
  readonly tree: ObjectId;
  readonly conflicts: readonly string[];
}

/**
 * Three-way merge in the object database, with the base that git finds. Throws `GitError` for histories that share
 * nothing.
 *
 * One process for each: `merge-tree --stdin` could answer many, but git 2.39 holds its answers back until it ends.
 */
export async function mergeTrees(repo: Repository, ours: ObjectId, theirs: ObjectId): Promise<MergedTree> {
  const args = [
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
    '--end-of-options',
    ours,
    theirs,
  ];
  const answer = await repo.run(args, { answers: [0, 1] });
  // `<tree> NUL (<path> NUL)*`, see git-merge-tree(1), "OUTPUT".
  const [first, ...paths] = answer.stdout.toString('utf8').split('\0');
  const tree = objectId.safeParse(first);
  // It also exits with 1 when a commit is missing.
  if (!tree.success) throw gitFailed('merge-tree', answer.code, answer.stderr);
  return {
    tree: tree.data,
    conflicts: answer.code === 0 ? [] : [...new Set(paths.filter((path) => path !== ''))],
  };
}
