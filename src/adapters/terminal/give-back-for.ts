import { spawnSync } from 'node:child_process';
import { writeSync } from 'node:fs';
import { isatty } from 'node:tty';
import { GIVE_BACK } from './modes.ts';

const [STDIN, STDOUT] = [0, 1];

/** Gives back the terminal on which this process stands, for another one that had taken it and cannot any more. */
export function giveBackFor(): void {
  if (!isatty(STDIN) || !isatty(STDOUT)) return;
  try {
    writeSync(STDOUT, GIVE_BACK);
  } catch {
    // The terminal is gone.
  }
  // Only who switched to raw mode knew what there was before; this is what shells and people expect.
  spawnSync('stty', ['sane'], { stdio: ['inherit', 'ignore', 'ignore'] });
}
