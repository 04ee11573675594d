import { ACTIVE_STATES, type TaskState } from '../tasks/states.ts';
import type { AgentEnd } from './turn.ts';

/** Where an agent stands: at work, or how its last turn was over. `paused`: stopped until a person resumes its task. */
export type AgentStatus = 'working' | 'paused' | AgentEnd;

/**
 * The status of a role on a task, from its newest step. Nobody may have told how a turn ended: its orchestrator is gone
 * then, and will be found missing.
 */
export function agentStatus(
  step: {
    readonly state: 'running' | 'finished';
    readonly attempt: number;
    readonly verdict: string | undefined;
    readonly ended: AgentEnd | undefined;
  },
  task: { readonly state: TaskState; readonly attempts: number; readonly paused?: unknown },
): AgentStatus {
  if (step.ended === 'waiting') return task.state === 'waiting_input' ? 'waiting' : 'finished';
  if (step.ended === 'stopped' && task.paused !== undefined) return 'paused';
  if (step.ended !== undefined) return step.ended;
  // No turn was needed: the project's check spoke for it.
  if (step.state === 'finished') return step.verdict === undefined ? 'stopped' : 'finished';
  const isActive = (ACTIVE_STATES as readonly TaskState[]).includes(task.state);
  return isActive && step.attempt === task.attempts ? 'working' : 'crashed';
}
