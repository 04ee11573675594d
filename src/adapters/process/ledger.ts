import { descendants } from './descendants.ts';
import { ORCHESTRATOR_MARKER } from './marker.ts';
import type { ProcessRow } from './process-row.ts';
import { processTable } from './process-table.ts';
import { addDescendants } from './tree.ts';

const LOOK_MS = 100;

/**
 * Writes down who descends from this process, ten times a second, where the system does not keep families together.
 * A process that clears its environment and loses its parents between two looks is missed.
 */
export class Ledger {
  readonly #seen = new Map<number, string>();
  readonly #orchestrators = new Set<string>();
  readonly #timer: NodeJS.Timeout;

  constructor() {
    this.#timer = setInterval(() => this.#look(), LOOK_MS).unref();
  }

  /** Those of the family that are there now, also without their parents. */
  members(): ProcessRow[] {
    this.#look();
    const rows = processTable().rows();
    const markers = processTable().variable(ORCHESTRATOR_MARKER);
    const members = new Map<number, ProcessRow>();
    for (const row of rows) {
      const marker = markers.get(row.pid);
      const marked = marker !== undefined && this.#orchestrators.has(marker);
      if (marked || this.#seen.get(row.pid) === row.startTime) members.set(row.pid, row);
    }
    addDescendants(members, rows);
    members.delete(process.pid);
    return [...members.values()];
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const fresh = descendants().filter((row) => this.#seen.get(row.pid) !== row.startTime);
    if (fresh.length === 0) return;
    const markers = processTable().variable(ORCHESTRATOR_MARKER);
    for (const { pid, startTime } of fresh) {
      this.#seen.set(pid, startTime);
      const marker = markers.get(pid);
      // What this process was itself started under marks its family no more than those beside it.
      if (marker !== undefined && marker !== process.env[ORCHESTRATOR_MARKER])
        this.#orchestrators.add(marker);
    }
  }
}
