import { CompiledQuery } from 'kysely';
import { crashPoint } from '../../core/crash-points.ts';
import type { Head } from './chain.ts';
import type { Engine } from './engine.ts';
import { execute } from './prepared.ts';
import { gaveUp, isOver, pauseMs } from './retried.ts';
import type { Write } from './session.ts';

/** Writes that wait at the same time share a commit, at most this many. */
const MAX_GROUP = 64;
const COMMITS_PER_TURN = 32;

const SAVEPOINT = CompiledQuery.raw('savepoint job');
const ROLLBACK_TO = CompiledQuery.raw('rollback to savepoint job');
const RELEASE = CompiledQuery.raw('release savepoint job');

interface Job {
  readonly work: (tx: Write) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface GroupOutcome {
  /** One for each job, in order. */
  readonly results: Result[];
  /** Where the log ends with it; absent when no event was written. */
  head: Head | undefined;
  /** Names the transaction, so that its fate can be asked for after the connection broke. */
  transaction: string | undefined;
}

type Result = { kind: 'value'; value: unknown } | { kind: 'error'; error: unknown };

/**
 * The one writer of this process. Jobs run one after the other, each as a whole or not at all; those that wait
 * together are committed together, also with one that came while others ran. A job may be run again when the database was busy or went away, so it must
 * touch nothing but the transaction.
 */
export class Writer {
  readonly #engine: Engine;
  readonly #project: string;
  readonly #onChange: (head: Head) => void;
  readonly #waiting: Job[] = [];
  #draining: Promise<void> | undefined;
  #commits = 0;

  constructor(engine: Engine, project: string, onChange: (head: Head) => void) {
    this.#engine = engine;
    this.#project = project;
    this.#onChange = onChange;
  }

  /** A write is under way or waits: what is read from outside of it is about to be old. */
  get isBusy(): boolean {
    return this.#draining !== undefined;
  }

  /** Runs `work` in a transaction and resolves with its result once that is durable. */
  write<T>(work: (tx: Write) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work, resolve: resolve as (value: unknown) => void, reject });
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

  async #commitGroup(group: Job[]): Promise<void> {
    let outcome: GroupOutcome;
    try {
      outcome = await this.#commitWithPatience(group);
      crashPoint('write.committed');
    } catch (error) {
      for (const job of group) job.reject(error);
      return;
    }
    group.forEach((job, index) => {
      const result = outcome.results[index] as Result;
      if (result.kind === 'value') job.resolve(result.value);
      else job.reject(result.error);
    });
    if (outcome.head !== undefined) this.#onChange(outcome.head);
  }

  async #commitWithPatience(group: Job[]): Promise<GroupOutcome> {
    const since = this.#engine.pace.now();
    for (let attempt = 1; ; attempt += 1) {
      const outcome: GroupOutcome = { results: [], head: undefined, transaction: undefined };
      try {
        await this.#transaction(group, outcome);
        return outcome;
      } catch (error) {
        const fault = this.#engine.judge(error);
        if (fault.kind === 'final') throw fault.error;
        const isDoubtful = fault.kind === 'disconnected' && outcome.transaction !== undefined;
        if (isDoubtful && (await this.#wasCommitted(outcome.transaction, since))) return outcome;
        if (isOver(this.#engine, since)) throw gaveUp(this.#engine, fault, error);
        await this.#pause(attempt);
      }
    }
  }

  async #transaction(group: Job[], outcome: GroupOutcome): Promise<void> {
    const { direct, kind } = this.#engine;
    await this.#engine.transaction(async (trx) => {
      outcome.transaction = await this.#engine.lockProject(trx, this.#project);
      crashPoint('write.begun');
      const project = this.#project;
      const tx: Write = { db: trx, direct, isTransaction: true, kind, project, head: undefined };
      const [first, ...others] = group;
      if (first !== undefined && others.length === 0) {
        outcome.results.push({ kind: 'value', value: await first.work(tx) });
      } else {
        for (const job of group) outcome.results.push(await this.#guarded(job, tx));
      }
      // What came meanwhile, mostly because of these very jobs, saves a commit.
      for (;;) {
        const late = group.length < MAX_GROUP ? this.#waiting.shift() : undefined;
        if (late === undefined) break;
        group.push(late);
        outcome.results.push(await this.#guarded(late, tx));
      }
      crashPoint('write.committing');
      outcome.head = tx.head;
    });
  }

  /** Runs one job of several: when it throws, only its own writes are undone. */
  async #guarded(job: Job, tx: Write): Promise<Result> {
    await execute(tx, SAVEPOINT);
    const headBefore = tx.head;
    try {
      const value = await job.work(tx);
      await execute(tx, RELEASE);
      return { kind: 'value', value };
    } catch (error) {
      const fault = this.#engine.judge(error);
      if (fault.kind !== 'final') throw error;
      await execute(tx, ROLLBACK_TO);
      await execute(tx, RELEASE);
      tx.head = headBefore;
      return { kind: 'error', error: fault.error };
    }
  }

  async #pause(attempt: number): Promise<void> {
    const { pace } = this.#engine;
    await pace.sleep(pauseMs(attempt, pace.random()));
  }

  /** The connection broke: was the commit made all the same? Nothing is tried again before that is known. */
  async #wasCommitted(transaction: string | undefined, since: number): Promise<boolean> {
    for (let attempt = 1; transaction !== undefined; attempt += 1) {
      try {
        const fate = await this.#engine.fateOf(transaction);
        if (fate !== 'open') return fate === 'committed';
      } catch (error) {
        const fault = this.#engine.judge(error);
        if (fault.kind === 'final') throw fault.error;
        if (isOver(this.#engine, since)) throw gaveUp(this.#engine, fault, error);
      }
      await this.#pause(attempt);
    }
    return false;
  }
}
