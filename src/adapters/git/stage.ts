import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectId } from '../../core/ids.ts';
import { GitError } from './git-error.ts';
import { addNestedRepositories, isSubmodule } from './nested-repositories.ts';
import type { Worktree } from './worktree.ts';

const GITLINK = '160000';

/** One path that differs between a commit and our index. */
interface StagedChange {
  readonly path: string;
  readonly oldMode: string;
  readonly newMode: string;
}

/**
 * Puts everything in the worktree into our index: untracked files too, ignored ones not. What the agent staged
 * beyond that with its own git counts as well: a forced add of an ignored file, a file taken out of git. Returns
 * how the index differs from `head`.
 */
export async function stageEverything(worktree: Worktree, head: ObjectId): Promise<readonly StagedChange[]> {
  const { added, removed } = await stagedByAgent(worktree, head);
  await takeOut(worktree, removed);
  await addAll(worktree);
  if (added.length > 0) {
    await worktree.run(['add', '--force', '--pathspec-from-file=-', '--pathspec-file-nul'], {
      input: nulList(added),
    });
  }
  const changes = await stagedChanges(worktree, head);
  const embedded = changes
    .filter(
      ({ oldMode, newMode, path }) =>
        newMode === GITLINK && oldMode !== GITLINK && !isSubmodule(worktree, path),
    )
    .map(({ path }) => path);
  if (embedded.length === 0) return changes;
  await takeOut(worktree, embedded);
  await addNestedRepositories(worktree);
  return stagedChanges(worktree, head);
}

/** How our index differs from `commit`. */
export async function stagedChanges(worktree: Worktree, commit: ObjectId): Promise<readonly StagedChange[]> {
  const answer = await worktree.run([
    'diff-index',
    '--cached',
    '--raw',
    '--no-renames',
    '--ignore-submodules=none',
    '-z',
    commit,
  ]);
  // `:<old mode> <new mode> <old> <new> <status> NUL <path> NUL`, see git-diff-index(1), "RAW OUTPUT FORMAT".
  const fields = answer.stdout.toString('utf8').split('\0');
  const changes: StagedChange[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [oldMode = '', newMode = ''] = (fields[index] ?? '').slice(1).split(' ');
    changes.push({ path: fields[index + 1] ?? '', oldMode, newMode });
  }
  return changes;
}

async function addAll(worktree: Worktree): Promise<void> {
  const args = ['add', '-A', '--no-warn-embedded-repo'];
  try {
    await worktree.run(args);
  } catch (error) {
    // A repository without a commit makes the whole `add` fail.
    if (!(error instanceof GitError) || !error.stderr.includes('does not have a commit checked out'))
      throw error;
    if (!(await addNestedRepositories(worktree))) throw error;
  }
}

async function takeOut(worktree: Worktree, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return;
  await worktree.run(['update-index', '-z', '--force-remove', '--stdin'], { input: nulList(paths) });
}

async function stagedByAgent(
  worktree: Worktree,
  head: ObjectId,
): Promise<{ added: string[]; removed: string[] }> {
  const paths = { A: [] as string[], D: [] as string[] };
  if (!worktree.agentIndexTouched) return { added: paths.A, removed: paths.D };
  // The agent's index may be damaged or half-written: then what lies in the worktree is all there is.
  const answer = await worktree.runOnAgentIndex(
    ['diff-index', '--cached', '--name-status', '--no-renames', '--diff-filter=AD', '-z', head],
    { answers: [0, 1, 128, 129] },
  );
  const fields = answer.code === 0 ? answer.stdout.toString('utf8').split('\0') : [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [status, path] = [fields[index], fields[index + 1] ?? ''];
    if ((status === 'A' || status === 'D') && existsSync(join(worktree.path, path))) paths[status].push(path);
  }
  return { added: paths.A, removed: paths.D };
}

function nulList(paths: readonly string[]): string {
  return paths.map((path) => `${path}\0`).join('');
}
