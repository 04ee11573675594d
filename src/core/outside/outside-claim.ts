import { AT_ONCE } from '../agents/ports.ts';
import type { AttemptEnd, StopReason } from '../attempts/attempt-context.ts';
import { Deadline } from '../attempts/deadline.ts';
import type { Engine } from '../attempts/engine.ts';
import { runAttempt } from '../attempts/run-attempt.ts';
import { decide } from '../dispatch/decide.ts';
import { Tenure } from '../dispatch/tenure.ts';
import { messageOf } from '../errors.ts';
import type { TaskId } from '../ids.ts';
import type { Claim } from '../tasks/ports.ts';
import { OutsideCrew } from './outside-crew.ts';
import { OutsideTurns } from './outside-turns.ts';
import { KEEP_EVERY_MS, type OutsideHost } from './ports.ts';

/** Who keeps its claim is missed after so long a silence, ms; */
const KEPT_MS = 4 * KEEP_EVERY_MS;
/** … any other one after this: it may think and edit for long without a word. */
const SILENT_MS = 45 * 60_000;

/** After how long a silence a client is missed, ms. */
export function silenceOf(kept: boolean): number {
  return kept ? KEPT_MS : SILENT_MS;
}

/**
 * One task in the hands of one client. In the store the client is an orchestrator with one slot: it has a lease that is
 * renewed as long as the client is heard of, and the attempt goes through the same steps as any other, with the client
 * as its agent.
 */
export class OutsideClaim {
  readonly id: string;
  readonly client: string;
  readonly task: TaskId;
  readonly attempt: number;
  readonly title: string;
  readonly turns: OutsideTurns;
  readonly #host: OutsideHost;
  readonly #control = new AbortController();
  readonly #silentMs: number;
  readonly #ended: Promise<void>;
  #heardAt: number;

  private constructor(parts: {
    host: OutsideHost;
    client: string;
    silentMs: number;
    tenure: Tenure;
    engine: Engine;
    claim: Claim;
    turns: OutsideTurns;
  }) {
    const { host, client, claim, turns, tenure, engine } = parts;
    this.id = host.ids.next('clm');
    this.client = client;
    this.task = claim.task;
    this.attempt = claim.attempt;
    this.title = claim.definition.title;
    this.turns = turns;
    this.#host = host;
    this.#silentMs = parts.silentMs;
    this.#heardAt = host.clock.steady();
    this.#ended = this.#run(engine, tenure, claim);
  }

  /** Claims the task, or the next one, for the client. Undefined when there is none that could begin. */
  static async start(
    host: OutsideHost,
    { client, task, silentMs }: { client: string; task: TaskId | undefined; silentMs: number },
  ): Promise<OutsideClaim | undefined> {
    const { store, config, clock } = host;
    const orchestrator = host.ids.next('orc');
    const tenure = new Tenure({ orchestrator, store, clock, lease: config.lease });
    await host.register(orchestrator);
    const turns = new OutsideTurns();
    let isHeld = false;
    try {
      tenure.start();
      const crewOf = (own: Engine['crew']) => new OutsideCrew({ config, own, backend: turns, client });
      const engine = await host.engine(orchestrator, tenure, crewOf);
      const { maxWaiting } = config.review;
      const { claims } = await store.claim({
        orchestrator,
        freeSlots: 1,
        leaseMs: config.lease.leaseMs,
        decide: (snapshot) => {
          const ready = snapshot.ready.filter((one) =>
            // Plans are made by the orchestrator's own agent.
            task === undefined ? one.agent !== 'orchestrator' : one.id === task,
          );
          return decide(
            { ...snapshot, ready },
            { accountsOf: () => [], ...(maxWaiting === undefined ? {} : { maxWaiting }) },
          );
        },
      });
      const [claim] = claims;
      if (claim === undefined) return undefined;
      isHeld = true;
      return new OutsideClaim({ host, client, silentMs, tenure, engine, claim, turns });
    } finally {
      if (!isHeld) {
        await tenure[Symbol.asyncDispose]();
        await store.deregister(orchestrator, 'nothing to do');
      }
    }
  }

  /** The client said something. */
  heard(): void {
    this.#heardAt = this.#host.clock.steady();
  }

  /** Gives the task back with its work saved. Resolves when that is done. */
  async release(): Promise<void> {
    this.#control.abort('stop' satisfies StopReason);
    await this.#ended;
  }

  async #run(engine: Engine, tenure: Tenure, claim: Claim): Promise<void> {
    const { clock } = this.#host;
    const stop = (reason: StopReason) => {
      if (!this.#control.signal.aborted) this.#control.abort(reason);
    };
    tenure.occupy({
      held: () => ({
        leases: [claim],
        names: engine.merges.heldLease === undefined ? [] : [engine.merges.heldLease],
      }),
      beaten: async ({ lostTasks, lostNames, stopBy }) => {
        for (const lost of lostNames) engine.merges.leaseLost(lost);
        if (lostTasks.length > 0) stop('lease-lost');
        if (stopBy !== undefined) stop('stop');
      },
      ended: () => {
        engine.merges.leaseLost();
        stop(AT_ONCE);
      },
    });
    const deadline = new Deadline(clock, this.#control);
    deadline.set(claim.definition.timeoutMs);
    const over = new AbortController();
    const watching = this.#watch(over.signal, stop);
    let end: AttemptEnd = 'lost';
    try {
      end = await runAttempt(engine, claim, this.#control, () => {});
    } catch (error) {
      // The store cannot be written: the lease runs out, and the task goes back by that.
      this.#host.onNotice(`The work of ${this.client} on ${claim.task} has broken off: ${messageOf(error)}`);
    } finally {
      over.abort();
      await watching;
      deadline.end();
      await engine.merges.close();
      const why = tenure.over;
      await tenure[Symbol.asyncDispose]();
      await this.#leave(engine.orchestrator, why, end).catch(() => {});
      this.turns.over(end);
    }
  }

  async #leave(orchestrator: string, over: string | undefined, end: AttemptEnd): Promise<void> {
    const { store } = this.#host;
    if (over === undefined) await store.deregister(orchestrator, end);
    else await store.fence(orchestrator, { reason: over, tasks: [this.task] });
  }

  /** A client that is gone for good does not keep its task. */
  async #watch(over: AbortSignal, stop: (reason: StopReason) => void): Promise<void> {
    const { clock } = this.#host;
    while (!over.aborted) {
      const leftMs = this.#heardAt + this.#silentMs - clock.steady();
      // While the work is checked or merged nobody waits for the client.
      if (leftMs <= 0 && this.turns.turn !== undefined) return stop('stop');
      await clock.sleep(Math.max(leftMs, 1_000), over);
    }
  }
}
