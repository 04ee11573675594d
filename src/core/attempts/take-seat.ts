import { accountOf } from '../resilience/accounts.ts';
import type { AttemptContext, AttemptEnd } from './attempt-context.ts';
import { fail, release } from './endings.ts';
import type { CrewMember } from './ports.ts';

/** Who does a step, and on what terms. */
export interface Seat {
  readonly member: CrewMember;
  /** The account was cut off: this turn tries whether it works again. */
  readonly isTrial: boolean;
}

/**
 * Looks right before a step whether there is money for it and a provider that takes it: the role's own, or else the
 * first of its fallbacks. When there is none, the attempt ends and the task is not charged.
 */
export async function takeSeat(
  context: AttemptContext,
  role: string,
): Promise<{ seat: Seat } | { end: AttemptEnd }> {
  const { engine, claim } = context;
  if (engine.tenure.dismissedBy !== undefined) {
    return { end: await release(context, 'its orchestrator was asked to stop', { role }) };
  }
  const limit = engine.budgets.ofTask(context.definition);
  if (limit !== undefined && context.spentUsd >= limit) {
    return { end: await fail(context, 'budget', overTaskBudget(context.spentUsd, limit)) };
  }
  const reached = await engine.budgets.reached();
  if (reached !== undefined) {
    return { end: await release(context, `the budget of this ${reached.scope} is spent`, { role }) };
  }
  const candidates = engine.crew.candidates(role);
  const admission = await engine.accounts.admit(
    claim.task,
    candidates.map(({ provider }) => accountOf(provider)),
  );
  if (admission.kind === 'refused') {
    const { account, reason } = admission.standing;
    return { end: await release(context, `${account} takes no work: ${reason}`, { role }) };
  }
  const { account, isTrial } = admission;
  const member = candidates.find(({ provider }) => accountOf(provider) === account);
  if (member === undefined) throw new Error(`No provider of account ${account} plays ${role}`);
  return { seat: { member, isTrial } };
}

function overTaskBudget(spent: number, limit: number): string {
  const money = (usd: number) => `$${usd.toFixed(2)}`;
  return `its budget of ${money(limit)} is spent (${money(spent)}): raise budget.usd of the task, or budget.taskUsd, and retry it`;
}
