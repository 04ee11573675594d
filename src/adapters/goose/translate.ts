import { parseJsonLine, Tail, toolDetail } from '../../core/agents/json-line.ts';
import type { AgentEvent, OutputLine, SessionTotals } from '../../core/agents/ports.ts';
import { usageSince } from '../../core/agents/totals.ts';
import type { GooseContent, GooseEvent } from './events.ts';
import { gooseEvent } from './events.ts';

/** What the lines of a turn said so far, as far as its outcome depends on it. */
export interface GooseState {
  spoke: boolean;
  /** The message whose text is arriving in pieces. */
  messageId: string | undefined;
  pieces: string[];
  /** The last whole text of the model: the answer, once the turn is complete. */
  answer: string;
  /** What Goose itself said about the model: failures have no other sign. */
  notes: string[];
  readonly tools: Map<string, string>;
  /** It was asked to stop: a question stands in front of the last event. */
  interrupted: boolean;
  complete: { readonly totalTokens: number | undefined } | undefined;
  /** What it printed that is no event. */
  readonly stray: Tail;
}

export function newState(): GooseState {
  return {
    spoke: false,
    messageId: undefined,
    pieces: [],
    answer: '',
    notes: [],
    tools: new Map(),
    interrupted: false,
    complete: undefined,
    stray: new Tail(),
  };
}

/** Takes one line of standard output into `state` and says what it means. Unknown events mean nothing. */
export function translate(line: OutputLine, state: GooseState, before: SessionTotals): readonly AgentEvent[] {
  const json = parseJsonLine(line) ?? glued(line, state);
  if (json === undefined) {
    state.stray.add(line.text);
    return [];
  }
  const parsed = gooseEvent.safeParse(json);
  if (!parsed.success) return [];
  state.spoke = true;
  return meaning(parsed.data, state, before);
}

/** After SIGINT a question stands before the last event, on the same line. */
function glued(line: OutputLine, state: GooseState): Record<string, unknown> | undefined {
  const at = line.text.indexOf('{"type":"complete"');
  if (at <= 0) return undefined;
  state.interrupted = true;
  return parseJsonLine({ ...line, text: line.text.slice(at) });
}

function meaning(event: GooseEvent, state: GooseState, before: SessionTotals): AgentEvent[] {
  switch (event.type) {
    case 'message': {
      const { id, role, content = [] } = event.message;
      const whole = id === (state.messageId ?? null) ? [] : flush(state);
      if (id === null && role === 'assistant')
        return [...whole, ...content.flatMap((part) => note(part, state))];
      state.messageId = id ?? undefined;
      return [...whole, ...content.flatMap((part) => said(part, role, state))];
    }
    case 'error':
      state.notes.push(event.error ?? 'Goose reported an error without a message');
      return flush(state);
    case 'complete':
      state.complete = { totalTokens: event.total_tokens };
      return [...flush(state), ...usageEvents(event, before)];
  }
}

/** The text that arrived in pieces, as one. */
export function flush(state: GooseState): AgentEvent[] {
  const text = state.pieces.join('');
  state.pieces = [];
  state.messageId = undefined;
  if (text === '') return [];
  state.answer = text;
  return [{ type: 'text', text }];
}

function note(part: GooseContent, state: GooseState): AgentEvent[] {
  const message = part.text ?? part.msg;
  if (message === undefined) return [];
  if (part.type === 'text') state.notes.push(message);
  return [{ type: 'notice', message }];
}

function said(part: GooseContent, role: string | undefined, state: GooseState): AgentEvent[] {
  if (part.type === 'text' && role === 'assistant') {
    state.pieces.push(part.text ?? '');
    return [];
  }
  if (part.type === 'toolRequest') {
    const { name = 'tool', arguments: input } = part.toolCall?.value ?? {};
    if (part.id !== undefined) state.tools.set(part.id, name);
    const id = state.messageId;
    const whole = flush(state);
    state.messageId = id;
    return [...whole, { type: 'tool', name, detail: toolDetail(input), status: 'started' }];
  }
  if (part.type === 'toolResponse') {
    const failed = part.toolResult?.status === 'error' || part.toolResult?.value?.isError === true;
    const name = state.tools.get(part.id ?? '') ?? 'tool';
    state.tools.delete(part.id ?? '');
    return [{ type: 'tool', name, detail: '', status: failed ? 'failed' : 'completed' }];
  }
  return [];
}

function usageEvents(
  complete: Extract<GooseEvent, { type: 'complete' }>,
  before: SessionTotals,
): AgentEvent[] {
  if (complete.total_tokens === undefined) return [];
  const totals: SessionTotals = {
    inputTokens: complete.input_tokens ?? 0,
    outputTokens: complete.output_tokens ?? 0,
    cachedTokens: 0,
    costUsd: complete.cost_usd ?? 0,
  };
  const priced = complete.cost_usd !== undefined;
  return [{ type: 'usage', usage: { ...usageSince(before, totals), priced }, totals }];
}
