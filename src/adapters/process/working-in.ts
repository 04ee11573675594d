import { readdirSync, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { processTable } from './process-table.ts';

/** Set by us for everything that an attempt starts. */
const VARIABLE = 'CW_WORKTREE';

/**
 * The processes of this machine whose working directory is one of `directories` or below, or that were started for
 * one of them. Where the system does not tell directories (macOS), only the latter.
 */
export function workingIn(directories: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const found = new Map<string, Set<number>>();
  const note = (place: string, pid: number) => {
    for (const directory of directories) {
      if (place !== directory && !place.startsWith(`${directory}${sep}`)) continue;
      found.set(directory, (found.get(directory) ?? new Set()).add(pid));
    }
  };
  for (const [pid, place] of processTable().variable(VARIABLE)) {
    if (processTable().row(pid)?.zombie === false) note(place, pid);
  }
  if (process.platform === 'linux') for (const [pid, place] of workingDirectories()) note(place, pid);
  return new Map([...found].map(([directory, pids]) => [directory, [...pids].toSorted((a, b) => a - b)]));
}

function* workingDirectories(): Generator<[number, string]> {
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    try {
      yield [pid, readlinkSync(`/proc/${pid}/cwd`)];
    } catch {
      // Gone, or another user's.
    }
  }
}
