import * as z from 'zod';
import { count, lenient, text } from '../../core/agents/lenient.ts';

const item = z.object({
  type: text,
  status: text,
  /** agent_message */
  text,
  /** error: a warning, the turn goes on */
  message: text,
  /** command_execution */
  command: text,
  /** file_change */
  changes: lenient(z.array(z.object({ path: z.string() }))),
  /** mcp_tool_call */
  server: text,
  tool: text,
  /** web_search */
  query: text,
});

/** The lines of `codex exec --json` that mean something here; seen with 0.169.0. */
export const codexEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('thread.started'), thread_id: z.string() }),
  z.object({ type: z.literal('item.started'), item }),
  z.object({ type: z.literal('item.completed'), item }),
  z.object({
    type: z.literal('turn.completed'),
    /** Cumulative over the thread. `input_tokens` counts the cached ones too. */
    usage: lenient(z.object({ input_tokens: count, cached_input_tokens: count, output_tokens: count })),
  }),
  /** Also every "Reconnecting… n/5 (cause)": it ends nothing. */
  z.object({ type: z.literal('error'), message: text }),
  z.object({ type: z.literal('turn.failed'), error: lenient(z.object({ message: text })) }),
]);

export type CodexEvent = z.infer<typeof codexEvent>;
export type CodexItem = z.infer<typeof item>;
