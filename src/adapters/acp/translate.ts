import { toolDetail } from '../../core/agents/json-line.ts';
import {
  PERMISSION_KINDS,
  type PermissionKind,
  type PermissionRequest,
} from '../../core/agents/permissions.ts';
import type { AgentEvent } from '../../core/agents/ports.ts';
import type { ToolFields, Update } from './messages.ts';

/** A message longer than this is told in parts. */
const PART_LENGTH = 8_000;
/** So many tool calls are remembered. */
const MAX_CALLS = 1_000;

interface Call {
  fields: ToolFields;
  told: 'nothing' | 'start' | 'end';
}

/** What the updates of a turn said so far, as far as its outcome depends on it. */
export class TurnState {
  /** The last message of the agent: the answer, once the turn is over. */
  answer = '';
  /** Of the whole session, as the agent counts. */
  costUsd: number | undefined;
  /** Before the prompt is sent, updates tell of what was said long ago. */
  #phase: 'opening' | 'loaded' | 'prompted' = 'opening';
  #wasLoaded = false;
  /** Some agents go on telling the history after they have said that it is loaded. */
  #replaying = false;
  #messageId: string | undefined;
  #untold = '';
  readonly #calls = new Map<string, Call>();

  /** The agent says that it has loaded an earlier session. */
  loaded(): void {
    this.#phase = 'loaded';
    this.#wasLoaded = true;
  }

  /** From here on updates are about the prompt. */
  prompted(): void {
    this.#phase = 'prompted';
  }

  /** What one update means. Updates that are unknown mean nothing. */
  take(update: Update): readonly AgentEvent[] {
    const kind = update.sessionUpdate;
    if (this.#wasLoaded && kind === 'user_message_chunk') this.#replaying = true;
    if (kind === 'available_commands_update') this.#replaying = false;
    if (kind === 'usage_update') this.costUsd = update.cost?.amount ?? this.costUsd;
    if (this.#phase !== 'prompted' || this.#replaying) return [];
    switch (update.sessionUpdate) {
      case 'agent_message_chunk':
        return this.#said(update.messageId, update.content?.text ?? '');
      case 'tool_call':
      case 'tool_call_update':
        return [...this.flush(), ...this.#tool(update)];
      case 'plan':
        return [...this.flush(), ...planned(update.entries ?? [])];
      case 'user_message_chunk':
      case 'available_commands_update':
      case 'usage_update':
        return [];
    }
  }

  /** What an agent asks leave for. What it left out it has told with the tool call. */
  permission(asked: ToolFields, cwd: string): PermissionRequest {
    const { fields } = this.#merge(asked);
    const kind = kindOf(fields);
    const inside = (text: string) => (text.startsWith(`${cwd}/`) ? text.slice(cwd.length + 1) : text);
    const paths = (fields.locations ?? []).map(({ path }) => inside(path));
    const changes = kind === 'edit' || kind === 'delete' || kind === 'move';
    const about = changes && paths.length > 0 ? paths : [toolDetail(fields.rawInput)];
    const title = inside(fields.title ?? '');
    const parts = [title, ...about.filter((part) => title !== part && !title.endsWith(` ${part}`))];
    return { kind, subject: parts.filter((part) => part !== '' && part !== '{}').join(' · ') };
  }

  /** The text that arrived in pieces, as one. */
  flush(): AgentEvent[] {
    const text = this.#untold;
    this.#untold = '';
    return text === '' ? [] : [{ type: 'text', text }];
  }

  #said(messageId: string | undefined, text: string): AgentEvent[] {
    const whole = messageId === this.#messageId ? [] : this.flush();
    if (messageId !== this.#messageId) this.answer = '';
    this.#messageId = messageId;
    this.answer += text;
    this.#untold += text;
    return [...whole, ...(this.#untold.length > PART_LENGTH ? this.flush() : [])];
  }

  #tool(changed: ToolFields): AgentEvent[] {
    // What is said after a tool call is a new message, also where messages have no ids.
    this.answer = '';
    const call = this.#merge(changed);
    const { fields } = call;
    const { status } = fields;
    // Some agents tell a summary of what has ended.
    if (call.told === 'end') return [];
    const kind = kindOf(fields);
    const tool = {
      type: 'tool' as const,
      name: kind === 'other' ? 'tool' : kind,
      detail: known(fields.rawInput) ?? fields.title ?? '',
    };
    const events: AgentEvent[] = [];
    const ends = status === 'completed' || status === 'failed';
    const isKnown = status !== 'pending' || known(fields.rawInput) !== undefined;
    if (call.told === 'nothing' && isKnown) {
      call.told = 'start';
      events.push({ ...tool, status: 'started' });
    }
    if (ends) {
      call.told = 'end';
      events.push({ ...tool, status });
    }
    return events;
  }

  /** Updates carry only what has changed, and may be the first that is heard of a call. */
  #merge(changed: ToolFields): Call {
    const id = changed.toolCallId ?? '';
    const call = this.#calls.get(id) ?? { fields: {}, told: 'nothing' };
    const given = Object.entries(changed).filter(([, value]) => value !== undefined && value !== null);
    call.fields = { ...call.fields, ...Object.fromEntries(given) };
    if (this.#calls.size >= MAX_CALLS) this.#calls.clear();
    this.#calls.set(id, call);
    return call;
  }
}

/** The field of a tool's input that says what it is about, if there is one. */
function known(input: unknown): string | undefined {
  const detail = toolDetail(input);
  return detail === '' || detail === JSON.stringify(input) ? undefined : detail;
}

/** Agents that name no kind may still show what they are about to do. */
function kindOf({ kind, rawInput }: ToolFields): PermissionKind {
  const told = PERMISSION_KINDS.find((each) => each === kind) ?? 'other';
  if (told !== 'other' || typeof rawInput !== 'object' || rawInput === null) return told;
  return 'command' in rawInput || 'cmd' in rawInput ? 'execute' : told;
}

function planned(
  entries: readonly { content?: string | undefined; status?: string | undefined }[],
): AgentEvent[] {
  if (entries.length === 0) return [];
  const done = entries.filter(({ status }) => status === 'completed').length;
  const current = entries.find(({ status }) => status === 'in_progress')?.content;
  const now = current === undefined ? '' : `: ${current}`;
  return [{ type: 'notice', message: `plan: ${done} of ${entries.length} done${now}` }];
}
