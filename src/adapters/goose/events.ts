import * as z from 'zod';
import { anything, count, flag, lenient, text } from '../../core/agents/lenient.ts';

const content = z.object({
  type: text,
  text,
  id: text,
  /** toolRequest */
  toolCall: lenient(z.object({ value: lenient(z.object({ name: text, arguments: anything })) })),
  /** toolResponse */
  toolResult: lenient(z.object({ status: text, value: lenient(z.object({ isError: flag })) })),
  /** systemNotification */
  msg: text,
});

/** The lines of `goose run --output-format stream-json -q` that mean something here; seen with 1.34.0. */
export const gooseEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('message'),
    message: z.object({
      /** `null` for what Goose itself says, such as a failure of the model. */
      id: z.string().nullable().catch(null),
      role: text,
      content: lenient(z.array(content)),
    }),
  }),
  z.object({ type: z.literal('error'), error: text }),
  /** Cumulative over the session; `total_tokens` is null when no model ever answered in it. */
  z.object({
    type: z.literal('complete'),
    total_tokens: count,
    input_tokens: count,
    output_tokens: count,
    cost_usd: count,
  }),
]);

export type GooseEvent = z.infer<typeof gooseEvent>;
export type GooseContent = z.infer<typeof content>;
