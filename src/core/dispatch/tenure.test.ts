import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../ports.ts';
import type { Heartbeat, HeldLeases } from '../tasks/ports.ts';
import { mayWrite, Tenure, TenureOverError, writableUntil } from './tenure.ts';

const LEASE = { leaseMs: 10_000, heartbeatMs: 3_000 };

test('S0-58 a lease may be relied on until a tenth of it is left, and never again after that', () => {
  const term = { renewedAt: 500, leaseMs: 10_000 };
  assert.equal(writableUntil(term), 9_500);
  assert.deepEqual(
    [500, 9_499, 9_500, 10_500, 99_999].map((now) => mayWrite(term, now)),
    [true, true, false, false, false],
  );
});

/** Time that moves by hand, in steps that wake whoever sleeps. */
class ManualClock implements Clock {
  at = 0;
  readonly #sleepers = new Set<{ at: number; wake: () => void }>();

  now(): number {
    return this.at;
  }

  steady(): number {
    return this.at;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { at: this.at + ms, wake: resolve };
    this.#sleepers.add(sleeper);
    signal?.addEventListener('abort', () => {
      this.#sleepers.delete(sleeper);
      resolve();
    });
    return promise;
  }

  /** In small steps, as a process that runs sees it. */
  async run(ms: number): Promise<void> {
    for (const end = this.at + ms; this.at < end; ) {
      this.at += 100;
      await this.#wake();
    }
  }

  /** All at once, as one that was stopped sees it. */
  async freeze(ms: number): Promise<void> {
    this.at += ms;
    await this.#wake();
  }

  async #wake(): Promise<void> {
    for (const sleeper of [...this.#sleepers].filter(({ at }) => at <= this.at)) {
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
    await new Promise(setImmediate);
  }
}

function begin(heartbeat: (held: HeldLeases) => Promise<Heartbeat>) {
  const clock = new ManualClock();
  const store = { heartbeat: (_id: string, held: HeldLeases) => heartbeat(held) };
  const tenure = new Tenure({ orchestrator: 'orc_one', store, clock, lease: LEASE });
  const ended: (string | undefined)[] = [];
  const beats: Heartbeat[] = [];
  tenure.occupy({
    held: () => ({ leases: [], names: [{ name: 'merge-queue', fence: 7 }] }),
    beaten: async (beat) => void beats.push(beat),
    ended: () => ended.push(tenure.over),
  });
  tenure.start();
  return { clock, tenure, ended, beats };
}

const FINE: Heartbeat = { lostTasks: [], lostNames: [], stopBy: undefined };

test('S0-40 heartbeats that come through keep the leases, and say what is held', async () => {
  const held: HeldLeases[] = [];
  const { clock, tenure, beats } = begin(async (now) => {
    held.push(now);
    return FINE;
  });
  await clock.run(60_000);
  assert.equal(tenure.over, undefined);
  assert.equal(beats.length, 20);
  assert.deepEqual(held[0], { leases: [], names: [{ name: 'merge-queue', fence: 7 }], leaseMs: 10_000 });
  await tenure[Symbol.asyncDispose]();
});

test('S0-58 a store that does not answer ends the tenure before the lease does, and an answer after that changes nothing', async () => {
  const answer = Promise.withResolvers<Heartbeat>();
  let asked = 0;
  const { clock, tenure, ended, beats } = begin(() => {
    asked += 1;
    return asked === 1 ? Promise.resolve(FINE) : answer.promise;
  });
  await clock.run(11_900);
  tenure.check();
  await clock.run(200);
  assert.deepEqual(ended, ['the store did not renew its lease for 9.0 s']);
  assert.throws(() => tenure.check(), TenureOverError);
  answer.resolve(FINE);
  await clock.run(30_000);
  assert.equal(beats.length, 1);
  assert.equal(asked, 2, 'nothing is renewed any more');
  await tenure[Symbol.asyncDispose]();
});

test('S0-58 a process that was stopped past its lease finds its tenure over before it can do anything', async () => {
  let asked = 0;
  const { clock, tenure, ended } = begin(async () => {
    asked += 1;
    return FINE;
  });
  await clock.run(4_000);
  clock.at += 25_000;
  // Its first act, before any timer had its turn.
  assert.throws(() => tenure.check(), /this process did not run for 24\.\d s/);
  await clock.freeze(0);
  assert.equal(ended.length, 1);
  assert.equal(asked, 1, 'the heartbeat that was due is not sent');
  await tenure[Symbol.asyncDispose]();
});

test('a heartbeat that fails for good ends the tenure with its error', async () => {
  const { clock, tenure, ended } = begin(async () => {
    throw new Error('no such table');
  });
  await clock.run(3_500);
  assert.equal(ended.length, 1);
  assert.match(String(tenure.failure?.error), /no such table/);
  await tenure[Symbol.asyncDispose]();
});

test('who is asked to stop knows by whom', async () => {
  const { clock, tenure } = begin(async () => ({ ...FINE, stopBy: 'ann' }));
  await clock.run(3_500);
  assert.equal(tenure.dismissedBy, 'ann');
  await tenure[Symbol.asyncDispose]();
});
