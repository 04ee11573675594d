import type { AgentRecord } from '../agents/history.ts';
import { resumeByHand } from '../agents/resume-by-hand.ts';
import type { Config } from '../config/schema.ts';
import { localDay } from '../resilience/budget.ts';
import type { Store } from '../tasks/ports.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { AgentView, BudgetView, ProjectApi } from './ports.ts';

const MOST_TASKS = 1_000;

type AgentOperations = Pick<ProjectApi, 'agents' | 'turns' | 'said' | 'usage' | 'budgets'>;

/** What agents did, said and used. */
export function agentOperations(parts: ProjectParts): AgentOperations {
  return {
    agents: async ({ task, all = false } = {}) => {
      const store = await parts.store();
      const which =
        task === undefined
          ? ({ all, limit: MOST_TASKS } as const)
          : ({ task: (await findTask(parts, task)).id } as const);
      const agents = await store.agents(which);
      const config = await parts.config();
      const { stateDirectory } = await parts.project();
      return agents.map((agent) => viewOf(agent, { config, stateDirectory }));
    },
    turns: async ({ task }) => await (await parts.store()).turns((await findTask(parts, task)).id),
    said: async ({ task, step, after }) => {
      const { id } = await findTask(parts, task);
      return await (await parts.store()).said({ task: id, step, after });
    },
    usage: async ({ task, ...filter }) => {
      const which = task === undefined ? {} : { task: (await findTask(parts, task)).id };
      return await (await parts.store()).usage({ ...filter, ...which });
    },
    budgets: async () => await budgetsOf(await parts.store(), await parts.config(), parts.now()),
  };
}

/** An agent with the way to go on with it by hand: an agent at work is not to be joined, and a done one is over. */
function viewOf(agent: AgentRecord, place: { config: Config; stateDirectory: string }): AgentView {
  const { step, session, status, task, taskState, worktree } = agent;
  const provider = place.config.providers[step.provider];
  const isFree = status !== 'working' && taskState !== 'done';
  if (provider === undefined || !isFree) return { agent, byHand: undefined };
  const { type, command } = provider;
  const isShutIn = step.sandbox !== undefined && step.sandbox !== 'off';
  const home = isShutIn ? `${place.stateDirectory}/homes/${task}/home` : undefined;
  return { agent, byHand: resumeByHand({ type, command, session, worktree, home }) };
}

async function budgetsOf(store: Store, config: Config, now: number): Promise<readonly BudgetView[]> {
  const { dayUsd, runUsd } = config.budget;
  const budgets: BudgetView[] = [];
  if (dayUsd !== undefined) {
    budgets.push(budget('day', dayUsd, await store.spent(localDay(now).from)));
  }
  const starts = (await store.orchestrators()).map(({ startedAt }) => startedAt);
  if (runUsd !== undefined && starts.length > 0) {
    const { total } = await store.usage({ by: 'agent', limit: 1, since: Math.min(...starts) });
    budgets.push(budget('run', runUsd, total.costUsd));
  }
  return budgets;
}

function budget(scope: BudgetView['scope'], limitUsd: number, spentUsd: number): BudgetView {
  return { scope, limitUsd, spentUsd, leftUsd: Math.max(0, limitUsd - spentUsd) };
}
