import type { TurnOutcome } from '../src/core/agents/outcome.ts';
import type { AgentEvent, Backend, Conversation, ConversationOptions } from '../src/core/agents/ports.ts';
import type { SimDesks } from './desks.ts';
import type { Machine } from './machine.ts';
import type { SimRepository } from './repository.ts';

/** How turns end, each as often as its weight says. */
export type TurnWeights = Readonly<Record<TurnEnd, number>>;

export type TurnEnd =
  | 'done'
  | 'done-untold'
  | 'rejected'
  | 'questions'
  | 'error'
  | 'transient'
  | 'unknown-failure'
  | 'limited'
  | 'auth'
  | 'billing'
  | 'request'
  | 'context'
  | 'stalled'
  | 'killed';

/** What a turn costs, USD. */
const TURN_COST_USD = 0.25;

/** Who counts the agents. */
export interface AgentWatch {
  started(orchestrator: string, task: string, attempt: number): void;
  ended(orchestrator: string, task: string, attempt: number): void;
  /** An agent waits for an answer, or does so no more. */
  waits(orchestrator: string, isWaiting: boolean): void;
  /** The orchestrator's agent is at work, or is no more. */
  advises(orchestrator: string, isAtWork: boolean): void;
}

/** Agents of one process: each turn takes its time, says something, changes a file, and ends as chance has it. */
export class SimBackend implements Backend {
  readonly type = 'sim';
  readonly remembers = true;
  readonly #machine: Machine;
  readonly #repository: SimRepository;
  readonly #weights: () => TurnWeights;
  readonly #watch: AgentWatch;
  readonly #desks: SimDesks;
  #sessions = 0;

  constructor(options: {
    machine: Machine;
    repository: SimRepository;
    weights: () => TurnWeights;
    watch: AgentWatch;
    desks: SimDesks;
  }) {
    this.#machine = options.machine;
    this.#repository = options.repository;
    this.#weights = options.weights;
    this.#watch = options.watch;
    this.#desks = options.desks;
  }

  open(options: ConversationOptions): Conversation {
    const send = (prompt: string) =>
      options.agent.role === 'orchestrator' ? this.#advise(options, prompt) : this.#turn(options);
    return { send, [Symbol.asyncDispose]: async () => {} };
  }

  async *#turn(options: ConversationOptions): AsyncIterable<AgentEvent> {
    const { chance, clock, host } = this.#machine;
    const name = options.env['CW_ORCHESTRATOR'] ?? '';
    const task = options.env['CW_TASK_ID'] ?? '';
    const attempt = Number(options.env['CW_ATTEMPT']);
    const { signal } = options;
    this.#watch.started(name, task, attempt);
    try {
      this.#sessions += 1;
      const pid = chance.between(2, 4_000_000);
      yield { type: 'process', identity: { pid, startTime: String(this.#sessions), bootId: host.name } };
      yield { type: 'session', sessionId: options.session?.sessionId ?? `${name}-${this.#sessions}` };
      const words = chance.below(3);
      for (let word = 0; word < words && !signal.aborted; word += 1) {
        await clock.sleep(chance.between(10, 10_000), signal);
        yield { type: 'text', text: `thought ${word}` };
        if (options.agent.tools.includes('edit') && !signal.aborted) this.#repository.write(task);
      }
      await clock.sleep(chance.between(10, 10_000), signal);
      const isLater = await this.#talk(options, name);
      if (signal.aborted) {
        // Stopping takes its time too.
        await clock.sleep(chance.below(3_000));
        yield { type: 'outcome', outcome: { kind: 'killed', byUs: true, reason: 'stopped' } };
        return;
      }
      if (options.agent.tools.includes('edit')) this.#repository.write(task);
      const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: TURN_COST_USD };
      yield { type: 'usage', usage, totals: usage };
      const outcome = isLater
        ? success({ status: 'done', summary: 'I wait for the answer' })
        : this.#outcome(options);
      yield { type: 'outcome', outcome };
    } finally {
      this.#watch.ended(name, task, attempt);
    }
  }

  /** Asks and tells at work, as often as turns end with questions. Returns whether the answer comes later. */
  async #talk({ env, signal }: ConversationOptions, name: string): Promise<boolean> {
    const { chance } = this.#machine;
    const desk = this.#desks.of(env);
    const { questions: often, done } = this.#weights();
    if (desk === undefined || signal.aborted || !chance.happens((3 * often) / done)) return false;
    await desk.messages();
    await desk.send({ to: chance.happens(0.5) ? 'everyone' : 'orchestrator', text: 'It is done so.' });
    this.#watch.waits(name, true);
    try {
      const question = chance.happens(0.5) ? 'Which one?' : 'And which of those?';
      return (await desk.ask([{ id: 'q', question }], signal)).kind === 'later';
    } finally {
      this.#watch.waits(name, false);
    }
  }

