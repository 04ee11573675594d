import * as z from 'zod';
import type { AgentResult } from './outcome.ts';
import { agentResult } from './outcome.ts';

/** A result is looked for in this much of the end of a text, and in at most so many objects. */
const WINDOW = 200_000;
const MAX_CANDIDATES = 500;

const STATUSES: readonly unknown[] = [
  'done',
  'questions',
  'rejected',
  'error',
] satisfies AgentResult['status'][];

/**
 * The structured result in what an agent said last: an object that the CLI checked, or a text that is one JSON
 * object, ends in a fenced one, or holds one. `undefined` when there is none. An object that means to be the result
 * but is malformed becomes an `error` result that says what is wrong with it.
 */
export function parseAgentResult(said: unknown): AgentResult | undefined {
  if (typeof said !== 'string') return interpret(said) ?? undefined;
  const text = said.slice(-WINDOW);
  const whole = parseObject(unfenced(text));
  if (whole !== undefined) return interpret(whole);
  return leading(text) ?? embedded(text);
}

/** `undefined` for an object that is no result at all. */
function interpret(value: unknown): AgentResult | undefined {
  if (!isObject(value) || !STATUSES.includes(value.status)) return undefined;
  const parsed = agentResult.safeParse(tidied(value));
  if (parsed.success) return parsed.data;
  return {
    status: 'error',
    malformed: true,
    reason: `The agent's result is malformed: ${z.prettifyError(parsed.error).replace(/\s+/g, ' ')}`.slice(
      0,
      2_000,
    ),
  };
}

/** Strict schemas make CLIs write `null` for what is absent; ids of questions are easily forgotten. */
function tidied(value: Record<string, unknown>): unknown {
  const kept = withoutNulls(value);
  if (!Array.isArray(kept.questions)) return kept;
  const questions = kept.questions.map((entry: unknown, index) => {
    const question = isObject(entry) ? withoutNulls(entry) : { question: entry };
    return { id: `q${index + 1}`, ...question };
  });
  return { ...kept, questions };
}

function withoutNulls(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}

/** What is in the fence that ends the text, or the text itself. */
function unfenced(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.endsWith('```')) return trimmed;
  const body = trimmed.slice(0, -3);
  const open = body.lastIndexOf('```');
  return open === -1
    ? trimmed
    : body
        .slice(open + 3)
        .replace(/^[a-zA-Z]*\s/, '')
        .trim();
}

/** A result that begins a line and is all that follows, but for the end of its fence: there may be fences in its texts. */
function leading(text: string): AgentResult | undefined {
  const start = /^\{\s{0,200}"/m.exec(text)?.index;
  const end = start === undefined ? -1 : objectEnd(text, start);
  if (start === undefined || end === -1 || !/^\s*(?:```)?\s*$/.test(text.slice(end, end + 200)))
    return undefined;
  const value = parseObject(text.slice(start, end));
  return value === undefined ? undefined : interpret(value);
}

/** The last well-formed result among the objects in a text. What is malformed here may just be talked about. */
function embedded(text: string): AgentResult | undefined {
  let at = text.length;
  for (let candidates = 0; candidates < MAX_CANDIDATES; candidates++) {
    at = at === 0 ? -1 : text.lastIndexOf('{', at - 1);
    if (at === -1) return undefined;
    const end = objectEnd(text, at);
    if (end === -1) continue;
    const value = parseObject(text.slice(at, end));
    const parsed = isObject(value) ? agentResult.safeParse(tidied(value)) : undefined;
    if (parsed?.success) return parsed.data;
  }
  return undefined;
}

/** Behind the bracket that closes the object at `start`, or -1. */
function objectEnd(text: string, start: number): number {
  // A JSON object goes on with a key: most brackets in prose and code do not.
  if (!/^\{\s{0,200}"/.test(text.slice(start, start + 202))) return -1;
  let depth = 0;
  let quoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (quoted) {
      if (character === '\\') at += 1;
      else if (character === '"') quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === '{') depth += 1;
    else if (character === '}') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return -1;
}

function parseObject(text: string): unknown {
  if (!text.startsWith('{') || !text.endsWith('}')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
