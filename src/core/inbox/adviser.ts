import type { TurnOutcome } from '../agents/outcome.ts';
import type { Engine } from '../attempts/engine.ts';
import type { CrewMember } from '../attempts/ports.ts';
import { crashPoint } from '../crash-points.ts';
import { Wakeup } from '../dispatch/wakeup.ts';
import { messageOf } from '../errors.ts';
import { accountOf } from '../resilience/accounts.ts';
import { decideAnswer } from '../tasks/commands.ts';
import type { NamedLease } from '../tasks/ports.ts';
import type { QuestionRecord } from '../tasks/task.ts';
import { adviceId } from './advice-prompt.ts';
import { type Consulted, type ConsultParts, consult } from './consult.ts';
import { ORCHESTRATOR, ORCHESTRATOR_ROLE } from './stage.ts';

export type AdviserParts = ConsultParts &
  Pick<Engine, 'crew' | 'accounts' | 'budgets' | 'slots'> & { readonly maxAgents: number };

/** There is one conversation for all orchestrators of a project. */
const LEASE = 'orchestrator-agent';
/** Questions of one turn; the rest is put in the next. */
const MOST_AT_ONCE = 20;

/**
 * Has the orchestrator's agent answer what agents ask, before a person is asked. It has one conversation in a project,
 * which one orchestrator at a time holds by a lease; what it does not answer, for whatever reason, goes to a person.
 * Never throws for anything but a store that cannot be written.
 */
export class Adviser {
  readonly #parts: AdviserParts;
  #lease: NamedLease | undefined;
  #turn: AbortController | undefined;

  constructor(parts: AdviserParts) {
    this.#parts = parts;
  }

  /** To be renewed with the orchestrator's heartbeat. */
  get heldLease(): NamedLease | undefined {
    return this.#lease;
  }

