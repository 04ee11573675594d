import { copyFileSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs';

/** Puts a copy of the index `from` in the place of `to`, and ends what a git that was killed left locked there. */
export function copyIndex(from: string, to: string): void {
  copyFileSync(from, `${to}.new`);
  // Git looks closer at a file that is as new as the index. A copy must not look newer than its original.
  const seconds = Math.floor(statSync(from).mtimeMs) / 1000;
  utimesSync(`${to}.new`, seconds, seconds);
  renameSync(`${to}.new`, to);
  rmSync(`${to}.lock`, { force: true });
}

/** Differs when a file was written or replaced since. */
export function fingerprint(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? 'none' : `${stat.ino} ${stat.size} ${stat.mtimeMs}`;
}
