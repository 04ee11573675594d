import { UsageError } from '../errors.ts';
import type { PlanningOrder, Proposals } from '../planning/ports.ts';
import { APPROVAL_OPTIONS, isApproved } from '../review/approval.ts';
import type { AttemptContext, AttemptEnd } from './attempt-context.ts';

/**
 * Ends a planning task whose proposal is kept. One that somebody asked for waits for them, as a proposal; another way
 * for a task that failed is put to a person as a question. Approved, it is applied; rejected, it goes back to its agent
 * with what the person said, which `nextStep` sees to; and it ends when they drop it.
 */
export async function finishPlanning(context: AttemptContext, order: PlanningOrder): Promise<AttemptEnd> {
  const { engine, claim, journal } = context;
  const { task, attempt } = claim;
  const summary = context.workSummary() ?? '';
  if (order.replaces !== undefined) {
    const gate = { gate: 0, changes: `${task}#${context.lastStep}` };
    const isYes = isApproved(context.approvals, gate);
    const problem = isYes ? await apply(context) : undefined;
    if (!isYes || problem !== undefined) {
      await journal.commit({
        type: 'task.asked',
        task,
        attempt,
        step: context.lastStep,
        questions: [
          {
            id: `approve-${attempt}`,
            question: question({ task, replaces: order.replaces, summary, problem }),
            options: [...APPROVAL_OPTIONS],
            kind: 'approval',
            approves: { ...gate, commit: context.head },
          },
        ],
      });
      return 'waiting';
    }
  }
  await journal.commit({ type: 'task.done', task, attempt, commit: undefined, summary });
  const { base } = context.workspace;
  await engine.workspaces.release(context.workspace, { mergedInto: base, mergedHead: context.head });
  await engine.sandboxes.discard(context.place);
  // Nobody waits for it as for a proposal: it need not stand among what is to be done.
  if (order.replaces !== undefined) await archive(context);
  return 'done';
}

async function archive({ engine, claim: { task } }: AttemptContext): Promise<void> {
  await engine.store.command(task, ({ state }) =>
    state === 'done' ? [{ type: 'task.archived', task, reason: 'its plan is applied' }] : [],
  );
}

/** Applies what a person approved. Why it cannot be, if so. */
async function apply(context: AttemptContext): Promise<string | undefined> {
  const by = context.approvals.at(-1)?.answeredBy ?? 'person';
  try {
    await proposalsOf(context).apply(context.claim.task, by);
    return undefined;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message;
  }
}

function question(plan: {
  task: string;
  replaces: string;
  summary: string;
  problem: string | undefined;
}): string {
  const { task, replaces, summary, problem } = plan;
  const parts = [
    ...(problem === undefined ? [] : [`It was approved but could not be applied: ${problem}`]),
    `${replaces} failed. May the roadmap be changed, so that it is reached in another way?`,
    summary,
    `Look at it: cw plan show ${task}. Drop it: cw plan drop ${task}`,
  ];
  return parts.join('\n\n');
}

/** Throws when this orchestrator was not told how proposals are taken. */
export function proposalsOf({ engine }: AttemptContext): Proposals {
  if (engine.proposals === undefined) throw new Error('Planning tasks need a place for their proposals');
  return engine.proposals;
}
