import { CodewalkError } from '../errors.ts';
import { approvalsOf } from '../review/approvals-of.ts';
import { type LostApproval, lostApprovals } from '../review/lost-approvals.ts';
import { TASK_STATES } from '../tasks/states.ts';
import { type Actor, nameOf } from './actor.ts';
import type { EditCheck, ProjectParts } from './parts.ts';
import { mayCall, OPERATIONS } from './roles.ts';

/**
 * What every edit of the roadmap by this actor is held against: who may not approve the work of a task may not take
 * its approval away either, on whatever way. Undefined for who may.
 */
export async function approvalGuard(parts: ProjectParts, actor: Actor): Promise<EditCheck | undefined> {
  if (mayCall(actor, OPERATIONS.review)) return undefined;
  // What stands in the file is known from here on, and stays known when it is taken out.
  await parts.refresh();
  const [config, store] = [await parts.config(), await parts.store()];
  const tasks = await store.tasks({ states: TASK_STATES });
  const known = new Map(tasks.map(({ id, definition }) => [id as string, definition]));
  return (before, after) => {
    const [lost] = lostApprovals({ before, after, known }, (definition) => approvalsOf(definition, config));
    if (lost !== undefined) throw refusal(lost, nameOf(actor));
  };
}

const WHAT = {
  dropped: 'would go on without the approval that it needs',
  done: 'would be done without the approval that it needs',
  forgotten: 'needs an approval and would be forgotten',
} as const satisfies Record<LostApproval['how'], string>;

function refusal({ task, how }: LostApproval, by: string): CodewalkError {
  return new CodewalkError('REFUSED', `${task} ${WHAT[how]}: that is not for ${by} to say`, {
    advice:
      how === 'forgotten'
        ? 'Mend what keeps the roadmap from being taken (cw roadmap sync), or ask somebody with the role approver.'
        : 'Ask somebody with the role approver or admin.',
  });
}
