import { crashPoint } from '../../core/crash-points.ts';
import { Ahead } from './ahead.ts';
import type { Head } from './chain.ts';
import type { Engine, Fault } from './engine.ts';
import { gaveUp, isOver, pauseMs } from './retried.ts';
import type { Write } from './session.ts';
import { LogTail } from './stream.ts';

/** Writes that wait at the same time share a commit, at most this many. */
const MAX_GROUP = 64;
const COMMITS_PER_TURN = 32;

/**
 * Sends what a job reads first, before the jobs in front of it have run. A job that has one tells `ahead` itself what
 * it changes of what others asked for; any other job may change everything.
 */
export type Ask = (tx: Write) => void;

interface Job {
  readonly work: (tx: Write) => Promise<unknown>;
  readonly ask: Ask | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface GroupOutcome {
  /** One for each job, in order. */
  readonly results: unknown[];
  /** Where the log ends with it; absent when no event was written. */
  head: Head | undefined;
  /** Names the transaction, so that its fate can be asked for after the connection broke. */
  transaction: string | undefined;
}

/** Knows what was committed, when the connection that did so is gone. */
export interface Witness {
  /** Whether the log has this very event. */
  holds(head: Head): Promise<boolean>;
  /** Throws `STORE_LOST_EVENTS` when the database lacks what was seen in it. */
  verify(): Promise<void>;
}

/** A result that is known when the answer to a statement is there, which the job need not wait for. */
export class Late<T> {
  readonly value: Promise<T>;

  constructor(value: Promise<T>) {
    this.value = value;
    // Whoever asked for the write is told.
    value.catch(() => {});
  }
}

/**
 * The one writer of this process. Jobs run one after the other, each as a whole or not at all; those that wait
 * together are committed together, also with one that came while others ran. A job may be run again when the database
 * was busy or went away, or another job of the group failed, so it must touch nothing but the transaction.
 */
export class Writer {
  readonly #engine: Engine;
  readonly #project: string;
  readonly #onChange: (head: Head) => void;
  readonly #witness: Witness;
  readonly #waiting: Job[] = [];
  #draining: Promise<void> | undefined;
  #commits = 0;

  constructor(
    engine: Engine,
    project: string,
    { onChange, witness }: { onChange: (head: Head) => void; witness: Witness },
  ) {
    this.#witness = witness;
    this.#engine = engine;
    this.#project = project;
    this.#onChange = onChange;
  }

  /** A write is under way or waits: what is read from outside of it is about to be old. */
  get isBusy(): boolean {
    return this.#draining !== undefined;
  }

  /**
   * Runs `work` in a transaction and resolves with its result once that is durable.
   */
  write<T>(work: (tx: Write) => Promise<T | Late<T>>, ask?: Ask): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work, ask, resolve: resolve as (value: unknown) => void, reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** Resolves when every job is done. */
  async idle(): Promise<void> {
    await this.#draining;
  }

  async #drain(): Promise<void> {
    // Lets those who write in the same turn of the event loop share the first commit.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      this.#commits += 1;
      // SQLite answers without a turn of the event loop: who only writes would stop timers and sockets.
      if (this.#commits % COMMITS_PER_TURN === 0) await this.#engine.pace.turn();
      await this.#commitGroup(this.#waiting.splice(0, MAX_GROUP));
    }
    this.#draining = undefined;
  }

  async #commitGroup(group: Job[], { isAlone } = { isAlone: false }): Promise<void> {
    let outcome: GroupOutcome | 'alone';
    try {
      outcome = await this.#commitWithPatience(group, isAlone);
      crashPoint('write.committed');
    } catch (error) {
      for (const job of group) job.reject(error);
      return;
    }
    if (outcome === 'alone') {
      for (const job of group) await this.#commitGroup([job], { isAlone: true });
      return;
    }
    const { results, head } = outcome;
    group.forEach((job, index) => {
      const result = results[index];
      job.resolve(result instanceof Late ? result.value : result);
    });
    if (head !== undefined) this.#onChange(head);
  }

  /** `alone`: one of the jobs failed, and undid the others; so each gets a transaction of its own. */
  async #commitWithPatience(group: Job[], isAlone: boolean): Promise<GroupOutcome | 'alone'> {
    const since = this.#engine.pace.now();
    for (let attempt = 1; ; attempt += 1) {
      const outcome: GroupOutcome = { results: [], head: undefined, transaction: undefined };
      try {
        await this.#transaction(group, outcome, !isAlone);
        return outcome;
      } catch (error) {
        const fault = this.#engine.judge(error);
        if (fault.kind === 'final') {
          if (group.length > 1) return 'alone';
          throw fault.error;
        }
        if (fault.kind === 'full') {
          if (this.#engine.room.spend()) continue;
          throw fault.error;
        }
        if (fault.kind === 'disconnected') {
          if (await this.#wasCommitted(outcome, since)) return outcome;
          await this.#witness.verify();
        }
        if (isOver(this.#engine, since)) throw gaveUp(this.#engine, fault, error);
        await this.#pause(fault, attempt);
      }
    }
  }

  async #transaction(group: Job[], outcome: GroupOutcome, takesLate: boolean): Promise<void> {
    const { kind } = this.#engine;
    const project = this.#project;
    await this.#engine.write(project, async (open) => {
      crashPoint('write.begun');
      open.name.then(
        (name) => {
          outcome.transaction = name;
        },
        () => {},
      );
      const base = { ...open, isTransaction: true, kind, project };
      const tx: Write = { ...base, log: new LogTail(base), ahead: new Ahead() };
      await this.#runAll(group, tx, outcome);
      // What came meanwhile, mostly because of these very jobs, saves a commit.
      while (takesLate && group.length < MAX_GROUP && this.#waiting.length > 0) {
        const late = this.#waiting.splice(0, MAX_GROUP - group.length);
        group.push(...late);
        await this.#runAll(late, tx, outcome);
      }
      outcome.head = await tx.log.write(tx);
      crashPoint('write.committing');
    });
  }

  /** Runs jobs one after the other; what they read first is asked for at once. */
  async #runAll(jobs: readonly Job[], tx: Write, { results }: GroupOutcome): Promise<void> {
    for (const { ask } of jobs) ask?.(tx);
    for (const { work, ask } of jobs) {
      results.push(await work(tx));
      if (ask === undefined) tx.ahead.forget();
    }
  }

  async #pause(fault: Fault, attempt: number): Promise<void> {
    const { pace } = this.#engine;
    await pace.sleep(pauseMs(fault, attempt, pace.random()));
  }

  /** The connection broke: was the commit made all the same? Nothing is tried again before that is known. */
  async #wasCommitted({ transaction, head }: GroupOutcome, since: number): Promise<boolean> {
    // Where transactions have no names, the log's own hash says whose commit was made.
    if (transaction === undefined && (head === undefined || this.#engine.kind !== 'sqlite')) return false;
    for (let attempt = 1; ; attempt += 1) {
      try {
        if (transaction === undefined) return head !== undefined && (await this.#witness.holds(head));
        const fate = await this.#engine.fateOf(transaction);
        if (fate !== 'open') return fate === 'committed';
      } catch (error) {
        const fault = this.#engine.judge(error);
        if (fault.kind === 'final') throw fault.error;
        if (isOver(this.#engine, since)) throw gaveUp(this.#engine, fault, error);
      }
      await this.#pause({ kind: 'disconnected' }, attempt);
    }
  }
}
