import type { Workflow } from '../config/schema.ts';

/** Whether a person has to let the work go on after this step of the workflow. */
export function isGate(workflow: Workflow, index: number | undefined): boolean {
  return index !== undefined && workflow.steps[index]?.approve === true;
}

/**
 * The gate that the work passes right before its merge; undefined when nobody has to approve it. A task that wants an
 * approval has one after its last step. A step's own gate counts when nobody may change the work after it: what was
 * approved there is what is merged, or else it is asked again.
 */
export function mergeGate(
  workflow: Workflow,
  options: { approve: boolean; mayEdit: (agent: string) => boolean },
): number | undefined {
  const { steps } = workflow;
  if (options.approve) return Math.max(0, steps.length - 1);
  const lastEdit = steps.findLastIndex(({ agent }) => options.mayEdit(agent));
  const last = steps.findLastIndex(({ approve }) => approve === true);
  return last >= 0 && last >= lastEdit ? last : undefined;
}
