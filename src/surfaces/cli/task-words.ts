import type { TaskState } from '../../core/tasks/states.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { Look } from './style.ts';

/** A state as people read it: `ready` and `paused` are told apart from `pending`. */
export type ShownState = TaskState | 'ready' | 'paused';

export const SHOWN_STATES: Readonly<Record<ShownState, { readonly word: string; readonly look: Look }>> = {
  done: { word: 'done', look: 'green' },
  claimed: { word: 'starting', look: 'cyan' },
  running: { word: 'running', look: 'cyan' },
  merging: { word: 'merging', look: 'cyan' },
  waiting_input: { word: 'asking', look: 'yellow' },
  ready: { word: 'ready', look: 'blue' },
  paused: { word: 'paused', look: 'yellow' },
  pending: { word: 'waiting', look: 'dim' },
  failed: { word: 'failed', look: 'red' },
  blocked: { word: 'blocked', look: 'red' },
  skipped: { word: 'skipped', look: 'dim' },
  cancelled: { word: 'cancelled', look: 'dim' },
  archived: { word: 'archived', look: 'dim' },
};

export function shownState({
  state,
  pendingNeeds,
  paused,
}: Pick<Task, 'state' | 'pendingNeeds' | 'paused'>): ShownState {
  if (state !== 'pending') return state;
  if (paused !== undefined) return 'paused';
  return pendingNeeds === 0 ? 'ready' : state;
}
