import * as z from 'zod';
import { anything, count, flag, lenient, text } from '../../core/agents/lenient.ts';

/** One block of a message's content. */
const block = z.object({
  type: text,
  text,
  /** tool_use */
  id: text,
  name: text,
  input: anything,
  /** tool_result */
  tool_use_id: text,
  is_error: flag,
});

const content = lenient(z.array(block));

/** The lines of `claude -p --output-format stream-json` that mean something here; seen with 2.1.329. */
export const claudeEvent = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('system'),
    subtype: text,
    session_id: text,
    /** init */
    mcp_servers: lenient(z.array(z.object({ name: z.string(), status: z.string() }))),
    /** permission_denied */
    tool_name: text,
    message: text,
    /** api_retry */
    attempt: count,
    retry_delay_ms: count,
    error_status: count,
    error: text,
  }),
  z.object({
    type: z.literal('assistant'),
    session_id: text,
    message: lenient(z.object({ content })),
    error: text,
    api_error_status: count,
  }),
  z.object({ type: z.literal('user'), session_id: text, message: lenient(z.object({ content })) }),
  z.object({
    type: z.literal('rate_limit_event'),
    rate_limit_info: lenient(z.object({ status: text, resetsAt: count, rateLimitType: text })),
  }),
  z.object({
    type: z.literal('result'),
    subtype: text,
    session_id: text,
    is_error: flag,
    result: text,
    structured_output: anything,
    errors: lenient(z.array(z.string())),
    terminal_reason: text,
    api_error_status: count,
    total_cost_usd: count,
    /** Per model, cumulative over the session. */
    modelUsage: lenient(
      z.record(
        z.string(),
        z.object({
          inputTokens: count,
          outputTokens: count,
          cacheReadInputTokens: count,
          cacheCreationInputTokens: count,
        }),
      ),
    ),
  }),
]);

export type ClaudeEvent = z.infer<typeof claudeEvent>;
export type ClaudeResult = Extract<ClaudeEvent, { type: 'result' }>;
export type ClaudeBlock = z.infer<typeof block>;
