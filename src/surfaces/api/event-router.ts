import { tracked } from '@trpc/server';
import * as z from 'zod';
import { OPERATIONS } from '../../core/api/roles.ts';
import { eventTypes, id, nothing, seq } from './inputs.ts';
import { allowed, query, router } from './procedures.ts';

const after = z.strictObject({ after: seq, task: id.exactOptional(), types: eventTypes.exactOptional() });

/** The log of events. */
export const eventRouter = router({
  list: query('events', after.extend({ limit: z.int().min(1).max(1_000).exactOptional() }), {
    does: 'Lists events after a number.',
    gives: 'The events in order, 1,000 at most.',
  }),
  head: query('head', nothing, {
    does: 'Says how far the log goes.',
    gives: 'The number of the newest event; 0 when there is none.',
  }),
  follow: allowed
    .meta({
      operation: OPERATIONS.follow,
      does: 'Tells of events as they happen, without gap or double also after a cut: `lastEventId` is sent by itself.',
      gives: 'Arrays of events in order. For many events, `GET /events` costs the server far less.',
    })
    .input(
      after.extend({
        lastEventId: z
          .string()
          .regex(/^\d{1,16}$/)
          .exactOptional(),
      }),
    )
    .subscription(async function* ({ ctx, input: { lastEventId, ...from }, signal }) {
      const project = await ctx.open();
      const known = Math.max(from.after, Number(lastEventId ?? 0));
      const ends = signal ?? new AbortController().signal;
      for await (const batch of project.follow({ ...from, after: known }, ends)) {
        yield tracked(String(batch.at(-1)?.seq ?? known), batch);
      }
    }),
});
