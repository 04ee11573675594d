import { APPROVAL_OPTIONS, isApproved } from '../review/approval.ts';
import { approvalText } from '../review/approval-text.ts';
import { isGate, mergeGate } from '../review/gates.ts';
import type { AttemptContext, AttemptEnd } from './attempt-context.ts';
import type { NextStep } from './next-step.ts';

/**
 * Ends the attempt with a question to a person when the work stands before a gate and this very work was not let
 * through. Returns nothing when it may go on.
 */
export async function awaitApproval(
  context: AttemptContext,
  next: Extract<NextStep, { kind: 'step' }>,
): Promise<AttemptEnd | undefined> {
  const { passed } = next;
  if (passed === undefined || !isGate(context.workflow, passed)) return undefined;
  return await askUnlessApproved(context, passed, next.agent);
}

/** The same for the merge: nothing is merged that a person has to approve and has not seen as it is. */
export async function awaitMergeApproval(context: AttemptContext): Promise<AttemptEnd | undefined> {
  const gate = gateOfMerge(context);
  return gate === undefined ? undefined : await askUnlessApproved(context, gate, undefined);
}

/** Whether the work may be merged by what was asked and answered until now. */
export async function mayMerge(context: AttemptContext): Promise<boolean> {
  const gate = gateOfMerge(context);
  if (gate === undefined) return true;
  const { fingerprint } = await context.engine.workspaces.changes(context.workspace);
  return isApproved(context.approvals, { gate, changes: fingerprint });
}

function gateOfMerge(context: AttemptContext): number | undefined {
  return mergeGate(context.workflow, {
    approve: context.definition.approve === true,
    mayEdit: (agent) => context.member(agent).agent.tools.includes('edit'),
  });
}

async function askUnlessApproved(
  context: AttemptContext,
  gate: number,
  nextAgent: string | undefined,
): Promise<AttemptEnd | undefined> {
  const { engine, claim, definition, head } = context;
  const { task, attempt } = claim;
  const { fingerprint, files } = await engine.workspaces.changes(context.workspace);
  if (isApproved(context.approvals, { gate, changes: fingerprint })) return undefined;
  // Whoever answers may be on another host, and so may be the attempt that goes on.
  await context.settle();
  const summary = context.workSummary() ?? '';
  const question = approvalText({ task, title: definition.title, nextAgent, summary, head, files });
  await context.journal.commit({
    type: 'task.asked',
    task,
    attempt,
    step: context.lastStep,
    questions: [
      {
        id: `approve-${attempt}`,
        question,
        options: [...APPROVAL_OPTIONS],
        kind: 'approval',
        approves: { gate, commit: head, changes: fingerprint },
      },
    ],
  });
  return 'waiting';
}
