import { z } from 'zod';
import type { Answer, NextId, Protocol, Question, RefusalOptions, Turn } from './protocol.ts';
import { pieces, TOKENS } from './protocol.ts';
import type { Refusal, RefusedFailure } from './scenarios.ts';
import type { Step } from './steps.ts';

const block = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.looseObject({ file_path: z.string().optional() }).optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
});
type Block = z.infer<typeof block>;
const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: z.array(z.looseObject({ name: z.string() })).default([]),
  messages: z.array(z.looseObject({ role: z.string(), content: z.union([z.string(), z.array(block)]) })),
});

/** The Anthropic messages protocol, as Claude Code 2.1.329 speaks it. */
export const anthropic: Protocol = { read, answer, whole, frames, refusal };

function read(body: unknown): Question {
  const { model, stream, tools, messages } = request.parse(body);
  const blocks = messages.flatMap(({ role, content }) =>
    (typeof content === 'string' ? [{ type: 'text', text: content, content }] : content).map((one) => ({
      role,
      one,
    })),
  );
  return { model, stream, tools: tools.map(({ name }) => name), ...history(blocks) };
}

// Claude Code refuses to overwrite a file it has not read. A real model then reads it and tries again; so does this
// one, and neither the refusal nor the reading counts as the result of a step.
const UNREAD = 'File has not been read yet';

function history(blocks: readonly { role: string; one: Block }[]): Pick<Question, 'turns' | 'detour'> {
  const calls = new Map<string, Block>();
  const turns: Turn[] = [];
  let unread: Block | undefined;
  for (const { role, one } of blocks) {
    if (one.type === 'tool_use') calls.set(one.id ?? '', one);
    else if (role === 'user' && one.type === 'text') turns.push({ kind: 'user', text: one.text ?? '' });
    if (one.type !== 'tool_result') continue;
    const call = calls.get(one.tool_use_id ?? '');
    const isReading = unread !== undefined && call?.name === 'Read';
    unread = JSON.stringify(one.content ?? '').includes(UNREAD) ? call : undefined;
    if (!unread && !isReading) turns.push({ kind: 'tool-result' });
  }
  const path = unread?.input?.file_path;
  return {
    turns,
    ...(path === undefined ? {} : { detour: { call: { name: 'Read', input: { file_path: path } } } }),
  };
}

function answer(step: Step, tools: readonly string[]): Answer {
  const said = step.text === undefined ? {} : { text: step.text };
  if ('write' in step) {
    return {
      ...said,
      call: { name: 'Write', input: { file_path: step.write.path, content: step.write.content } },
    };
  }
  if ('shell' in step) return { ...said, call: { name: 'Bash', input: { command: step.shell } } };
  if ('tool' in step) return { ...said, call: step.tool };
  if ('mcp' in step) {
    return { ...said, call: { name: `mcp__${step.mcp.server}__${step.mcp.tool}`, input: step.mcp.input } };
  }
  if (!('result' in step)) return said;
  return tools.includes('StructuredOutput')
    ? { ...said, call: { name: 'StructuredOutput', input: step.result } }
    : { text: JSON.stringify(step.result) };
}

function contentOf(given: Answer, nextId: NextId) {
  return [
    ...(given.text === undefined ? [] : [{ type: 'text' as const, text: given.text }]),
    ...(given.call ? [{ type: 'tool_use' as const, id: nextId('toolu'), ...given.call }] : []),
  ];
}

function usage(outputTokens: number) {
  return {
    input_tokens: TOKENS.input,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: 0,
    output_tokens: outputTokens,
  };
}

function message(model: string, nextId: NextId) {
  return { id: nextId('msg'), type: 'message', role: 'assistant', model, stop_sequence: null };
}

function whole(given: Answer, { model }: Question, nextId: NextId): unknown {
  return {
    ...message(model, nextId),
    content: contentOf(given, nextId),
    stop_reason: given.call ? 'tool_use' : 'end_turn',
    usage: usage(TOKENS.output),
  };
}

function frames(given: Answer, { model }: Question, nextId: NextId): string[] {
  const start = { ...message(model, nextId), content: [], stop_reason: null, usage: usage(1) };
  return [
    { type: 'message_start', message: start },
    ...contentOf(given, nextId).flatMap((content, index) => [
      {
        type: 'content_block_start',
        index,
        content_block: content.type === 'text' ? { ...content, text: '' } : { ...content, input: {} },
      },
      ...(content.type === 'text'
        ? pieces(content.text).map((text) => ({ type: 'text_delta', text }))
        : pieces(JSON.stringify(content.input)).map((text) => ({
            type: 'input_json_delta',
            partial_json: text,
          }))
      ).map((delta) => ({ type: 'content_block_delta', index, delta })),
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: given.call ? 'tool_use' : 'end_turn', stop_sequence: null },
      usage: { output_tokens: TOKENS.output },
    },
    { type: 'message_stop' },
  ].map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

const REFUSALS = {
  '401': [401, 'authentication_error', 'invalid x-api-key'],
  '403': [403, 'permission_error', 'Your API key does not have permission to use the specified resource.'],
  '404': [404, 'not_found_error', 'model: no-such-model'],
  '429': [429, 'rate_limit_error', 'This request would exceed your rate limit.'],
  '500': [500, 'api_error', 'Internal server error'],
  '503': [503, 'api_error', 'Service unavailable'],
  '529': [529, 'overloaded_error', 'Overloaded'],
  usage: [429, 'rate_limit_error', "This request would exceed your account's rate limit."],
  quota: [429, 'rate_limit_error', 'You exceeded your current quota.'],
  billing: [400, 'invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'],
  context: [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'],
} as const satisfies Record<RefusedFailure, readonly [number, string, string]>;

function refusal(failure: RefusedFailure, { retryAfterS, usageResetsAt }: RefusalOptions): Refusal {
  const [status, type, text] = REFUSALS[failure];
  const headers = {
    ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }),
    ...(failure === 'usage' ? usageLimit(usageResetsAt) : {}),
  };
  return { status, headers, body: { type: 'error', error: { type, message: text } } };
}

/** The headers by which a subscription's limit is told from a passing rate limit; `resetsAt` in epoch seconds. */
function usageLimit(resetsAt: number) {
  return {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(resetsAt),
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  };
}
