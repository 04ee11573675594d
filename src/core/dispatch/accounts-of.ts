import type { Crew } from '../attempts/ports.ts';
import type { Config } from '../config/schema.ts';
import { accountOf } from '../resilience/accounts.ts';
import type { ReadyTask } from './decide.ts';

/** The accounts of the providers that can play the role which comes next in the task, the best first. */
export function accountsOf(task: ReadyTask, crew: Crew, config: Config): readonly string[] {
  try {
    return crew.candidates(roleOf(task, config)).map(({ provider }) => accountOf(provider));
  } catch {
    // The attempt says it with the task's name; here nothing can keep it waiting.
    return [];
  }
}

/** The role that comes next in a task; `role` where it goes on with another one than its first. */
export function roleOf(
  { role, agent, workflow }: Partial<Pick<ReadyTask, 'role' | 'agent' | 'workflow'>>,
  config: Config,
): string {
  if (role !== undefined) return role;
  if (agent !== undefined) return agent;
  const name = workflow ?? config.defaults.workflow;
  const first = name === undefined ? undefined : config.workflows[name]?.steps[0]?.agent;
  return first ?? config.defaults.agent;
}
