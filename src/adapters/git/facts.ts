import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf, UsageError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { withoutGit } from './environment.ts';
import type { GitAnswer } from './git.ts';
import { runGit } from './git.ts';
import { GitError } from './git-error.ts';
import { headBranch } from './head-branch.ts';
import type { UserSettings } from './user-settings.ts';
import { readUserSettings } from './user-settings.ts';
import { MARKER_FILE } from './worktree-marker.ts';

/** `merge-tree --write-tree` and `cat-file --batch-command` need it. */
const MINIMUM_GIT = [2, 38] as const;

/** What there is to know about a repository and the checkout that we were started in. */
export interface RepositoryFacts {
  /** Top directory of the user's checkout, absolute and without symbolic links. */
  readonly root: string;
  /** Git directory of that checkout: HEAD and index of the user. Differs from `commonDir` in a linked worktree. */
  readonly gitDir: string;
  /** Objects, refs and config, shared by all worktrees. */
  readonly commonDir: string;
  readonly head: { readonly branch: string | undefined; readonly commit: ObjectId };
  readonly objectFormat: 'sha1' | 'sha256';
  readonly shallow: boolean;
  readonly gitVersion: string;
  readonly user: UserSettings;
}

/**
 * Looks at the repository around `cwd` and changes nothing. Throws `UsageError`: `GIT_MISSING`, `GIT_TOO_OLD`,
 * `NOT_A_REPOSITORY`, `BARE_REPOSITORY`, `NO_COMMITS`, `INSIDE_TASK_WORKTREE`, `REPOSITORY_UNSUPPORTED`.
 */
export async function readFacts(
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<RepositoryFacts> {
  const ask = (...args: string[]): Promise<GitAnswer> =>
    runGit({ args, cwd, env: withoutGit(env), answers: [0, 1, 128, 129] });
  const [version, place, head, config] = await Promise.all([
    ask('version'),
    ask(
      'rev-parse',
      '--path-format=absolute',
      '--is-bare-repository',
      '--git-common-dir',
      '--git-dir',
      '--show-object-format',
      '--is-shallow-repository',
      '--show-toplevel',
    ),
    ask('rev-parse', '--verify', '--quiet', '--end-of-options', 'HEAD^{commit}'),
    ask('config', '--list', '-z'),
  ]).catch((error: unknown) => {
    throw missing(error, cwd);
  });

  const gitVersion = checkedVersion(version.stdout.toString('utf8'));
  const [bare, commonDir, gitDir, format, shallow, root] = place.stdout.toString('utf8').split('\n');
  if (bare === 'true') {
    throw new UsageError('BARE_REPOSITORY', `${cwd} is in a bare repository, which has no checkout`, {
      advice: 'Clone it and run Codewalk in the clone.',
    });
  }
  if (place.code !== 0 || root === undefined || gitDir === undefined || commonDir === undefined) {
    throw notARepository(cwd, place.stderr);
  }
  refuseTaskWorktree(gitDir, root);
  const user = readUserSettings(config.stdout.toString('utf8'), env);
  if (user.refStorage !== undefined && user.refStorage !== 'files') {
    throw new UsageError('REPOSITORY_UNSUPPORTED', `${root} keeps its refs as ${user.refStorage}`, {
      advice: 'Codewalk works with the "files" ref format: git refs migrate --ref-format=files',
    });
  }
  if (head.code !== 0) {
    throw new UsageError('NO_COMMITS', `The repository ${root} has no commit yet on its current branch`, {
      advice: 'Make a first commit, for example: git commit --allow-empty -m "Start"',
    });
  }
  return {
    root: realpathSync(root),
    gitDir: realpathSync(gitDir),
    commonDir: realpathSync(commonDir),
    head: { branch: headBranch(gitDir), commit: head.stdout.toString('utf8').trim() as ObjectId },
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    shallow: shallow === 'true',
    gitVersion,
    user,
  };
}

function checkedVersion(output: string): string {
  const match = /(\d+)\.(\d+)(?:\.\d+)*/.exec(output);
  const [major, minor] = [Number(match?.[1] ?? 0), Number(match?.[2] ?? 0)];
  const [wantMajor, wantMinor] = MINIMUM_GIT;
  if (match !== null && (major > wantMajor || (major === wantMajor && minor >= wantMinor))) return match[0];
  throw new UsageError('GIT_TOO_OLD', `git here is ${match?.[0] ?? 'of an unknown version'}`, {
    advice: `Install git ${wantMajor}.${wantMinor} or newer and make sure that it comes first on PATH.`,
  });
}

function refuseTaskWorktree(gitDir: string, root: string): void {
  const marker = join(gitDir, MARKER_FILE);
  if (!existsSync(marker)) return;
  throw new UsageError('INSIDE_TASK_WORKTREE', `${root} is the worktree of a task`, {
    advice: 'Run Codewalk in the checkout of the project, not in one of its own worktrees.',
  });
}

function notARepository(cwd: string, stderr: string): UsageError {
  if (stderr.includes('dubious ownership')) {
    return new UsageError('NOT_A_REPOSITORY', `The repository at ${cwd} belongs to another user`, {
      advice: `If you trust it: git config --global --add safe.directory ${cwd}`,
    });
  }
  if (stderr.includes('must be run in a work tree')) {
    return new UsageError('NOT_A_REPOSITORY', `${cwd} is inside a git directory, not a checkout`, {
      advice: 'Change to the checkout and run it there.',
    });
  }
  const why = stderr.includes('not a git repository') ? '' : `: ${stderr.trim()}`;
  return new UsageError('NOT_A_REPOSITORY', `${cwd} is not in a git repository${why}`, {
    advice: 'Change to a repository, or make one: git init && git commit --allow-empty -m "Start"',
  });
}

function missing(error: unknown, cwd: string): Error {
  if (!(error instanceof GitError) || error.code !== 'GIT_MISSING') return error as Error;
  if (!existsSync(cwd)) {
    return new UsageError('NOT_A_REPOSITORY', `The directory ${cwd} does not exist`, {
      advice: 'Change to the checkout of a git repository.',
      cause: error,
    });
  }
  return new UsageError('GIT_MISSING', `git cannot be started: ${messageOf(error.cause)}`, {
    advice: error.advice,
    cause: error,
  });
}
