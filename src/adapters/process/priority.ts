import { writeFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** As `nice` sets it: agents get what this program and the person's other work leave over. */
const NICE = 10;

/**
 * Lets a process that has not begun yet, and all that it will start, yield to others. Where the system shares the
 * processor between sessions first (sched(7), "The autogroup feature"), the session has to yield as well.
 */
export function yieldToOthers(pid: number): void {
  const nice = Math.max(NICE, getPriority());
  try {
    setPriority(pid, nice);
    if (process.platform === 'linux') writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // Gone, or a kernel without sessions that share: then it competes as everybody does.
  }
}
