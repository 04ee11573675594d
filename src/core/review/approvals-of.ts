import { workflowOf } from '../attempts/workflow-of.ts';
import type { Config } from '../config/schema.ts';
import { UsageError } from '../errors.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import { mergeGate } from './gates.ts';

/** Where a person has to let the work of a task go on. */
export interface Approvals {
  /** Nothing is merged that a person has not approved as it is. */
  readonly beforeMerge: boolean;
  /** How many steps of its workflow wait for a person. */
  readonly atSteps: number;
}

/** The approvals of a task by the config; undefined when it names a workflow or an agent that the config does not have. */
export function approvalsOf(definition: TaskDefinition, config: Config): Approvals | undefined {
  const approve = definition.approve === true;
  try {
    const workflow = workflowOf(definition, config);
    const mayEdit = (agent: string): boolean => config.agents[agent]?.tools.includes('edit') ?? true;
    return {
      beforeMerge: mergeGate(workflow, { approve, mayEdit }) !== undefined,
      atSteps: workflow.steps.filter((step) => step.approve === true).length,
    };
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}
