import { messageOf } from '../errors.ts';
import type { TurnEnd } from './exit-outcome.ts';
import { Tail } from './json-line.ts';
import { oneLine, plainText } from './plain-text.ts';
import type {
  AgentEvent,
  AgentProcess,
  Conversation,
  ConversationOptions,
  Launcher,
  LaunchSpec,
  OutputLine,
  SessionRef,
} from './ports.ts';
import { NO_TOTALS } from './totals.ts';

/** One turn of a CLI: what to start, and how to understand it. */
export interface CliTurn {
  readonly command: string;
  readonly args: LaunchSpec['args'];
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: string;
  readonly reader: TurnReader;
}

/** Understands the output of one turn. Never throws: what it does not know it passes over. */
export interface TurnReader {
  stdout(line: OutputLine): readonly AgentEvent[];
  /** What is left to report when the process is gone; the last event is the outcome. */
  end(end: TurnEnd): readonly AgentEvent[];
}

/** Makes the next turn of one CLI; without a session it begins one. */
export type PlanTurn = (prompt: string, session: SessionRef | undefined) => CliTurn;

/**
 * A conversation with a CLI that is started anew for every turn and finds its session again by id. The turns'
 * processes never outlive it.
 */
export class CliConversation implements Conversation {
  readonly #launcher: Launcher;
  readonly #options: ConversationOptions;
  readonly #plan: PlanTurn;
  readonly #closed = new AbortController();
  #session: SessionRef | undefined;
  #running: AgentProcess | undefined;
  #busy = false;

  constructor(launcher: Launcher, options: ConversationOptions, plan: PlanTurn) {
    this.#launcher = launcher;
    this.#options = options;
    this.#plan = plan;
    this.#session = options.session;
  }

  async *send(prompt: string): AsyncGenerator<AgentEvent> {
    if (this.#busy) {
      yield failed('The turn before is still running: one turn of a conversation at a time');
      return;
    }
    this.#busy = true;
    try {
      for await (const event of this.#turn(prompt)) yield clean(event);
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

  async *#turn(prompt: string): AsyncGenerator<AgentEvent> {
    const { cwd, limits, confinement, signal, beforeStop, onRawLine } = this.#options;
    const { reader, ...program } = this.#plan(prompt, this.#session);
    await using running = await this.#launcher.start({
      ...program,
      cwd,
      limits,
      ...(confinement === undefined ? {} : { confinement }),
      signal: AbortSignal.any([signal, this.#closed.signal]),
      ...(beforeStop === undefined ? {} : { beforeStop }),
    });
    this.#running = running;
    if (running.identity !== undefined) yield { type: 'process', identity: running.identity };
    const stderr = new Tail();
    for await (const line of running.lines()) {
      onRawLine?.(line);
      if (line.stream === 'stderr') stderr.add(line.text);
      else for (const event of reader.stdout(line)) yield this.#noted(event);
    }
    const end = { exit: await running.exit, command: program.command, stderrTail: stderr.toString() };
    for (const event of reader.end(end)) yield this.#noted(event);
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
