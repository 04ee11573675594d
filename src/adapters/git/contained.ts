import type { ObjectId } from '../../core/ids.ts';
import type { SavedWork } from '../../core/workspaces/saved-work.ts';
import type { Repository } from './repository.ts';

/** What saved work changed against its base, and how much of it some heads have just so. */
export interface Measured {
  readonly saved: SavedWork;
  readonly files: number;
  readonly insertions: number;
  readonly deletions: number;
  readonly contained: boolean;
}

interface Question {
  readonly saved: SavedWork;
  /** Commits that may contain it. */
  readonly heads: readonly ObjectId[];
}

interface TreeDiff {
  readonly paths: ReadonlySet<string>;
  readonly insertions: number;
  readonly deletions: number;
}

/**
 * Measures saved work: all of it in one process. It is contained in a head when the head has every path that it
 * changed just so: same content, same mode, or gone as well.
 */
export async function measure(repo: Repository, questions: readonly Question[]): Promise<Measured[]> {
  const pairs: [ObjectId, ObjectId][] = [];
  for (const { saved, heads } of questions) {
    const tree = await repo.treeOf(saved.commit);
    pairs.push([await repo.treeOf(saved.base), tree]);
    for (const head of heads) pairs.push([tree, await repo.treeOf(head)]);
  }
  const diffs = await diffTrees(repo, pairs);
  const diffOf = async (from: ObjectId, to: ObjectId): Promise<TreeDiff> =>
    diffs.get(`${await repo.treeOf(from)} ${await repo.treeOf(to)}`) ?? NOTHING;
  return await Promise.all(
    questions.map(async ({ saved, heads }) => {
      const { paths, insertions, deletions } = await diffOf(saved.base, saved.commit);
      const others = await Promise.all(heads.map((head) => diffOf(saved.commit, head)));
      const contained = others.some((other) => paths.isDisjointFrom(other.paths));
      return { saved, files: paths.size, insertions, deletions, contained };
    }),
  );
}

const NOTHING: TreeDiff = { paths: new Set(), insertions: 0, deletions: 0 };

/** By `<tree> <tree>`; pairs without a difference have no entry. */
async function diffTrees(
  repo: Repository,
  pairs: readonly (readonly [ObjectId, ObjectId])[],
): Promise<Map<string, TreeDiff>> {
  const wanted = new Set(pairs.filter(([a, b]) => a !== b).map((pair) => pair.join(' ')));
  const diffs = new Map<string, TreeDiff>();
  if (wanted.size === 0) return diffs;
  const text = await repo.text(
    ['diff-tree', '--stdin', '-r', '--numstat', '--no-renames', '--no-ext-diff', '--no-textconv'],
    { input: [...wanted].map((pair) => `${pair}\n`).join('') },
  );
  // `<tree> <tree>` before the lines of each pair, see git-diff-tree(1), "--stdin"; odd paths are quoted, always alike.
  let current: { paths: Set<string>; insertions: number; deletions: number } | undefined;
  for (const line of text.split('\n')) {
    if (wanted.has(line)) {
      current = { paths: new Set(), insertions: 0, deletions: 0 };
      diffs.set(line, current);
      continue;
    }
    const [, insertions, deletions, path] = /^(\d+|-)\t(\d+|-)\t(.+)$/.exec(line) ?? [];
    if (current === undefined || path === undefined) continue;
    current.paths.add(path);
    current.insertions += Number(insertions) || 0;
    current.deletions += Number(deletions) || 0;
  }
  return diffs;
}
