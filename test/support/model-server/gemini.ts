import { z } from 'zod';
import type { Answer, NextId, Protocol, Question, RefusalOptions, Turn } from './protocol.ts';
import { pieces, TOKENS } from './protocol.ts';
import type { Refusal, RefusedFailure } from './scenarios.ts';
import type { Step } from './steps.ts';

const part = z.looseObject({ text: z.string().optional(), functionResponse: z.unknown().optional() });
const request = z.looseObject({
  tools: z
    .array(z.looseObject({ functionDeclarations: z.array(z.looseObject({ name: z.string() })).default([]) }))
    .default([]),
  contents: z.array(z.looseObject({ role: z.string().default('user'), parts: z.array(part).default([]) })),
});

const PATH = /^\/v1beta\/models\/([^/:]+):(streamGenerateContent|generateContent)$/;

/** Is an answer asked for at this path? The model and the way to answer are part of it. */
export function isGemini(path: string): boolean {
  return PATH.test(path);
}

/** Google's generateContent protocol, as Gemini CLI 0.61.0 speaks it. */
export const gemini: Protocol = { read, answer, whole, frames, refusal };

function read(body: unknown, path: string): Question {
  const { tools, contents } = request.parse(body);
  const [, model = '', method] = PATH.exec(path) ?? [];
  return {
    model,
    stream: method === 'streamGenerateContent',
    tools: tools.flatMap(({ functionDeclarations }) => functionDeclarations.map(({ name }) => name)),
    turns: contents.flatMap(turnsOf),
  };
}

function turnsOf({ role, parts }: z.infer<typeof request>['contents'][number]): Turn[] {
  if (role !== 'user') return [];
  const results: Turn[] = parts
    .filter(({ functionResponse }) => functionResponse !== undefined)
    .map(() => ({ kind: 'tool-result' }));
  // What the agent adds to the results of its tools is not the user speaking.
  if (results.length > 0) return results;
  return [{ kind: 'user', text: parts.map(({ text = '' }) => text).join('\n') }];
}

function answer(step: Step): Answer {
  const said = step.text === undefined ? {} : { text: step.text };
  if ('write' in step) {
    const { path, content } = step.write;
    return { ...said, call: { name: 'write_file', input: { file_path: path, content } } };
  }
  if ('shell' in step) {
    const input = { command: step.shell, description: 'As scripted' };
    return { ...said, call: { name: 'run_shell_command', input } };
  }
  if ('tool' in step) return { ...said, call: step.tool };
  if ('mcp' in step) {
    return { ...said, call: { name: `mcp_${step.mcp.server}_${step.mcp.tool}`, input: step.mcp.input } };
  }
  return 'result' in step ? { text: JSON.stringify(step.result) } : said;
}

const USAGE = {
  promptTokenCount: TOKENS.input,
  candidatesTokenCount: TOKENS.output,
  totalTokenCount: TOKENS.input + TOKENS.output,
};

function candidate(parts: readonly unknown[], ending: object): unknown {
  return { candidates: [{ content: { role: 'model', parts }, index: 0, ...ending }] };
}

function callPart(given: Answer, nextId: NextId): unknown[] {
  if (!given.call) return [];
  return [{ functionCall: { id: nextId('call'), name: given.call.name, args: given.call.input } }];
}

function whole(given: Answer, _question: Question, nextId: NextId): unknown {
  const parts = [...(given.text === undefined ? [] : [{ text: given.text }]), ...callPart(given, nextId)];
  return { ...(candidate(parts, { finishReason: 'STOP' }) as object), usageMetadata: USAGE };
}

function frames(given: Answer, _question: Question, nextId: NextId): string[] {
  const chunks = [
    ...pieces(given.text ?? '').map((text) => candidate([{ text }], {})),
    ...callPart(given, nextId).map((call) => candidate([call], {})),
    {
      ...(candidate([{ text: '' }], { finishReason: 'STOP' }) as object),
      usageMetadata: USAGE,
    },
  ];
  return chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\r\n\r\n`);
}

const REFUSALS = {
  '401': [401, 'UNAUTHENTICATED', 'API key not valid. Please pass a valid API key.'],
  '403': [403, 'PERMISSION_DENIED', 'The caller does not have permission'],
  '404': [404, 'NOT_FOUND', 'The model is not found'],
  '429': [429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'],
  '500': [500, 'INTERNAL', 'An internal error has occurred'],
  '503': [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  '529': [503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'],
  usage: [429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota for the day'],
  quota: [
    429,
    'RESOURCE_EXHAUSTED',
    'You exceeded your current quota, please check your plan and billing details',
  ],
  billing: [400, 'FAILED_PRECONDITION', 'Billing is not enabled for this project'],
  context: [400, 'INVALID_ARGUMENT', 'The input token count exceeds the maximum number of tokens allowed'],
} as const satisfies Record<RefusedFailure, readonly [number, string, string]>;

function refusal(failure: RefusedFailure, { retryAfterS }: RefusalOptions): Refusal {
  const [code, status, message] = REFUSALS[failure];
  return {
    status: code,
    ...(retryAfterS === undefined ? {} : { headers: { 'retry-after': String(retryAfterS) } }),
    body: { error: { code, message, status } },
  };
}