  leaseLost(lost?: NamedLease): void {
    if (lost !== undefined && (lost.name !== LEASE || lost.fence !== this.#lease?.fence)) return;
    this.#lease = undefined;
    this.#turn?.abort();
  }

  /** Is there anything that it has not looked into yet? */
  async isBusy(): Promise<boolean> {
    return (await this.#waiting()).length > 0;
  }

  /** Answers until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, config, slots, tenure } = this.#parts;
    const bell = new Wakeup(clock);
    const ring = () => bell.wake();
    const endListening = slots.onChange(ring);
    signal.addEventListener('abort', ring);
    try {
      while (!signal.aborted && tenure.over === undefined) {
        const ticket = bell.ticket();
        const found = await this.#look(signal);
        // What was asked elsewhere, or by whoever waits no longer, is found at the next look.
        if (found === 'nothing') await bell.wait(ticket, config.lease.heartbeatMs);
        else if (found === 'elsewhere') await clock.sleep(config.lease.heartbeatMs, signal);
      }
    } finally {
      endListening();
      signal.removeEventListener('abort', ring);
      bell.close();
    }
  }

  /** `elsewhere`: another orchestrator has the conversation. */
  async #look(signal: AbortSignal): Promise<'nothing' | 'done' | 'elsewhere'> {
    const { budgets, crew, accounts, slots, maxAgents, store, orchestrator, config } = this.#parts;
    const found = await this.#waiting();
    const [first] = found;
    if (first === undefined) return 'nothing';
    const leave = async (reason: string) => {
      await this.#escalate(found, reason);
      return 'done' as const;
    };
    if (!config.questions.orchestrator) return await leave('the config leaves questions to a person');
    if ((await budgets.reached()) !== undefined) return await leave('the budget is spent');
    let candidates: readonly CrewMember[];
    try {
      candidates = crew.candidates(ORCHESTRATOR_ROLE);
    } catch (error) {
      return await leave(messageOf(error));
    }
    const admission = await accounts.admit(
      first.task,
      candidates.map(({ provider }) => accountOf(provider)),
    );
    if (admission.kind === 'refused') {
      return await leave(`${admission.standing.account} takes no work: ${admission.standing.reason}`);
    }
    const member = candidates.find(({ provider }) => accountOf(provider) === admission.account);
    if (member === undefined) return await leave('nobody plays its role');
    using slot = await slots.advise(maxAgents, signal);
    if (slot === undefined) return 'nothing';
    const lease = await store.acquire(LEASE, orchestrator, config.lease.leaseMs);
    if ('heldBy' in lease) return 'elsewhere';
    this.#lease = lease;
    try {
      await this.#answer(member, signal);
      return 'done';
    } finally {
      this.#lease = undefined;
      await store.release(lease, orchestrator);
    }
  }

  async #answer(member: CrewMember, signal: AbortSignal): Promise<void> {
    const questions = (await this.#waiting()).slice(0, MOST_AT_ONCE);
    const [first] = questions;
    if (first === undefined) return;
    const turn = new AbortController();
    this.#turn = turn;
    const endWatching = this.#watch(questions, turn);
    let consulted: Consulted;
    try {
      consulted = await consult(this.#parts, member, questions, AbortSignal.any([signal, turn.signal]));
    } catch (error) {
      const outcome: TurnOutcome = { kind: 'killed', byUs: true, reason: '' };
      consulted = { kind: 'silent', reason: messageOf(error), outcome };
    } finally {
      endWatching();
      this.#turn = undefined;
    }
    const isOver = signal.aborted || turn.signal.aborted || this.#parts.tenure.over !== undefined;
    const isStopped = consulted.outcome.kind !== 'success' && isOver;
    const outcome: TurnOutcome = isStopped ? { kind: 'killed', byUs: true, reason: '' } : consulted.outcome;
    await this.#parts.accounts.report(accountOf(member.provider), first.task, outcome);
    // Whoever comes next asks again what is still open.
    if (isStopped) return;
    if (consulted.kind === 'silent') return await this.#escalate(questions, consulted.reason);
    await this.#say(questions, consulted);
  }

  async #say(
    questions: readonly QuestionRecord[],
    { advice }: Extract<Consulted, { kind: 'advised' }>,
  ): Promise<void> {
    const left = new Map<QuestionRecord, string>();
    for (const question of questions) {
      const said = advice.get(adviceId(question));
      if (said === undefined) left.set(question, 'it said nothing about this question');
      else if ('leave' in said) left.set(question, said.leave);
      else {
        const { answer } = said;
        const outcome = await this.#parts.store.command(question.task, (task, open) =>
          decideAnswer(task, { open, questionId: question.id, answer, by: ORCHESTRATOR }),
        );
        crashPoint('question.answered');
        if (outcome.kind === 'refused') left.set(question, outcome.reason);
      }
    }
    for (const [question, reason] of left) await this.#escalate([question], reason);
  }

  /** A person may be quicker. */
  async #escalate(questions: readonly QuestionRecord[], reason: string): Promise<void> {
    for (const { task, id: question } of questions) {
      await this.#parts.store.command(task, (_task, open) =>
        open.some(({ id, stage }) => id === question && stage === 'orchestrator')
          ? [{ type: 'question.escalated', task, question, reason }]
          : [],
      );
    }
  }

  /** Stops a turn that nobody needs any more. Returns what ends that. */
  #watch(questions: readonly QuestionRecord[], turn: AbortController): () => void {
    const { store } = this.#parts;
    const wanted = new Set(questions.map(adviceId));
    return store.onChange(() => {
      void this.#waiting().then(
        (waiting) => {
          if (!waiting.some((question) => wanted.has(adviceId(question)))) turn.abort();
        },
        // Whoever writes next finds out.
        () => undefined,
      );
    });
  }

  async #waiting(): Promise<readonly QuestionRecord[]> {
    const open = await this.#parts.store.questions({ open: true });
    return open.filter(({ stage }) => stage === 'orchestrator');
  }
}
