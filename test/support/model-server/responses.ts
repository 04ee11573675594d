import { dirname } from 'node:path';
import { z } from 'zod';
import type { Answer, NextId, Protocol, Question, RefusalOptions, Turn } from './protocol.ts';
import { pieces, shellWord, TOKENS } from './protocol.ts';
import type { Refusal, RefusedFailure } from './scenarios.ts';
import type { Step } from './steps.ts';

const item = z.looseObject({
  type: z.string().default('message'),
  role: z.string().optional(),
  content: z
    .union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
    .nullish()
    .transform((content) => content ?? ''),
});
const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: z.array(z.looseObject({ type: z.string(), name: z.string().optional() })).default([]),
  input: z.array(item),
});

/** The OpenAI responses protocol, as Codex 0.169.0 speaks it. */
export const responses: Protocol = { read, answer, whole, frames, refusal };

function read(body: unknown): Question {
  const { model, stream, tools, input } = request.parse(body);
  return { model, stream, tools: tools.map(({ name, type }) => name ?? type), turns: input.flatMap(turnOf) };
}

function turnOf({ type, role, content }: z.infer<typeof item>): Turn[] {
  if (type.endsWith('_output')) return [{ kind: 'tool-result' }];
  if (type !== 'message' || role !== 'user') return [];
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n');
  return [{ kind: 'user', text }];
}

function answer(step: Step): Answer {
  const said = step.text === undefined ? {} : { text: step.text };
  if ('write' in step) return { ...said, call: exec(writeCommand(step.write)) };
  if ('shell' in step) return { ...said, call: exec(step.shell) };
  if ('tool' in step) return { ...said, call: step.tool };
  if ('mcp' in step) {
    const { server, tool, input } = step.mcp;
    return { ...said, call: { namespace: `mcp__${server}`, name: tool, input } };
  }
  return 'result' in step ? { text: JSON.stringify(step.result) } : said;
}

function exec(command: string) {
  return { name: 'exec_command', input: { cmd: command } };
}

// Codex recognises this heredoc and reports a file_change. A patch can only hold whole lines.
function writeCommand({ path, content }: { path: string; content: string }): string {
  if (!content.endsWith('\n')) {
    return `mkdir -p ${shellWord(dirname(path))} && printf %s ${shellWord(content)} > ${shellWord(path)}`;
  }
  const added = content
    .slice(0, -1)
    .split('\n')
    .map((line) => `+${line}\n`)
    .join('');
  return `apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: ${path}\n${added}*** End Patch\nEOF`;
}

function itemsOf(given: Answer, nextId: NextId) {
  return [
    ...(given.text === undefined
      ? []
      : [
          {
            type: 'message' as const,
            id: nextId('msg'),
            status: 'completed',
            role: 'assistant',
            content: [{ type: 'output_text', text: given.text, annotations: [] }],
          },
        ]),
    ...(given.call
      ? [
          {
            type: 'function_call' as const,
            id: nextId('fc'),
            status: 'completed',
            call_id: nextId('call'),
            name: given.call.name,
            // Codex 0.169.0 refuses the flat name of a tool of an MCP server.
            ...(given.call.namespace === undefined ? {} : { namespace: given.call.namespace }),
            arguments: JSON.stringify(given.call.input),
          },
        ]
      : []),
  ];
}

function completed(given: Answer, { model }: Question, nextId: NextId) {
  return {
    id: nextId('resp'),
    object: 'response',
    status: 'completed',
    model,
    output: itemsOf(given, nextId),
    usage: {
      input_tokens: TOKENS.input,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: TOKENS.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: TOKENS.input + TOKENS.output,
    },
  };
}

function whole(given: Answer, question: Question, nextId: NextId): unknown {
  return completed(given, question, nextId);
}

function frames(given: Answer, question: Question, nextId: NextId): string[] {
  const response = completed(given, question, nextId);
  const created = { ...response, status: 'in_progress', output: [], usage: null };
  return [
    { type: 'response.created', response: created },
    ...response.output.flatMap((one, output_index) =>
      one.type === 'message' ? textEvents(one, output_index) : callEvents(one, output_index),
    ),
    { type: 'response.completed', response },
  ].map(
    (event, sequence_number) =>
      `event: ${event.type}\ndata: ${JSON.stringify({ ...event, sequence_number })}\n\n`,
  );
}

type Item = ReturnType<typeof itemsOf>[number];
type StreamEvent = { readonly type: string; readonly [field: string]: unknown };

function textEvents(one: Extract<Item, { type: 'message' }>, output_index: number): StreamEvent[] {
  const at = { item_id: one.id, output_index, content_index: 0 };
  const text = one.content.map((part) => part.text).join('');
  return [
    {
      type: 'response.output_item.added',
      output_index,
      item: { ...one, status: 'in_progress', content: [] },
    },
    { type: 'response.content_part.added', ...at, part: { type: 'output_text', text: '', annotations: [] } },
    ...pieces(text).map((delta) => ({ type: 'response.output_text.delta', ...at, delta })),
    { type: 'response.output_text.done', ...at, text },
    { type: 'response.content_part.done', ...at, part: one.content[0] },
    { type: 'response.output_item.done', output_index, item: one },
  ];
}

function callEvents(one: Extract<Item, { type: 'function_call' }>, output_index: number): StreamEvent[] {
  const at = { item_id: one.id, output_index };
  return [
    {
      type: 'response.output_item.added',
      output_index,
      item: { ...one, status: 'in_progress', arguments: '' },
    },
    ...pieces(one.arguments).map((delta) => ({
      type: 'response.function_call_arguments.delta',
      ...at,
      delta,
    })),
    { type: 'response.function_call_arguments.done', ...at, arguments: one.arguments },
    { type: 'response.output_item.done', output_index, item: one },
  ];
}

/** Status, `type`, `code` and message of an OpenAI error; the chat protocol words them the same way. */
export const OPENAI_REFUSALS = {
  '401': [401, 'invalid_request_error', 'invalid_api_key', 'Incorrect API key provided'],
  '403': [403, 'invalid_request_error', 'forbidden', 'You are not allowed to use this model'],
  '404': [404, 'invalid_request_error', 'model_not_found', 'The model does not exist'],
  '429': [429, 'rate_limit_error', 'rate_limit_exceeded', 'Rate limit reached for requests'],
  '500': [500, 'server_error', null, 'The server had an error while processing your request'],
  '503': [503, 'server_error', null, 'The engine is currently overloaded'],
  '529': [529, 'server_error', null, 'Overloaded'],
  usage: [429, 'usage_limit_reached', null, 'The usage limit has been reached'],
  quota: [429, 'insufficient_quota', 'insufficient_quota', 'You exceeded your current quota'],
  billing: [400, 'insufficient_quota', 'insufficient_quota', 'Your account has no credit left'],
  context: [400, 'invalid_request_error', 'context_length_exceeded', 'Your input exceeds the context window'],
} as const satisfies Record<RefusedFailure, readonly [number, string, string | null, string]>;

function refusal(failure: RefusedFailure, { retryAfterS, usageResetsAt }: RefusalOptions): Refusal {
  const [status, type, code, message] = OPENAI_REFUSALS[failure];
  const limit = failure === 'usage' ? { plan_type: 'plus', resets_at: usageResetsAt } : {};
  return {
    status,
    ...(retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }),
    body: { error: { message, type, code, ...limit } },
  };
}
