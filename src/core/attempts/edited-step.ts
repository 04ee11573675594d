import { isAsked } from '../roadmap/changed-fields.ts';
import type { AttemptContext } from './attempt-context.ts';
import { isAfterWorkflow, type NextStep } from './next-step.ts';

/**
 * One more step of the role that made the work, when what was asked of it changed after its last turn and nobody who
 * may change the work comes next: a review of it would be of no use, and neither would its merge. Absent otherwise.
 */
export function editedStep(
  context: AttemptContext,
  next: NextStep,
): Extract<NextStep, { kind: 'step' }> | undefined {
  if (next.kind === 'exhausted' || !isOutdated(context)) return undefined;
  if (next.kind === 'step' && mayEdit(context, next.agent)) return undefined;
  const made = lastMade(context);
  if (made === undefined) return undefined;
  return {
    kind: 'step',
    index: made.index,
    agent: made.agent,
    round: made.round,
    stepKind: 'edited',
    feedback: undefined,
    verify: false,
    continueSession: true,
  };
}

/** Was something made for this task by an older text of what is asked? */
export function isOutdated(context: AttemptContext): boolean {
  return context.stale.some(({ field }) => isAsked(field)) && lastMade(context) !== undefined;
}

function lastMade(context: AttemptContext) {
  return context.history.findLast(
    ({ agent, verdict, kind }) => verdict === 'done' && !isAfterWorkflow(kind) && mayEdit(context, agent),
  );
}

function mayEdit(context: AttemptContext, role: string): boolean {
  return context.member(role).agent.tools.includes('edit');
}
