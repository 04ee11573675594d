import { AT_ONCE } from '../agents/ports.ts';
import type { AttemptEnd, StopReason } from '../attempts/attempt-context.ts';
import { Deadline } from '../attempts/deadline.ts';
import type { Engine } from '../attempts/engine.ts';
import { runAttempt } from '../attempts/run-attempt.ts';
import { crashPoint } from '../crash-points.ts';
import type { TaskId } from '../ids.ts';
import type { Adviser } from '../inbox/adviser.ts';
import type { ReachedBudget } from '../resilience/budget.ts';
import type { Claim, DispatchDecision, DispatchSnapshot, TaskLease } from '../tasks/ports.ts';
import { TASK_STATES } from '../tasks/states.ts';
import type { Dispatch } from './decide.ts';
import { type Hold, pauseHolds } from './hold.ts';
import type { Onlooker } from './onlooker.ts';
import { restMs } from './rest.ts';
import { Wakeup } from './wakeup.ts';

/** Why a run ended. */
export type RunEnd =
  /** Nothing is left that could run. */
  | { kind: 'finished' }
  /** Nothing can run until a person acts: answers a question, or lifts one of the holds. */
  | { kind: 'waiting'; holds?: readonly Hold[] }
  /** Told to stop; every attempt was given back. `by`: who asked for it, in the place of a signal. */
  | { kind: 'stopped'; by?: string }
  /** Its leases ran out: it stopped its work, and whoever wants to go on starts anew. */
  | { kind: 'fenced'; reason: string; tasks: readonly TaskId[] };

export interface OrchestratorOptions {
  readonly maxAgents: number;
  /** The pure dispatcher, bound to this machine's crew. */
  readonly decide: (snapshot: DispatchSnapshot) => Dispatch;
  /** Claim only these; absent: everything. */
  readonly only?: ReadonlySet<TaskId>;
  /** Wait for more when nothing can run, until it is told to stop. */
  readonly stays?: boolean;
  /** While somebody is there, the run waits for what only a person can change, in place of ending. */
  readonly onlooker?: Onlooker;
  /** Somebody else may have more to do: asked for once before the run ends. */
  readonly beforeEnd?: () => Promise<void>;
  /** An attempt has ended here, and what it came to is written down. */
  readonly onEnded?: (task: TaskId, end: AttemptEnd) => void;
  /** Answers agents before a person is asked; absent: nobody does. */
  readonly adviser?: Pick<Adviser, 'run' | 'isBusy' | 'heldLease' | 'leaseLost'>;
}

interface RunningAttempt {
  readonly lease: TaskLease;
  readonly control: AbortController;
  readonly deadline: Deadline;
  readonly ended: Promise<void>;
}

/** Changes of the store make it look at its leases at most this often. */
const FENCE_CHECK_MS = 250;
/** A full disk is looked at this often. */
const SPACE_CHECK_MS = 1_000;
/** Those who see a lease run out do not all look in the same moment. */
const TAKEOVER_SPREAD_MS = 50;

/**
 * Claims ready tasks and runs their attempts, never more than `maxAgents` at once, until nothing more can run or
 * `signal` aborts. Woken by events (an attempt ended, the store changed, a retry is due), with a slow tick as the
 * safety net. Every attempt that it started is its own. It works under the engine's tenure: when that is over it stops
 * all of them at once.
 */
export class Orchestrator {
  readonly #engine: Engine;
  readonly #options: OrchestratorOptions;
  readonly #running = new Map<TaskId, RunningAttempt>();
  readonly #wakeup: Wakeup;
  #failure: unknown;
  /** What the last look at the ready tasks found that only a person can change. */
  readonly #held = new Map<string, Extract<Hold, { kind: 'account' }>>();
  #spent: ReachedBudget | undefined;
  #unreviewed: { readonly waiting: number; readonly tasks: ReadonlySet<TaskId> } | undefined;
  #fencesCheckedAt = 0;
  /** Whether the disk of the store was full at the last look. */
  #isShort = false;
  /** What was at work when the tenure ended. */
  #fenced: readonly TaskId[] = [];

