import type { Config, Workflow } from '../config/schema.ts';
import { UsageError } from '../errors.ts';
import type { TaskDefinition } from '../roadmap/model.ts';

/**
 * The steps of a task: its workflow, else one step with its own agent, else the default workflow, else one step
 * with the default agent. Throws `UsageError` `UNKNOWN_WORKFLOW` or `UNKNOWN_AGENT` for names that the config does not have.
 */
export function workflowOf(definition: TaskDefinition, config: Config): Workflow {
  if (definition.planning !== undefined) return planning(definition, config);
  const name = definition.workflow ?? (definition.agent === undefined ? config.defaults.workflow : undefined);
  if (name === undefined) return single(definition, config);
  const workflow = config.workflows[name];
  if (workflow === undefined) {
    throw new UsageError(
      'UNKNOWN_WORKFLOW',
      `Task ${definition.id} names workflow "${name}", which the config does not have`,
      {
        advice: `Use one of ${Object.keys(config.workflows).sort().join(', ')}, or add workflows.${name} to .codewalk/config.json.`,
      },
    );
  }
  if (definition.agent === undefined) return workflow;
  // The task's own agent takes the place of the workflow's first role, also where work is sent back to it.
  const first = workflow.steps[0]?.agent;
  const agent = definition.agent;
  checkAgent(agent, definition, config);
  return {
    steps: workflow.steps.map((step) => ({
      ...step,
      agent: step.agent === first ? agent : step.agent,
      ...(step.onReject === first ? { onReject: agent } : {}),
    })),
  };
}

/** A proposal that cannot be used comes back so often. */
const MOST_MENDINGS = 3;

function planning(definition: TaskDefinition, config: Config): Workflow {
  const agent = definition.agent ?? 'orchestrator';
  checkAgent(agent, definition, config);
  return { steps: [{ agent, onReject: agent, maxRounds: MOST_MENDINGS, verify: false }] };
}

function single(definition: TaskDefinition, config: Config): Workflow {
  const agent = definition.agent ?? config.defaults.agent;
  checkAgent(agent, definition, config);
  return { steps: [{ agent, maxRounds: 1, verify: false }] };
}

function checkAgent(agent: string, definition: TaskDefinition, config: Config): void {
  if (config.agents[agent] !== undefined) return;
  throw new UsageError(
    'UNKNOWN_AGENT',
    `Task ${definition.id} names agent "${agent}", which the config does not have`,
    {
      advice: `Use one of ${Object.keys(config.agents).sort().join(', ')}, or add agents.${agent} to .codewalk/config.json.`,
    },
  );
}
