import type { ObjectId } from '../../core/ids.ts';
import type { Worktree } from './worktree.ts';

/**
 * Merges `onto` into a worktree that has nothing uncommitted. Conflicts stay in the files between markers that name
 * both sides; nothing is committed, and the next snapshot gets both parents.
 */
export async function bringIn(
  worktree: Worktree,
  { branch, onto, ontoName }: { branch: string; onto: ObjectId; ontoName: string },
): Promise<{ kind: 'clean' | 'conflicted'; files: readonly string[] }> {
  const { repo } = worktree;
  const head = (await worktree.head()).commit ?? (await repo.requireCommit(`refs/heads/${branch}`));
  if (await repo.isAncestor(onto, head)) return { kind: 'clean', files: [] };
  const bases = (await repo.text(['merge-base', '--all', head, onto])).trim().split('\n');
  // Written first: when the merge is interrupted, the next snapshot still knows what was being brought in.
  worktree.setMergeHead(onto, `Merge ${ontoName} into ${branch}`);
  const answer = await worktree.run(['merge-recursive', ...bases, '--', head, onto], {
    answers: [0, 1],
    // The names of the sides in the markers, by object name: see git-merge-recursive's use of GITHEAD_*.
    env: { [`GITHEAD_${head}`]: branch, [`GITHEAD_${onto}`]: ontoName },
  });
  const files = answer.code === 0 ? [] : await unmerged(worktree);
  worktree.showIndex();
  return { kind: files.length === 0 ? 'clean' : 'conflicted', files };
}

async function unmerged(worktree: Worktree): Promise<string[]> {
  const answer = await worktree.run(['diff', '--name-only', '--diff-filter=U', '--no-ext-diff', '-z']);
  return [...new Set(answer.stdout.toString('utf8').split('\0'))].filter((path) => path !== '');
}
