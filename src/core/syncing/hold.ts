import type { TaskState } from '../tasks/states.ts';
import type { HeldRemoval } from './ports.ts';

/** Neither finished nor given up: somebody still wants it. */
export function isOpen(state: TaskState): boolean {
  return state !== 'done' && state !== 'skipped' && state !== 'cancelled' && state !== 'archived';
}

/**
 * A file that takes away more than half of the open tasks, and at least two, is more likely broken than meant: it
 * waits for a person. `open` counts the open tasks before; `removed` are those of them that would leave.
 */
export function heldRemoval(open: number, removed: readonly string[]): HeldRemoval | undefined {
  return removed.length >= 2 && removed.length * 2 > open ? { removed, open } : undefined;
}
