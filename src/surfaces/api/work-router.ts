import * as z from 'zod';
import { id, text } from './inputs.ts';
import { mutation, router } from './procedures.ts';

const session = id.exactOptional().describe('Of several programs with one token: which one it is.');
const claim = id.describe('From `work.claim`.');
const gives = 'What is to be done and where (`work`), that it is `busy`, or how it ended (`over`).';

/** Tasks for programs that Codewalk did not start. */
export const workRouter = router({
  claim: mutation(
    'claimTask',
    z
      .strictObject({
        session,
        task: id.exactOptional().describe('Default: the next one.'),
        kept: z
          .boolean()
          .exactOptional()
          .describe('The caller says every 30 s that it is there: `work.keep`.'),
      })
      .optional(),
    { does: 'Gives the caller a task to do itself, one at a time.', gives },
  ),
  complete: mutation(
    'completeTask',
    z.strictObject({ session, claim, turn: z.int().min(1), summary: text.describe('What was made.') }),
    {
      does: 'Has what the caller made checked, reviewed and merged. Made again, it asks how that stands.',
      gives,
    },
  ),
  fail: mutation('failTask', z.strictObject({ session, claim, reason: text.min(1) }), {
    does: 'Gives a task up; what the caller made is saved.',
    gives,
  }),
  keep: mutation('keepClaim', z.strictObject({ session, claim }), {
    does: 'Says that the caller is still at it.',
    gives,
  }),
});
