import { setTimeout as sleep } from 'node:timers/promises';
import { CompiledQuery } from 'kysely';
import { CodewalkError, messageOf } from '../../core/errors.ts';
import type { Engine } from './engine.ts';
import type { Write } from './session.ts';

/** Writes that wait at the same time share a commit, at most this many. */
const MAX_GROUP = 64;
/** How long a write tries again, while others hold the database or it cannot be reached. */
const PATIENCE_MS = 30_000;
const SHORTEST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 250;

const SAVEPOINT = CompiledQuery.raw('savepoint job');
const ROLLBACK_TO = CompiledQuery.raw('rollback to savepoint job');
const RELEASE = CompiledQuery.raw('release savepoint job');

interface Job {
  readonly work: (tx: Write) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Result = { kind: 'value'; value: unknown } | { kind: 'error'; error: unknown };

/**
 * The one writer of this process. Jobs run one after the other, each as a whole or not at all; those that wait
 * together are committed together. A job may be run again when the database was busy or went away, so it must
 * touch nothing but the transaction.
 */
export class Writer {
  readonly #engine: Engine;
  readonly #project: string;
  readonly #onChange: () => void;
  readonly #waiting: Job[] = [];
  #draining: Promise<void> | undefined;

  constructor(engine: Engine, project: string, onChange: () => void) {
    this.#engine = engine;
    this.#project = project;
    this.#onChange = onChange;
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
    while (this.#waiting.length > 0) await this.#commitGroup(this.#waiting.splice(0, MAX_GROUP));
    this.#draining = undefined;
  }

  async #commitGroup(group: readonly Job[]): Promise<void> {
    const giveUpAt = performance.now() + PATIENCE_MS;
    for (let attempt = 1; ; attempt += 1) {
      const results: Result[] = [];
      const tx: { name: string | undefined; changed: boolean } = { name: undefined, changed: false };
      let failure: unknown;
      try {
        await this.#transaction(group, results, tx);
      } catch (error) {
        failure = error;
      }
      if (failure !== undefined && !(await this.#settle(failure, tx.name))) {
        const fault = this.#engine.judge(failure);
        if (fault.kind === 'final' || performance.now() > giveUpAt) {
          const error = fault.kind === 'final' ? fault.error : gaveUp(this.#engine.location, failure);
          for (const job of group) job.reject(error);
          return;
        }
        await sleep(pauseMs(attempt));
        continue;
      }
      group.forEach((job, index) => {
        const result = results[index] as Result;
        if (result.kind === 'value') job.resolve(result.value);
        else job.reject(result.error);
      });
      if (tx.changed) this.#onChange();
      return;
    }
  }

  async #transaction(
    group: readonly Job[],
    results: Result[],
    outcome: { name: string | undefined; changed: boolean },
  ): Promise<void> {
    const { db, kind } = this.#engine;
    await db.transaction().execute(async (trx) => {
      outcome.name = await this.#engine.lockProject(trx, this.#project);
      const tx: Write = { db: trx, kind, project: this.#project, changed: false };
      for (const job of group) {
        if (group.length === 1) results.push({ kind: 'value', value: await job.work(tx) });
        else results.push(await this.#guarded(job, tx));
      }
      outcome.changed = tx.changed;
    });
  }

  /** Runs one job of several: when it throws, only its own writes are undone. */
  async #guarded(job: Job, tx: Write): Promise<Result> {
    await tx.db.executeQuery(SAVEPOINT);
    const changedBefore = tx.changed;
    try {
      const value = await job.work(tx);
      await tx.db.executeQuery(RELEASE);
      return { kind: 'value', value };
    } catch (error) {
      const fault = this.#engine.judge(error);
      if (fault.kind !== 'final') throw error;
      await tx.db.executeQuery(ROLLBACK_TO);
      await tx.db.executeQuery(RELEASE);
      tx.changed = changedBefore;
      return { kind: 'error', error: fault.error };
    }
  }

  /** After a broken connection: was the commit made all the same? */
  async #settle(failure: unknown, transaction: string | undefined): Promise<boolean> {
    if (transaction === undefined || this.#engine.judge(failure).kind !== 'disconnected') return false;
    return await this.#engine.committed(transaction);
  }
}

/** Full jitter over a range that doubles: processes that met once do not meet again. */
function pauseMs(attempt: number): number {
  const range = Math.min(LONGEST_PAUSE_MS, 4 * 2 ** Math.min(attempt, 10));
  return SHORTEST_PAUSE_MS + Math.random() * range;
}

function gaveUp(location: string, cause: unknown): CodewalkError {
  return new CodewalkError('STORE_BUSY', `${location} could not be written for ${PATIENCE_MS / 1000} s`, {
    advice: `Look for a process that holds it, then start again. The last reason was: ${messageOf(cause)}`,
    cause,
  });
}
