import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { AgentEvent, Backend, Conversation, ConversationOptions } from '../../src/core/agents/ports.ts';

/** One turn as the scripted agent sees it. */
export interface FakeTurn {
  readonly task: string;
  readonly attempt: number;
  readonly role: string;
  readonly provider: string;
  readonly budgetUsd: number | undefined;
  /** How long it may say nothing, ms. */
  readonly silenceMs: number;
  readonly prompt: string;
  readonly session: string | undefined;
  readonly cwd: string;
  readonly signal: AbortSignal;
}

export type FakeAgent = (turn: FakeTurn) => TurnOutcome | Promise<TurnOutcome>;

/** A backend without a process: each turn is one call of `agent`. Records every turn in order of its start. */
export class FakeBackend implements Backend {
  readonly type = 'fake';
  readonly remembers: boolean;
  readonly turns: FakeTurn[] = [];
  readonly #agent: FakeAgent;
  readonly #keepsSessions: boolean;
  /** Of every turn. */
  readonly #costUsd: number;
  #sessions = 0;

  /** Without sessions it is a function that is called and forgets, for measuring the engine alone. */
  constructor(agent: FakeAgent, options: { sessions: boolean; remembers: boolean; costUsd?: number }) {
    this.#agent = agent;
    this.remembers = options.remembers;
    this.#keepsSessions = options.sessions;
    this.#costUsd = options.costUsd ?? 0;
  }

  open(options: ConversationOptions): Conversation {
    const send = (prompt: string) => this.#send(options, prompt);
    return { send, [Symbol.asyncDispose]: async () => {} };
  }

  async *#send(options: ConversationOptions, prompt: string): AsyncIterable<AgentEvent> {
    if (this.#keepsSessions) {
      yield { type: 'session', sessionId: options.session?.sessionId ?? `s${++this.#sessions}` };
    }
    const turn: FakeTurn = {
      task: options.env['CW_TASK_ID'] ?? '',
      attempt: Number(options.env['CW_ATTEMPT']),
      role: options.agent.role,
      provider: options.provider.name,
      budgetUsd: options.budget?.usd,
      silenceMs: options.limits.silenceMs,
      prompt,
      session: options.session?.sessionId,
      cwd: options.cwd,
      signal: options.signal,
    };
    this.turns.push(turn);
    const outcome = await this.#agent(turn);
    if (this.#costUsd > 0) {
      const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costUsd: this.#costUsd };
      yield { type: 'usage', usage, totals: usage };
    }
    yield { type: 'outcome', outcome };
  }
}

/** A turn that ended well, with the structured result. */
export function did(summary: string): TurnOutcome {
  return { kind: 'success', text: '', result: { status: 'done', summary } };
}

export function rejected(feedback: string): TurnOutcome {
  return { kind: 'success', text: '', result: { status: 'rejected', feedback } };
}
