import { existsSync, lstatSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { branchRef } from './branch-name.ts';
import { COMMIT_FILE } from './commit-writer.ts';
import { restoreAside } from './nested-repositories.ts';
import { removeTree } from './open-up.ts';
import { isRunning, markOf } from './process-mark.ts';
import type { Retiring } from './release.ts';
import { finishRelease, POOL_PREFIX, poolPlaces, removeWorktree } from './release.ts';
import type { Repository } from './repository.ts';
import { saveGitDirectory } from './save-worktree.ts';
import { taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';
import type { WorktreeMarker } from './worktree-marker.ts';
import { MARKER_FILE } from './worktree-marker.ts';

/** Half of a release or a move is what there is to see of one that goes on. */
function isInOtherHands(marker: WorktreeMarker | undefined): boolean {
  const by = marker?.by;
  return by !== undefined && by !== markOf(process.pid) && isRunning(by);
}

/**
 * Puts in order what a crash left. Safe while other orchestrators work in the same checkout: what is not certain to
 * be abandoned stays. Returns what was done, for people.
 */
export async function repairWorktrees(repo: Repository, retiring: Retiring): Promise<readonly string[]> {
  if (!existsSync(repo.worktreesDir)) return [];
  repo.prepare();
  await repo.refLocks.breakThoseOfTheDead();
  const done = restoreAside(repo).map((path) => `Put back ${path}, which a snapshot had moved aside.`);
  for (const place of places(repo)) {
    if (!isInOtherHands(Worktree.markerIn(repo, place))) Worktree.at(repo, place);
  }
  for (const worktree of Worktree.list(repo)) {
    const { place, state, branch } = worktree.marker;
    if (isInOtherHands(worktree.marker)) continue;
    if (!existsSync(worktree.path)) {
      if (branch !== undefined) {
        await saveGitDirectory(worktree, taskRefs(branch), { reason: 'clean-up' });
      }
      await removeWorktree(worktree);
      if (branch !== undefined && (await repo.commit(branchRef(branch))) !== undefined) {
        done.push(`The worktree of ${place} was gone; its branch ${branch} stays.`);
      }
    } else if (state === 'releasing') {
      const result = await finishRelease(worktree, retiring);
      done.push(
        result.kind === 'removed'
          ? `Ended the worktree of ${place}, which is merged.`
          : `Kept the worktree of ${place}: ${result.reason}.`,
      );
    }
  }
  for (const place of poolPlaces(repo).slice(retiring.poolSize)) await dropPooled(repo, place);
  for (const place of poolPlaces(repo))
    if (Worktree.at(repo, place) === undefined) await dropPooled(repo, place);
  await removeStaleFiles(join(repo.shadowDir, 'tmp'));
  await removeUnmarked(repo);
  return done;
}

/** Directories get the name of a pool place only after they were found to hold nothing. */
async function dropPooled(repo: Repository, place: string): Promise<void> {
  const worktree = Worktree.at(repo, place);
  if (worktree?.marker.state === 'pooled') await removeWorktree(worktree);
  else if (worktree === undefined) await removeTree(join(repo.worktreesDir, place));
}

function places(repo: Repository): string[] {
  return readdirSync(repo.worktreesDir).filter(
    (name) => name.startsWith(POOL_PREFIX) || lstatSync(join(repo.worktreesDir, name)).isDirectory(),
  );
}

/** Files of commits that were about to be written by a process which is gone. */
async function removeStaleFiles(directory: string): Promise<void> {
  for (const name of existsSync(directory) ? readdirSync(directory) : []) {
    if (!name.startsWith(COMMIT_FILE)) continue;
    if (isRunning(name.slice(COMMIT_FILE.length).split('-', 1)[0] ?? '')) continue;
    await rm(join(directory, name), { force: true });
  }
}

/** Git directories without a mark, of a process that died while it made them: nothing was ever in them. */
async function removeUnmarked(repo: Repository): Promise<void> {
  const parent = join(repo.facts.commonDir, 'worktrees');
  for (const name of existsSync(parent) ? readdirSync(parent) : []) {
    const maker = /^cw-[0-9a-f]+-([\d.]+)$/.exec(name)?.[1];
    if (maker === undefined || isRunning(maker) || existsSync(join(parent, name, MARKER_FILE))) continue;
    await removeTree(join(parent, name));
  }
}
