import type { ProcessIdentity } from '../../core/agents/ports.ts';
import { ORCHESTRATOR_MARKER } from './marker.ts';
import type { ProcessRow } from './process-row.ts';
import { processTable } from './process-table.ts';
import { addDescendants, killAll } from './tree.ts';

/** What to look for after a crash. */
export interface Leftovers {
  /** Recorded processes of attempts that never ended. */
  readonly identities: readonly ProcessIdentity[];
  /** Is this the id of an orchestrator that is gone? Asked with what processes carry in CW_ORCHESTRATOR. */
  readonly isDead: (orchestrator: string) => boolean;
}

/**
 * Kills what a former orchestrator left running: the recorded processes that are still the very same ones, their
 * groups and descendants, and whatever carries the marker of a dead orchestrator. Never a stranger with a reused
 * pid, never this process or one of its ancestors. Returns the pids that were killed.
 */
export async function sweep(leftovers: Leftovers): Promise<readonly number[]> {
  const killed = new Set<number>();
  await killAll(() => {
    const found = findLeftovers(leftovers);
    for (const row of found) killed.add(row.pid);
    return found;
  });
  return [...killed];
}

function findLeftovers({ identities, isDead }: Leftovers): ProcessRow[] {
  const table = processTable();
  const rows = table.rows();
  const spared = ownAncestry(rows);
  const members = new Map<number, ProcessRow>();
  const leaders = new Set<number>();
  for (const row of rows) {
    const recorded = identities.some(
      (identity) =>
        identity.pid === row.pid && identity.startTime === row.startTime && identity.bootId === table.bootId,
    );
    if (!recorded || spared.has(row.pid)) continue;
    members.set(row.pid, row);
    leaders.add(row.pid);
  }
  const markers = table.variable(ORCHESTRATOR_MARKER);
  for (const row of rows) {
    if (spared.has(row.pid)) continue;
    const marker = markers.get(row.pid);
    // A group id counts only while its leader is proved to be ours: without it, it may be a stranger's.
    if (leaders.has(row.pgid) || leaders.has(row.sid)) members.set(row.pid, row);
    else if (marker !== undefined && isDead(marker)) members.set(row.pid, row);
  }
  addDescendants(
    members,
    rows.filter((row) => !spared.has(row.pid)),
  );
  return [...members.values()].filter((row) => !row.zombie);
}

function ownAncestry(rows: readonly ProcessRow[]): Set<number> {
  const parents = new Map(rows.map((row) => [row.pid, row.ppid]));
  const own = new Set<number>();
  for (
    let pid: number | undefined = process.pid;
    pid !== undefined && !own.has(pid);
    pid = parents.get(pid)
  ) {
    own.add(pid);
  }
  return own;
}
