import * as z from 'zod';
import { dryRun, id } from './inputs.ts';
import { mutation, query, router } from './procedures.ts';

const plan = id.describe('Id of the task that makes it.');
const MOST_GOAL_CHARS = 100_000;

/** Plans that the orchestrator's agent makes. */
export const planRouter = router({
  list: query(
    'plans',
    z.strictObject({ state: z.enum(['open', 'applied', 'dropped']).exactOptional() }).optional(),
    { does: 'Lists the plans that were proposed.', gives: 'The plans, oldest first.' },
  ),
  show: query('plan', z.strictObject({ plan }), {
    does: 'Shows a plan, and what it would do to the roadmap file now. Changes nothing.',
    gives:
      'The plan; the diff of the file, the longest chain and what to know, or what keeps it from being applied.',
  }),
  propose: mutation(
    'proposePlan',
    z.strictObject({ goal: z.string().trim().min(1).max(MOST_GOAL_CHARS), agent: id.exactOptional() }),
    {
      does: 'Asks the orchestrator agent for a plan. Nothing of it is done before it is applied.',
      gives: 'The task that makes it; plan.proposed follows, or a question of that task.',
    },
  ),
  accept: mutation('applyPlan', z.strictObject({ plan, dryRun }), {
    does: 'Writes a plan into the roadmap file.',
    gives: 'The diff of the file, and the tasks that came with it.',
  }),
  drop: mutation('dropPlan', z.strictObject({ plan }), {
    does: 'Drops a plan, and ends the task that makes it.',
    gives: 'Its id.',
  }),
});
