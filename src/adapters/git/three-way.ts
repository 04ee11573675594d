import type { ObjectId } from '../../core/ids.ts';
import type { MergedTree } from './merge-trees.ts';
import { mergeTrees } from './merge-trees.ts';
import type { Repository } from './repository.ts';

/**
 * Three-way merge of trees with a base of our choice: what changed from `base` to `theirs` is applied to `ours`.
 * `merge-tree` learned `--merge-base` in git 2.40. Before that it finds the base itself, so both sides become
 * commits whose only parent is the wanted base.
 */
export async function mergeWithBase(
  repo: Repository,
  { base, ours, theirs }: { base: ObjectId; ours: ObjectId; theirs: ObjectId },
): Promise<MergedTree> {
  const onBase = async (commit: ObjectId): Promise<ObjectId> => {
    const { tree, parents } = await repo.objects.commit(commit);
    if (parents.length === 1 && parents[0] === base) return commit;
    return repo.commits.write({ tree, parents: [base], message: 'A side of a three-way merge\n' });
  };
  return mergeTrees(repo, await onBase(ours), await onBase(theirs));
}
