import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectId } from '../../core/ids.ts';
import { branchRef } from './branch-name.ts';
import { isolatedEnv, SAFE_SETTINGS } from './environment.ts';

/**
 * Ids of the tasks (by trailer) whose merges are in `branch` and not in `target`, oldest first, or `undefined` when
 * one of the branches does not exist. For a look from outside, such as `cw status`: one git process at most, where
 * opening the repository takes several. Writes nothing.
 */
export async function tasksAhead(
  root: string,
  options: {
    branch: string;
    target: string;
    /** A commit whose work the target has in other commits. */
    delivered?: ObjectId | undefined;
    env: Readonly<Record<string, string | undefined>>;
  },
): Promise<readonly string[] | undefined> {
  const { branch, target, delivered, env } = options;
  const gitDir = join(root, '.git');
  if (isCertainlyMissing(root, branch)) return undefined;
  const tip = looseTip(gitDir, branch);
  if (tip !== undefined && tip === looseTip(gitDir, target)) return [];
  // Late: starting processes is a large part of Node, and mostly there is nothing to ask.
  const { runGit } = await import('./git.ts');
  const answer = await runGit({
    args: [
      'log',
      '--first-parent',
      '--no-patch',
      '--no-show-signature',
      '--reverse',
      '-z',
      '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x00)',
      '--end-of-options',
      branchRef(branch),
      `^${branchRef(target)}`,
      ...(delivered === undefined ? [] : [`^${delivered}`]),
      '--',
    ],
    cwd: root,
    // Named, so that git neither looks for another repository nor asks who owns this one.
    env: isolatedEnv(env, { GIT_DIR: gitDir }),
    settings: SAFE_SETTINGS,
    answers: [0, 128],
  });
  if (answer.code !== 0) return undefined;
  const ids = answer.stdout.toString('utf8').split('\0');
  return [...new Set(ids.map((id) => id.trim()).filter((id) => id !== ''))];
}

/** The commit that a branch is at, when git keeps it in a file of its own. */
function looseTip(gitDir: string, branch: string): string | undefined {
  try {
    return /^[0-9a-f]{40,64}$/m.exec(readFileSync(join(gitDir, branchRef(branch)), 'utf8'))?.[0];
  } catch {
    return undefined;
  }
}

/** True when no git needs to be asked: the usual layout of a repository at `root`, and no such branch in it. */
export function isCertainlyMissing(root: string, branch: string): boolean {
  const gitDir = join(root, '.git');
  if (!existsSync(join(gitDir, 'refs', 'heads')) || existsSync(join(gitDir, branchRef(branch)))) return false;
  try {
    return !readFileSync(join(gitDir, 'packed-refs'), 'utf8').includes(` ${branchRef(branch)}\n`);
  } catch {
    return true;
  }
}
