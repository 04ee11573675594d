import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectId } from '../../core/ids.ts';
import type { DeliveryResult } from '../../core/workspaces/ports.ts';
import { diffNumbers } from './diff.ts';
import { GitError } from './git-error.ts';
import { headBranch } from './head-branch.ts';
import type { Repository } from './repository.ts';

type Refused = Extract<DeliveryResult, { kind: 'refused' }>;

const UNFINISHED = [
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'rebase-merge',
  'rebase-apply',
  'BISECT_LOG',
];

/**
 * Moves the user's checkout, which is on `target`, forward to `to`: the only place where we write to it. Only when
 * it is clean and git can do it exactly as the user's own git would; otherwise says what is in the way.
 */
export async function moveUserCheckout(
  repo: Repository,
  { branch, target, from, to }: { branch: string; target: string; from: ObjectId; to: ObjectId },
): Promise<Refused | undefined> {
  const byHand = `Then run this again, or merge it yourself: git merge ${branch}`;
  const refused = (reason: string, advice: string, files: readonly string[] = []): Refused => ({
    kind: 'refused',
    reason,
    advice: `${advice} ${byHand}`,
    files,
  });
  const begun = UNFINISHED.find((name) => existsSync(join(repo.facts.gitDir, name)));
  if (begun !== undefined) {
    return refused(
      `your checkout is in the middle of a merge, rebase or bisect (${begun})`,
      'Finish or abort that.',
    );
  }
  if (repo.facts.user.sparseCheckout) {
    return refused(
      'your checkout is sparse, which Codewalk does not handle',
      `Run: git merge --ff-only ${branch}.`,
    );
  }
  const dirty = await uncommitted(repo);
  if (dirty.length > 0) {
    return refused(`your checkout of ${target} has uncommitted changes`, 'Commit or stash them.', dirty);
  }
  const filtered = await filteredFiles(repo, from, to);
  if (filtered.length > 0) {
    const why = `some files go through a git filter (${repo.facts.user.filters.join(', ')}), and Codewalk runs none`;
    return refused(why, `Run: git merge ${branch}.`, filtered);
  }
  if (headBranch(repo.facts.gitDir) !== target)
    return refused(`your checkout left ${target} meanwhile`, 'Wait.');
  try {
    await inCheckout(repo, ['merge', '--ff-only', '--no-overwrite-ignore', '--no-autostash', '--quiet', to], {
      GIT_REFLOG_ACTION: `codewalk: deliver ${branch}`,
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof GitError)) throw error;
    const files = [...error.stderr.matchAll(/^\t(.+)$/gm)].map((match) => match[1] as string);
    const reason =
      files.length > 0
        ? 'untracked files in your checkout would be overwritten'
        : `git refused: ${error.stderr}`;
    return refused(reason, files.length > 0 ? 'Move them away.' : 'Look at what git says.', files);
  }
}

async function uncommitted(repo: Repository): Promise<string[]> {
  const args = [
    'status',
    '--porcelain',
    '-z',
    '--no-renames',
    '--untracked-files=no',
    '--ignore-submodules=none',
  ];
  return (await inCheckout(repo, args))
    .split('\0')
    .flatMap((entry) => (entry === '' ? [] : [entry.slice(3)]));
}

/** Files that the user's git would send through a program: written by us they would look changed to it. */
async function filteredFiles(repo: Repository, from: ObjectId, to: ObjectId): Promise<string[]> {
  const { filters } = repo.facts.user;
  if (filters.length === 0) return [];
  const changed = (await diffNumbers(repo, { from, to })).flatMap(({ path, from: before }) =>
    before === undefined ? [path] : [before, path],
  );
  const input = changed.map((path) => `${path}\0`).join('');
  const fields = (await inCheckout(repo, ['check-attr', '-z', '--stdin', 'filter'], {}, input)).split('\0');
  const filtered = changed.filter((path) => /(^|\/)\.gitattributes$/.test(path));
  for (let index = 0; index + 2 < fields.length; index += 3) {
    if (filters.includes(fields[index + 2] ?? '')) filtered.push(fields[index] ?? '');
  }
  return filtered;
}

async function inCheckout(
  repo: Repository,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input?: string,
): Promise<string> {
  return repo.text(args, {
    cwd: repo.root,
    env: {
      GIT_DIR: repo.facts.gitDir,
      GIT_COMMON_DIR: repo.shadowDir,
      GIT_WORK_TREE: repo.root,
      ...(args[0] === 'merge' ? {} : { GIT_OPTIONAL_LOCKS: '0' }),
      ...env,
    },
    ...(input === undefined ? {} : { input }),
  });
}
