import type { ObjectId } from '../../core/ids.ts';
import type { CommitMessage, MergeResult } from '../../core/workspaces/ports.ts';
import { messageText, withTrailers } from './commit-message.ts';
import type { ParsedCommit } from './parse-commit.ts';
import type { Repository } from './repository.ts';
import { mergeWithBase } from './three-way.ts';

/** A change to apply: what differs between two commits, with its author and message. */
interface Change {
  readonly from: ObjectId;
  readonly to: ObjectId;
  readonly author: string | undefined;
  readonly message: string;
}

/**
 * Rebase without a checkout: the commits of `head` one after the other on top of `onto`, with their authors and
 * messages; those that change nothing there are left out. Commits up to the last merge in them become one: that
 * merge holds the resolution of conflicts, which replaying each commit alone would bring back.
 */
export async function replay(
  repo: Repository,
  { onto, head, message }: { onto: ObjectId; head: ObjectId; message: CommitMessage },
): Promise<MergeResult> {
  let at = onto;
  let tree = await repo.treeOf(onto);
  for (const change of await changesToReplay(repo, { onto, head, message })) {
    const wanted = withTrailers(change.message, message.trailers);
    const original = await repo.objects.commit(change.to);
    if (isInPlace(original, at, wanted)) {
      [at, tree] = [change.to, original.tree];
      continue;
    }
    const merged = await mergeWithBase(repo, { base: change.from, ours: at, theirs: change.to });
    if (merged.conflicts.length > 0) return { kind: 'conflicted', files: merged.conflicts };
    if (merged.tree === tree) continue;
    tree = merged.tree;
    at = await repo.commits.write({
      tree,
      parents: [at],
      message: wanted,
      ...(change.author === undefined ? {} : { author: change.author }),
    });
  }
  return at === onto ? { kind: 'unchanged' } : { kind: 'merged', commit: at, tree };
}

function isInPlace(original: ParsedCommit, at: ObjectId, message: string): boolean {
  return original.parents.length === 1 && original.parents[0] === at && original.message === message;
}

async function changesToReplay(
  repo: Repository,
  { onto, head, message }: { onto: ObjectId; head: ObjectId; message: CommitMessage },
): Promise<Change[]> {
  const range = ['--first-parent', '--topo-order', '--end-of-options', head, `^${onto}`];
  const line = (await repo.text(['rev-list', ...range])).trim().split('\n').reverse() as ObjectId[];
  const commits: { id: ObjectId; commit: ParsedCommit }[] = [];
  for (const id of line) commits.push({ id, commit: await repo.objects.commit(id) });
  const lastMerge = commits.findLastIndex(({ commit }) => commit.parents.length !== 1);
  const single = commits.slice(lastMerge + 1).map(({ id, commit }) => ({
    from: commit.parents[0] as ObjectId,
    to: id,
    author: commit.author,
    message: commit.message,
  }));
  const merge = commits[lastMerge];
  if (merge === undefined) return single;
  const base = await repo.mergeBase(merge.id, onto);
  if (base === undefined) return single;
  return [{ from: base, to: merge.id, author: undefined, message: messageText(message) }, ...single];
}
