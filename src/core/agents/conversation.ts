import { messageOf } from '../errors.ts';
import { oneLine, plainText } from './plain-text.ts';
import type { AgentEvent, Conversation, ConversationOptions, SessionRef } from './ports.ts';
import { NO_TOTALS } from './totals.ts';

/** What one turn of a conversation is made from. */
export interface Turn {
  readonly prompt: string;
  /** Absent: the turn begins a session. */
  readonly session: SessionRef | undefined;
  /** Aborted when the turn is to stop, or its conversation is over. */
  readonly signal: AbortSignal;
  /** Hands over the turn's process: it never outlives the conversation. */
  owns(process: AsyncDisposable): void;
}

/** Runs one turn of a CLI. May throw; the last event is the outcome. */
export type RunTurn = (turn: Turn) => AsyncIterable<AgentEvent>;

/**
 * A conversation whose turns are processes of their own: one at a time, each continuing the session that the one
 * before reported.
 */
export class TurnConversation implements Conversation {
  readonly #options: ConversationOptions;
  readonly #run: RunTurn;
  readonly #closed = new AbortController();
  #session: SessionRef | undefined;
  #running: AsyncDisposable | undefined;
  #busy = false;

  constructor(options: ConversationOptions, run: RunTurn) {
    this.#options = options;
    this.#run = run;
    this.#session = options.session;
  }

  async *send(prompt: string): AsyncGenerator<AgentEvent> {
    if (this.#busy) {
      yield failed('The turn before is still running: one turn of a conversation at a time');
      return;
    }
    this.#busy = true;
    try {
      const turn: Turn = {
        prompt,
        session: this.#session,
        signal: AbortSignal.any([this.#options.signal, this.#closed.signal]),
        owns: (process) => {
          this.#running = process;
        },
      };
      for await (const event of this.#run(turn)) yield clean(this.#noted(event));
    } catch (error) {
      yield failed(messageOf(error));
    } finally {
      this.#busy = false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.#running?.[Symbol.asyncDispose]();
  }

  /** Remembers what the next turn needs. */
  #noted(event: AgentEvent): AgentEvent {
    if (event.type === 'session') {
      const totals = this.#session?.sessionId === event.sessionId ? this.#session.totals : NO_TOTALS;
      this.#session = { sessionId: event.sessionId, totals };
    } else if (event.type === 'usage' && this.#session !== undefined) {
      this.#session = { ...this.#session, totals: event.totals };
    } else if (event.type === 'outcome' && event.outcome.kind === 'context_limit') {
      this.#session = undefined;
    }
    return event;
  }
}

function failed(reason: string): AgentEvent {
  return { type: 'outcome', outcome: { kind: 'permanent', cause: 'config', reason: oneLine(reason) } };
}

/** Agents repeat what they read, so no event carries anything that a terminal would act on. */
function clean(event: AgentEvent): AgentEvent {
  switch (event.type) {
    case 'text':
      return { ...event, text: plainText(event.text) };
    case 'tool':
      return { ...event, name: oneLine(event.name, 100), detail: oneLine(event.detail, 300) };
    case 'notice':
      return { ...event, message: oneLine(event.message) };
    case 'retrying':
    case 'limit':
      return { ...event, reason: oneLine(event.reason) };
    case 'outcome': {
      const { outcome } = event;
      if (outcome.kind === 'success')
        return { ...event, outcome: { ...outcome, text: plainText(outcome.text) } };
      return { ...event, outcome: { ...outcome, reason: oneLine(outcome.reason, 1_500) } };
    }
    case 'process':
    case 'session':
    case 'usage':
      return event;
  }
}
