import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { afterTurn, type BreakerPolicy, healthy, takeTrial } from '../../src/core/resilience/breaker.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, type Databases, id, LEASE_MS, planOf, projectOf, SOURCE } from './store-kit.ts';

const POLICY: BreakerPolicy = {
  failures: 5,
  pauseMs: 3_600_000,
  maxPauseMs: 3_600_000,
  limitMs: 0,
  spreadMs: 0,
  random: 0,
};

function fail(store: Store, task = 'a') {
  return store.changeAccount('claude', (before, facts) =>
    afterTurn(before, { task: id(task), report: { kind: 'failed', reason: 'down' }, policy: POLICY }, facts),
  );
}

/** Cut off, with its pause over. */
async function halfOpen(store: Store): Promise<void> {
  await store.changeAccount('claude', (before) => ({
    standing: { ...before, failures: 5, opens: 1, cause: 'failing', until: 1, reason: 'down' },
    events: [],
  }));
}

export function accountContract(databases: Databases): void {
  describe('provider accounts, retries and money', () => {
    test('S3-58 failures that many orchestrators report at once are all counted, and open it once', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open(), open()]);
      await Promise.all(Array.from({ length: 12 }, (_, index) => fail(stores[index % 3] as Store)));
      const [standing] = await (stores[0] as Store).accounts();
      assert.deepEqual([standing?.failures, standing?.opens, standing?.cause], [12, 1, 'failing']);
      const opened = await (stores[0] as Store).events(0, { types: ['provider.opened'] });
      assert.equal(opened.length, 1);
    });

    test('an account that works again is not listed, and one that did not change writes nothing', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await fail(store);
      assert.equal((await store.accounts()).length, 1);
      await store.changeAccount('claude', (before) => ({ standing: healthy(before.account), events: [] }));
      assert.deepEqual(await store.accounts(), []);
      const head = await store.head();
      const same = await store.changeAccount('codex', (before) => ({ standing: before, events: [] }));
      assert.deepEqual(same, healthy('codex'));
      assert.equal(await store.head(), head);
    });

    test('S3-59 of many orchestrators that claim at once, one gets the trial of an account', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open(), open()]);
      const [store] = stores;
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      await halfOpen(store);
      const names = ['a', 'b', 'c'];
      const results = await Promise.all(
        stores.map((each, index) =>
          each.claim({
            orchestrator: `orc_${index}`,
            freeSlots: 1,
            leaseMs: LEASE_MS,
            decide: ({ ready }) => {
              const claims = ready.flatMap((task) => (task.id === names[index] ? [task.id] : []));
              return {
                claims,
                wakeAt: undefined,
                trials: claims.map((task) => ({ task, account: 'claude' })),
              };
            },
          }),
        ),
      );
      const claimed = results.flatMap(({ claims }) => claims.map(({ task }) => task));
      assert.equal(claimed.length, 1);
      assert.equal((await store.accounts())[0]?.trial, claimed[0]);
    });

    test('S3-59 a trial is free again when its task is in nobody’s hands', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      await halfOpen(store);
      const a = await Attempt.start(store, 'a');
      const tries = async (task: string) =>
        (await store.changeAccount('claude', (before, facts) => takeTrial(before, id(task), facts))).trial;
      assert.equal(await tries('a'), 'a');
      assert.equal(await tries('b'), 'a');
      await a.tell({ type: 'task.released', ...a.about, reason: 'stopped' });
      assert.equal(await tries('b'), 'b');
    });

    test('S3-60 retries are given their times over all orchestrators', async (t) => {
      const { open } = await projectOf(databases, t);
      const stores = await Promise.all([open(), open()]);
      const times = await Promise.all(
        Array.from({ length: 6 }, (_, index) => (stores[index % 2] as Store).planRetry(600_000, 2)),
      );
      const sorted = times.toSorted((x, y) => x - y);
      const gaps = sorted.slice(2).map((at, index) => at - (sorted[index] ?? 0));
      assert.ok(
        gaps.every((gap) => gap >= 60_000),
        `two a minute: ${gaps}`,
      );
    });

    test('what agents cost is counted, in all and since a time', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      assert.deepEqual([await store.spent(), await store.spent(0)], [0, 0]);
      const a = await Attempt.start(store, 'a');
      for (const costUsd of [0.25, 0.5]) {
        const usage = { inputTokens: 1, outputTokens: 1, cachedTokens: 0, costUsd };
        await a.tell({
          type: 'agent.usage',
          ...a.about,
          step: 1,
          agent: 'coder',
          provider: 'claude',
          usage,
          totals: usage,
        });
      }
      assert.equal(await store.spent(), 0.75);
      assert.equal(await store.spent(Date.now() - 86_400_000), 0.75);
      assert.equal(await store.spent(Date.now() + 86_400_000), 0);
    });
  });
}
