import * as z from 'zod';
import { anything, count, lenient, text } from '../../core/agents/lenient.ts';

/** The parts of agents' messages that mean something here. Agents leave fields out and add others. */
const named = lenient(z.array(z.object({ id: z.string() })));
const tokens = lenient(
  z.object({
    inputTokens: count,
    outputTokens: count,
    cachedReadTokens: count,
    totalTokens: count,
  }),
);

export const initialized = z.object({
  protocolVersion: count,
  agentCapabilities: lenient(z.object({ loadSession: lenient(z.boolean()) })),
  agentInfo: lenient(z.object({ name: text, version: text })),
});

/** The answer to `session/new` and `session/load`. Agents offer modes and models in one or the other way. */
export const opened = z.object({
  sessionId: text,
  modes: lenient(z.object({ currentModeId: text, availableModes: named })),
  models: lenient(z.object({ currentModelId: text })),
  configOptions: lenient(
    z.array(
      z.object({
        id: z.string(),
        category: text,
        currentValue: text,
        options: lenient(z.array(z.object({ value: text }))),
      }),
    ),
  ),
});
export type Opened = z.infer<typeof opened>;

export const prompted = z.object({
  stopReason: text,
  usage: tokens,
  _meta: lenient(
    z.object({
      quota: lenient(
        z.object({ token_count: lenient(z.object({ input_tokens: count, output_tokens: count })) }),
      ),
    }),
  ),
});
export type Prompted = z.infer<typeof prompted>;

const toolFields = {
  toolCallId: text,
  title: text,
  kind: text,
  status: text,
  rawInput: anything,
  locations: lenient(z.array(z.object({ path: z.string() }))),
};
const tool = z.object(toolFields);
export type ToolFields = z.infer<typeof tool>;

const chunk = { messageId: text, content: lenient(z.object({ type: text, text })) };

export const update = z.discriminatedUnion('sessionUpdate', [
  z.object({ sessionUpdate: z.literal('agent_message_chunk'), ...chunk }),
  z.object({ sessionUpdate: z.literal('user_message_chunk'), ...chunk }),
  z.object({ sessionUpdate: z.literal('available_commands_update') }),
  z.object({ sessionUpdate: z.literal('tool_call'), ...toolFields }),
  z.object({ sessionUpdate: z.literal('tool_call_update'), ...toolFields }),
  z.object({
    sessionUpdate: z.literal('plan'),
    entries: lenient(z.array(z.object({ content: text, status: text }))),
  }),
  z.object({ sessionUpdate: z.literal('usage_update'), cost: lenient(z.object({ amount: count })) }),
]);
export type Update = z.infer<typeof update>;

export const updateNotice = z.object({ update });

export const permissionParams = z.object({
  toolCall: tool,
  options: z.array(z.object({ optionId: z.string(), kind: text })),
});
export type PermissionParams = z.infer<typeof permissionParams>;

/** What agents put beside the message of a JSON-RPC error, in their many ways. */
export const errorData = lenient(
  z.object({
    details: text,
    message: text,
    status: count,
    statusCode: count,
    code: count,
  }),
);