  /** The orchestrator's agent answers, leaves it to a person, says nothing of it, or fails as any other does. */
  async *#advise({ env, signal, session }: ConversationOptions, prompt: string): AsyncIterable<AgentEvent> {
    const { chance, clock } = this.#machine;
    const name = env['CW_ORCHESTRATOR'] ?? '';
    this.#watch.advises(name, true);
    try {
      this.#sessions += 1;
      yield { type: 'session', sessionId: session?.sessionId ?? `${name}-${this.#sessions}` };
      await clock.sleep(chance.between(10, 60_000), signal);
      const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: TURN_COST_USD };
      yield { type: 'usage', usage, totals: usage };
      if (signal.aborted) {
        yield { type: 'outcome', outcome: { kind: 'killed', byUs: true, reason: 'stopped' } };
        return;
      }
      const names = [...prompt.matchAll(/^## Question (\S+)$/gm)].map((match) => match[1]);
      const answers = names.flatMap((id): object[] => {
        const said = chance.weighted({ answer: 6, leave: 2, nothing: 1 });
        if (said === 'nothing') return [];
        return [said === 'answer' ? { id, answer: 'that one' } : { id, leave: 'it costs money' }];
      });
      const outcome = chance.happens(0.8)
        ? success({ status: 'done', summary: '', answers })
        : this.#outcome({ agent: { verdict: false } });
      yield { type: 'outcome', outcome };
    } finally {
      this.#watch.advises(name, false);
    }
  }

  #outcome({ agent }: { agent: Pick<ConversationOptions['agent'], 'verdict'> }): TurnOutcome {
    const { chance, clock } = this.#machine;
    const end = chance.weighted(this.#weights());
    switch (end) {
      case 'rejected':
        if (agent.verdict) return success({ status: 'rejected', feedback: 'not yet' });
        return success({ status: 'done', summary: 'made' });
      case 'questions':
        if (agent.verdict) return success({ status: 'done', summary: 'looks right' });
        return success({
          status: 'questions',
          questions: Array.from({ length: chance.between(1, 2) }, (_, index) => ({
            id: `q${index}`,
            question: 'Which one?',
          })),
        });
      case 'done':
        return success({ status: 'done', summary: 'made' });
      case 'done-untold':
        return { kind: 'success', text: 'I made it.' };
      case 'error':
        return success({ status: 'error', reason: 'It cannot be done' });
      case 'transient':
        return { kind: 'transient', reason: 'overloaded' };
      case 'unknown-failure':
        return { kind: 'transient', reason: 'it said something new', recognised: false };
      case 'limited':
        return {
          kind: 'rate_limited',
          reason: 'limit reached',
          ...(chance.happens(0.5) ? { until: clock.now() + chance.between(1_000, 120_000) } : {}),
        };
      case 'auth':
        return { kind: 'auth', reason: 'log in again' };
      case 'billing':
        return { kind: 'permanent', cause: 'billing', reason: 'no credit' };
      case 'request':
        return { kind: 'permanent', cause: 'request', reason: 'refused' };
      case 'context':
        return { kind: 'context_limit', reason: 'too long' };
      case 'stalled':
        return { kind: 'stalled', limit: 'silenceMs', reason: 'silent' };
      case 'killed':
        return { kind: 'killed', byUs: false, reason: 'SIGKILL' };
    }
  }
}

function success(result: NonNullable<Extract<TurnOutcome, { kind: 'success' }>['result']>): TurnOutcome {
  return { kind: 'success', text: '', result };
}
