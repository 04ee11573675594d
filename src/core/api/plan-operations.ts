import { UsageError } from '../errors.ts';
import { parseTaskId } from '../parse-task-id.ts';
import type { PlanRecord } from '../planning/ports.ts';
import { type Actor, nameOf } from './actor.ts';
import type { ProjectParts } from './parts.ts';
import type { PlanView, ProjectApi } from './ports.ts';
import { requireAgent } from './require-agent.ts';

type PlanOperations = Pick<ProjectApi, 'plans' | 'plan' | 'proposePlan' | 'applyPlan' | 'dropPlan'>;

/** Plans that the orchestrator's agent makes, before and after they come into the roadmap. */
export function planOperations(parts: ProjectParts, actor: Actor): PlanOperations {
  const { planning } = parts;
  const by = nameOf(actor);
  const find = async (text: string): Promise<PlanRecord> => await planning.find(parseTaskId(text));
  return {
    plans: async ({ state } = {}) =>
      (await (await parts.store()).plans()).filter((plan) => state === undefined || plan.state === state),
    plan: async ({ plan: text }) => await viewOf(parts, await find(text)),
    proposePlan: async ({ goal, agent = 'orchestrator' }) => {
      await requireAgent(parts, agent);
      await parts.refresh();
      const begun = await planning.begin({ goal, issues: [], agent, by });
      return { ...begun, isAtWork: (await (await parts.store()).orchestrators()).length > 0 };
    },
    applyPlan: async ({ plan: text, dryRun = false }) =>
      await planning.carryOut(await find(text), { by, dryRun }),
    dropPlan: async ({ plan: text }) => {
      const id = parseTaskId(text);
      const task = await (await parts.store()).task(id);
      if (task?.definition.planning === undefined) await planning.find(id);
      await planning.drop(id, by);
      return { plan: id };
    },
  };
}

/** What keeps it from being applied now is told with it. */
async function viewOf({ planning }: ProjectParts, plan: PlanRecord): Promise<PlanView> {
  if (plan.state === 'applied') return { plan };
  try {
    const { diff, chain, atOnce, notes } = await planning.preview(plan);
    return { plan, preview: { diff, chain, atOnce, notes } };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { plan, problem: error.message };
  }
}
