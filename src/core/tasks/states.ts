/**
 * The life of a task. "Ready" is not a state: it is `pending` with nothing left to wait for. Neither is "paused": a
 * person lets the task rest in the state that it has, and nobody claims it.
 *
 * ```
 *                      ┌────────────── released, retried ─────────────┐
 *                      ▼                                              │
 *  blocked ◀──────▶ pending ──▶ claimed ──▶ running ──▶ merging ──▶ done
 *                      │           │         │  ▲          │
 *                      │           │         ▼  │          │
 *                      │           │   waiting_input       │
 *                      ▼           ▼         ▼             ▼
 *            skipped, cancelled, archived, failed (from any state that is not done)
 * ```
 */
export const TASK_MOVES = {
  pending: ['claimed', 'blocked', 'skipped', 'cancelled', 'archived', 'done'],
  claimed: [
    'running',
    'waiting_input',
    'pending',
    'failed',
    'skipped',
    'cancelled',
    'archived',
    'done',
    'merging',
  ],
  running: ['waiting_input', 'merging', 'pending', 'failed', 'skipped', 'cancelled', 'archived', 'done'],
  waiting_input: ['pending', 'failed', 'skipped', 'cancelled', 'archived', 'done'],
  merging: ['done', 'running', 'pending', 'waiting_input', 'failed', 'skipped', 'cancelled', 'archived'],
  // What was done by the word of the roadmap alone may be opened again by it.
  done: ['archived', 'pending'],
  failed: ['pending', 'archived', 'done'],
  blocked: ['pending', 'cancelled', 'archived', 'done'],
  skipped: ['pending', 'archived'],
  cancelled: ['pending', 'archived', 'done'],
  // A task that comes back into the roadmap is what it was.
  archived: ['pending', 'done', 'failed', 'skipped', 'cancelled'],
} as const satisfies Record<string, readonly string[]>;

export type TaskState = keyof typeof TASK_MOVES;

export const TASK_STATES = Object.keys(TASK_MOVES) as readonly TaskState[];

/** States in which an orchestrator holds the task's lease. */
export const ACTIVE_STATES = ['claimed', 'running', 'merging'] as const satisfies readonly TaskState[];

/** States in which nothing more will happen by itself. */
const FINAL_STATES = [
  'done',
  'failed',
  'blocked',
  'skipped',
  'cancelled',
  'archived',
] as const satisfies readonly TaskState[];

export function mayMove(from: TaskState, to: TaskState): boolean {
  return (TASK_MOVES[from] as readonly TaskState[]).includes(to);
}

export function isFinal(state: TaskState): boolean {
  return (FINAL_STATES as readonly TaskState[]).includes(state);
}
