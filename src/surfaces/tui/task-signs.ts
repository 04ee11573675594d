import type { Task } from '../../core/tasks/task.ts';
import { SHOWN_STATES, type ShownState, shownState } from '../cli/task-words.ts';
import type { AgentState } from './project/agents.ts';
import type { TaskSign } from './theme.ts';

const SIGNS: Readonly<Record<ShownState, TaskSign>> = {
  done: 'done',
  claimed: 'working',
  running: 'working',
  merging: 'merging',
  waiting_input: 'waiting',
  ready: 'ready',
  paused: 'paused',
  pending: 'pending',
  failed: 'failed',
  blocked: 'blocked',
  skipped: 'cancelled',
  cancelled: 'cancelled',
  archived: 'cancelled',
};

/** How a task's state is shown: its sign, its word, and why a person lets it rest. */
export function taskSign(task: Task): {
  readonly sign: TaskSign;
  readonly word: string;
  readonly why?: string;
} {
  const state = shownState(task);
  const { word } = SHOWN_STATES[state];
  if (task.paused === undefined || state !== 'paused') return { sign: SIGNS[state], word };
  const { by, reason } = task.paused;
  return { sign: SIGNS[state], word: `paused by ${by}`, ...(reason === '' ? {} : { why: reason }) };
}

const AGENT_SIGNS: Readonly<Record<AgentState, TaskSign>> = {
  working: 'working',
  waiting: 'waiting',
  paused: 'paused',
  limited: 'limited',
  merging: 'merging',
  failed: 'failed',
  complete: 'done',
};

export function agentSign(state: AgentState): TaskSign {
  return AGENT_SIGNS[state];
}
