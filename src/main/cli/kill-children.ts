import { processTable } from '../../adapters/process/process-table.ts';

/**
 * Kills everything that this process started and that what it started has started, at once and without a word: the
 * last thing before a forced exit. What left the family tree before is for the next run's sweep.
 */
export function killChildren(): void {
  const rows = processTable().rows();
  const family = new Set([process.pid]);
  // Parents may stand behind their children in the table.
  for (let before = 0; before !== family.size; ) {
    before = family.size;
    for (const row of rows) if (family.has(row.ppid)) family.add(row.pid);
  }
  family.delete(process.pid);
  for (const pid of family) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone by itself in the meantime.
    }
  }
}