  constructor(engine: Engine, options: OrchestratorOptions) {
    this.#engine = engine;
    this.#options = options;
    this.#wakeup = new Wakeup(engine.clock);
  }

  /** How many more agents it could start now. */
  get idleAgents(): number {
    return this.#engine.slots.freeFor(this.#options.maxAgents);
  }

  /** Runs to the end. Throws when the store fails for good; attempts are stopped first. */
  async run(signal: AbortSignal): Promise<RunEnd> {
    const { store } = this.#engine;
    const stopListening = store.onChange(() => this.#wakeup.wake());
    // At once: the claim of what comes next then shares the transaction of the attempt's end.
    const stopWatchingSlots = this.#engine.slots.onChange(() => this.#wakeup.wake());
    const wakeOnStop = () => this.#wakeup.wake();
    signal.addEventListener('abort', wakeOnStop);
    const stopMindingOnlooker = this.#options.onlooker?.onChange(wakeOnStop);
    const watching = new AbortController();
    const watch = this.#watchOthers(watching.signal);
    const advising = new AbortController();
    const advice = this.#advise(advising.signal);
    this.#occupy();
    try {
      return await this.#loop(signal);
    } finally {
      advising.abort();
      await this.#stopAll('stop');
      await advice;
      await this.#engine.merges.close();
      watching.abort();
      await watch;
      stopListening();
      stopWatchingSlots();
      this.#wakeup.close();
      stopMindingOnlooker?.();
      signal.removeEventListener('abort', wakeOnStop);
    }
  }

  async #loop(signal: AbortSignal): Promise<RunEnd> {
    const { tenure } = this.#engine;
    let idleLooks = 0;
    while (!signal.aborted) {
      if (tenure.over !== undefined) return await this.#fencedEnd(tenure.over);
      if (this.#failure !== undefined) throw this.#failure;
      if (tenure.dismissedBy !== undefined && this.#running.size === 0) {
        return { kind: 'stopped', by: tenure.dismissedBy };
      }
      const ticket = this.#wakeup.ticket();
      await this.#checkFences();
      await this.#checkSpace();
      const wakeInMs = await this.#dispatch();
      const isIdle = this.#running.size === 0 && wakeInMs === undefined;
      if (isIdle && this.#options.stays !== true) {
        const end = await this.#endOfRun();
        const isOver = end !== undefined && !(await this.#hasMore());
        if (isOver && !(await this.#isUpToOnlooker(end))) return end;
      }
      idleLooks = isIdle && this.#mayIdle() ? idleLooks + 1 : 0;
      await this.#wakeup.wait(ticket, restMs({ idleLooks, wakeInMs }));
    }
    return { kind: 'stopped' };
  }

  #mayIdle(): boolean {
    return this.#options.stays === true || this.#options.onlooker?.isThere() === true;
  }

  /** Somebody looks on, and could answer, lift a hold, or retry what failed. */
  async #isUpToOnlooker({ kind }: RunEnd): Promise<boolean> {
    if (this.#options.onlooker?.isThere() !== true) return false;
    if (kind === 'waiting') return true;
    const { byState } = await this.#engine.store.counts();
    return byState.failed + byState.blocked > 0;
  }

  /** Fills the free slots. Returns after how many ms to look again, if only time has to pass. */
  async #dispatch(): Promise<number | undefined> {
    const freeSlots = this.idleAgents;
    const { store, orchestrator, config, budgets, tenure } = this.#engine;
    if (freeSlots <= 0 || tenure.dismissedBy !== undefined) return undefined;
    if (this.#isShort) return SPACE_CHECK_MS;
    this.#held.clear();
    this.#unreviewed = undefined;
    this.#spent = await budgets.reached();
    if (this.#spent !== undefined) return undefined;
    const { claims, wakeInMs } = await store.claim({
      orchestrator,
      freeSlots,
      leaseMs: config.lease.leaseMs,
      wantsApprovals: config.review.maxWaiting !== undefined,
      decide: (snapshot) => this.#decide(snapshot),
    });
    if (claims.length > 0) crashPoint('claim.committed');
    // What came too late is given back with the rest.
    if (tenure.over === undefined) for (const claim of claims) this.#start(claim);
    return wakeInMs;
  }

  #decide(snapshot: DispatchSnapshot): DispatchDecision {
    const { only, decide } = this.#options;
    // An attempt that was taken from us, by a cancel and a retry for example, may still be stopping its agent.
    const ready = snapshot.ready.filter(
      ({ id }) => !this.#running.has(id) && (only === undefined || only.has(id)),
    );
    this.#engine.accounts.seen(snapshot.accounts);
    const decision = decide({ ...snapshot, ready });
    for (const [account, tasks] of Object.entries(decision.held)) {
      const standing = snapshot.accounts[account];
      if (standing === undefined) continue;
      const known = this.#held.get(account)?.tasks ?? [];
      this.#held.set(account, { kind: 'account', standing, tasks: [...new Set([...known, ...tasks])] });
    }
    if (decision.unreviewed.length > 0) {
      const tasks = new Set([...(this.#unreviewed?.tasks ?? []), ...decision.unreviewed]);
      this.#unreviewed = { waiting: snapshot.approvals ?? 0, tasks };
    }
    return decision;
  }

  /** Stops attempts that a person took away, sooner than the next heartbeat would, and follows edited time limits. */
  async #checkFences(): Promise<void> {
    const now = this.#engine.clock.steady();
    if (this.#running.size === 0 || now - this.#fencesCheckedAt < FENCE_CHECK_MS) return;
    this.#fencesCheckedAt = now;
    const ids = [...this.#running.keys()];
    // Also archived ones: who took a task out of the roadmap may have it stopped.
    for (const { id, fence, definition } of await this.#engine.store.tasks({ ids, states: TASK_STATES })) {
      const attempt = this.#running.get(id);
      if (attempt === undefined) continue;
      if (attempt.lease.fence !== fence) attempt.control.abort('lease-lost' satisfies StopReason);
      else attempt.deadline.set(definition.timeoutMs);
    }
  }

  /** On a full disk nothing new begins, and what is at work is stopped while its end can still be written. */
  async #checkSpace(): Promise<void> {
    const { store } = this.#engine;
    const isShort = store.isShortOfSpace();
    if (isShort === this.#isShort) return;
    this.#isShort = isShort;
    await store.log([{ type: isShort ? 'store.full' : 'store.freed', place: store.location }]);
    if (isShort) await this.#stopAll('stop');
  }

  #start(claim: Claim): void {
    const control = new AbortController();
    const deadline = new Deadline(this.#engine.clock, control);
    deadline.set(claim.definition.timeoutMs);
    const freeSlot = this.#engine.slots.take();
    const ended = runAttempt(this.#engine, claim, control, freeSlot)
      .then(
        (end) => {
          this.#options.onEnded?.(claim.task, end);
        },
        (error: unknown) => {
          // Attempts answer for everything but a store that cannot be written: then the run is over, unless it was
          // stopped because of that very store.
          if (control.signal.reason !== AT_ONCE) this.#failure ??= error;
        },
      )
      .finally(() => {
        deadline.end();
        this.#running.delete(claim.task);
        freeSlot();
        if (this.#running.size === 0 || this.#failure !== undefined) this.#wakeup.wake();
      });
    this.#running.set(claim.task, { lease: claim, control, deadline, ended });
  }

  /** Nothing of ours runs and nothing was claimed: is that the end, or do we wait for others? */
  async #endOfRun(): Promise<RunEnd | undefined> {
    const { store } = this.#engine;
    if (await store.isAnyActive()) return undefined;
    // What it answers lets a task go on.
    if (await this.#options.adviser?.isBusy()) return undefined;
    const counts = await store.counts();
    const { byState, ready } = counts;
    const pause = await store.pause();
    const held = [...this.#held.values()];
    const unreviewed = this.#unreviewed;
    const waiting =
      held.reduce((sum, { tasks }) => sum + tasks.length, 0) +
      (unreviewed === undefined ? 0 : unreviewed.tasks.size);
    if (
      ready > waiting &&
      pause === undefined &&
      this.#spent === undefined &&
      this.#options.only === undefined
    ) {
      // A task became ready between the claim and this look.
      this.#wakeup.wake();
      return undefined;
    }
    const holds: Hold[] = [...held];
    if (this.#spent !== undefined && ready > 0) holds.push({ kind: 'budget', budget: this.#spent });
    const limit = this.#engine.config.review.maxWaiting;
    if (unreviewed !== undefined && limit !== undefined) {
      holds.push({ kind: 'review', waiting: unreviewed.waiting, limit, tasks: [...unreviewed.tasks] });
    }
    holds.push(...(await pauseHolds(store, { counts, pause, only: this.#options.only })));
    if (holds.length > 0) return { kind: 'waiting', holds };
    return byState.waiting_input > 0 ? { kind: 'waiting' } : { kind: 'finished' };
  }

  /** Asks once more before the end: did anything happen by that? */
  async #hasMore(): Promise<boolean> {
    const { beforeEnd } = this.#options;
    if (beforeEnd === undefined) return false;
    const { store } = this.#engine;
    const before = await store.head();
    await beforeEnd();
    return (await store.head()) !== before;
  }

  #occupy(): void {
    const { tenure, merges, accounts } = this.#engine;
    tenure.occupy({
      held: () => ({
        leases: [...this.#running.values()].map(({ lease }) => lease),
        names: [merges.heldLease, this.#options.adviser?.heldLease].filter((name) => name !== undefined),
      }),
      beaten: async ({ lostTasks, lostNames, stopBy }) => {
        for (const lost of lostNames) {
          merges.leaseLost(lost);
          this.#options.adviser?.leaseLost(lost);
        }
        for (const lost of lostTasks)
          this.#running.get(lost.task)?.control.abort('lease-lost' satisfies StopReason);
        if (stopBy !== undefined) this.#wakeup.wake();
        await accounts.refresh();
      },
      ended: () => {
        this.#failure ??= tenure.failure?.error;
        if (tenure.failure === undefined) this.#stopAtOnce();
        this.#wakeup.wake();
      },
    });
  }

  /** Nothing that others can see is done any more; agents are killed. */
  #stopAtOnce(): void {
    this.#engine.merges.leaseLost();
    this.#options.adviser?.leaseLost();
    this.#fenced = [...this.#running.keys()];
    for (const { control } of this.#running.values()) control.abort(AT_ONCE satisfies StopReason);
  }

  async #fencedEnd(reason: string): Promise<RunEnd> {
    await this.#stopAll(AT_ONCE);
    return { kind: 'fenced', reason, tasks: this.#fenced };
  }

  async #advise(signal: AbortSignal): Promise<void> {
    try {
      await this.#options.adviser?.run(signal);
    } catch (error) {
      // One that was stopped with its orchestrator has not failed.
      if (!signal.aborted && this.#engine.tenure.over === undefined) this.#failure ??= error;
      this.#wakeup.wake();
    }
  }

  /** Takes over from orchestrators that cannot go on, at the latest when the lease of one runs out. */
  async #watchOthers(signal: AbortSignal): Promise<void> {
    const { clock, config, ids } = this.#engine;
    while (!signal.aborted) {
      try {
        const nextMs = await this.#takeOver();
        const dueMs =
          nextMs === undefined ? Number.POSITIVE_INFINITY : nextMs + ids.random() * TAKEOVER_SPREAD_MS;
        await clock.sleep(Math.min(dueMs, config.lease.heartbeatMs), signal);
      } catch (error) {
        this.#failure ??= error;
        this.#wakeup.wake();
        return;
      }
    }
  }

  /** Gives back what others held who cannot go on. Returns when to look again, ms from now. */
  async #takeOver(): Promise<number | undefined> {
    const { store, bury, tenure } = this.#engine;
    if (tenure.over !== undefined) return undefined;
    const { dead, spared, nextMs } = await bury();
    if ((await store.reclaim(dead, spared)).length > 0) this.#wakeup.wake();
    return nextMs;
  }

  async #stopAll(reason: StopReason): Promise<void> {
    const running = [...this.#running.values()];
    for (const { control } of running) control.abort(reason);
    await Promise.all(running.map(({ ended }) => ended));
  }
}
