import { parseJsonLine, Tail, toolDetail } from '../../core/agents/json-line.ts';
import type { AgentEvent, OutputLine, SessionTotals } from '../../core/agents/ports.ts';
import { usageSince } from '../../core/agents/totals.ts';
import type { CodexEvent, CodexItem } from './events.ts';
import { codexEvent } from './events.ts';

/** What the lines of a turn said so far, as far as its outcome depends on it. */
export interface CodexState {
  threadId: string | undefined;
  completed: boolean;
  /** The message of `turn.failed`. */
  failure: string | undefined;
  /** The last agent message: the answer, once the turn is complete. */
  answer: string;
  /** What it printed that is no event. */
  readonly stray: Tail;
}

export function newState(): CodexState {
  return { threadId: undefined, completed: false, failure: undefined, answer: '', stray: new Tail() };
}

/** Takes one line of standard output into `state` and says what it means. Unknown events mean nothing. */
export function translate(line: OutputLine, state: CodexState, before: SessionTotals): readonly AgentEvent[] {
  const json = parseJsonLine(line);
  if (json === undefined) {
    state.stray.add(line.text);
    return [];
  }
  const parsed = codexEvent.safeParse(json);
  return parsed.success ? meaning(parsed.data, state, before) : [];
}

function meaning(event: CodexEvent, state: CodexState, before: SessionTotals): AgentEvent[] {
  switch (event.type) {
    case 'thread.started':
      state.threadId = event.thread_id;
      return [{ type: 'session', sessionId: event.thread_id }];
    case 'item.started':
      return tool(event.item, 'started');
    case 'item.completed':
      return completed(event.item, state);
    case 'error':
      return reconnecting(event.message ?? '');
    case 'turn.failed':
      state.failure = event.error?.message ?? 'Codex reported a failure without a message';
      return [];
    case 'turn.completed':
      state.completed = true;
      return usageEvents(event, before);
  }
}

function completed(item: CodexItem, state: CodexState): AgentEvent[] {
  switch (item.type) {
    case 'agent_message':
      state.answer = item.text ?? '';
      return [{ type: 'text', text: state.answer }];
    case 'error':
      return [{ type: 'notice', message: item.message ?? 'Codex printed a warning without a message' }];
    default:
      return tool(item, item.status === 'failed' || item.status === 'declined' ? 'failed' : 'completed');
  }
}

function tool(item: CodexItem, status: 'started' | 'completed' | 'failed'): AgentEvent[] {
  switch (item.type) {
    case 'command_execution':
      return [{ type: 'tool', name: 'shell', detail: item.command ?? '', status }];
    case 'file_change':
      return [
        {
          type: 'tool',
          name: 'edit',
          detail: (item.changes ?? []).map(({ path }) => path).join(' '),
          status,
        },
      ];
    case 'mcp_tool_call':
      return [{ type: 'tool', name: `${item.server ?? 'mcp'}.${item.tool ?? 'tool'}`, detail: '', status }];
    case 'web_search':
      return [{ type: 'tool', name: 'web_search', detail: toolDetail(item), status }];
    default:
      return [];
  }
}

/** A failure is announced again by `turn.failed`, so only the reconnects count here. */
function reconnecting(message: string): AgentEvent[] {
  const [, attempt, cause] = /^Reconnecting\.{3} (\d+)\/\d+(?: \((.*)\))?/s.exec(message) ?? [];
  return attempt === undefined
    ? []
    : [{ type: 'retrying', attempt: Number(attempt), reason: cause ?? message }];
}

function usageEvents(
  { usage }: Extract<CodexEvent, { type: 'turn.completed' }>,
  before: SessionTotals,
): AgentEvent[] {
  if (usage === undefined) return [];
  const totals: SessionTotals = {
    inputTokens: usage.input_tokens ?? 0,
    outputTokens: usage.output_tokens ?? 0,
    cachedTokens: usage.cached_input_tokens ?? 0,
    costUsd: 0,
  };
  return [{ type: 'usage', usage: usageSince(before, totals), totals }];
}
