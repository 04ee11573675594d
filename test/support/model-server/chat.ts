import { z } from 'zod';
import type { Answer, NextId, Protocol, Question, RefusalOptions, Turn } from './protocol.ts';
import { pieces, TOKENS } from './protocol.ts';
import { OPENAI_REFUSALS } from './responses.ts';
import type { Refusal, RefusedFailure } from './scenarios.ts';
import type { Step } from './steps.ts';

const message = z.looseObject({
  role: z.string(),
  content: z
    .union([z.string(), z.array(z.looseObject({ text: z.string().optional() }))])
    .nullish()
    .transform((content) => content ?? ''),
});
const request = z.looseObject({
  model: z.string(),
  stream: z.boolean().default(false),
  tools: z.array(z.looseObject({ function: z.looseObject({ name: z.string() }) })).default([]),
  messages: z.array(message),
});

/** The OpenAI chat completions protocol, as Goose 1.34.0 and OpenCode 1.18.33 speak it. */
export const chat: Protocol = { read, answer, whole, frames, refusal };

function read(body: unknown): Question {
  const { model, stream, tools, messages } = request.parse(body);
  return { model, stream, tools: tools.map((tool) => tool.function.name), turns: messages.flatMap(turnOf) };
}

function turnOf({ role, content }: z.infer<typeof message>): Turn[] {
  if (role === 'tool') return [{ kind: 'tool-result' }];
  if (role !== 'user') return [];
  const text = typeof content === 'string' ? content : content.map((part) => part.text ?? '').join('\n');
  return [{ kind: 'user', text }];
}

function answer(step: Step, tools: readonly string[]): Answer {
  const said = step.text === undefined ? {} : { text: step.text };
  const openCode = tools.includes('bash');
  if ('write' in step) {
    const { path, content } = step.write;
    return {
      ...said,
      call: { name: 'write', input: openCode ? { filePath: path, content } : { path, content } },
    };
  }
  if ('shell' in step) {
    const command = step.shell;
    return {
      ...said,
      call: openCode
        ? { name: 'bash', input: { command, description: 'As scripted' } }
        : { name: 'shell', input: { command } },
    };
  }
  if ('tool' in step) return { ...said, call: step.tool };
  if ('mcp' in step) {
    return { ...said, call: { name: `${step.mcp.server}__${step.mcp.tool}`, input: step.mcp.input } };
  }
  return 'result' in step ? { text: JSON.stringify(step.result) } : said;
}

const USAGE = {
  prompt_tokens: TOKENS.input,
  completion_tokens: TOKENS.output,
  total_tokens: TOKENS.input + TOKENS.output,
};

function toolCalls(given: Answer, nextId: NextId) {
  if (!given.call) return {};
  const called = { name: given.call.name, arguments: JSON.stringify(given.call.input) };
  return { tool_calls: [{ index: 0, id: nextId('call'), type: 'function', function: called }] };
}

function whole(given: Answer, { model }: Question, nextId: NextId): unknown {
  const said = { role: 'assistant', content: given.text ?? null, ...toolCalls(given, nextId) };
  const finish_reason = given.call ? 'tool_calls' : 'stop';
  return {
    id: nextId('chatcmpl'),
    object: 'chat.completion',
    created: 0,
    model,
    choices: [{ index: 0, message: said, finish_reason }],
    usage: USAGE,
  };
}

function frames(given: Answer, { model }: Question, nextId: NextId): string[] {
  const chunk = { id: nextId('chatcmpl'), object: 'chat.completion.chunk', created: 0, model };
  const deltas = [
    ...pieces(given.text ?? '').map((content) => ({ role: 'assistant', content })),
    ...(given.call ? [toolCalls(given, nextId)] : []),
  ];
  return [
    ...deltas.map((delta) => ({ ...chunk, choices: [{ index: 0, delta, finish_reason: null }] })),
    { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: given.call ? 'tool_calls' : 'stop' }] },
    { ...chunk, choices: [], usage: USAGE },
  ]
    .map((event) => `data: ${JSON.stringify(event)}\n\n`)
    .concat('data: [DONE]\n\n');
}

function refusal(failure: RefusedFailure, { retryAfterS }: RefusalOptions): Refusal {
  const [status, type, code, text] = OPENAI_REFUSALS[failure];
  return {
    status,
    ...(retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }),
    body: { error: { message: text, type, code } },
  };
}
