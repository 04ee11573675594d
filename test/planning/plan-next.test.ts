import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import type { NextFilter } from '../../src/core/planning/next-tasks.ts';
import { PlanNext } from '../../src/core/planning/plan-next.ts';
import type { TaskDefinition } from '../../src/core/roadmap/model.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, claimAny, id, planOf } from '../contracts/store-kit.ts';

type Parts = Parameters<typeof planOf>[0];

const agentOf = (definition: TaskDefinition) => definition.agent ?? 'coder';

async function open(
  t: TestContext,
): Promise<{ store: Store; sync: (parts: Parts) => Promise<void>; reads: () => number }> {
  const store = await openStore({ url: 'sqlite::memory:', project: 'test', version: '0' });
  t.after(() => store.close());
  let [hashes, reads] = [0, 0];
  const counted = new Proxy(store, {
    get(target, key: keyof Store) {
      const value = target[key] as unknown;
      if (key === 'tasks') {
        return (filter: Parameters<Store['tasks']>[0]) => {
          if (filter?.ids === undefined) reads += 1;
          return target.tasks(filter);
        };
      }
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return {
    store: counted,
    reads: () => reads,
    sync: async (parts) => {
      hashes += 1;
      await store.sync(planOf(parts), { path: 'roadmap.yaml', hash: `hash ${hashes}` }, { confirmed: true });
    },
  };
}

const idsOf = async (plan: PlanNext, filter?: NextFilter) =>
  (await plan.next(filter)).tasks.map((task) => String(task.id));

test('S0-31 the next tasks are those that would start first, five unless asked otherwise', async (t) => {
  const { store, sync } = await open(t);
  await sync({
    waits: { needs: ['late'] },
    late: { chain: 2 },
    low: { priority: 25 },
    high: { priority: 75, agent: 'reviewer' },
    one: { path: { phase: '1', initiative: 'shop', plan: 'p' }, domain: 'api' },
    two: { path: { phase: '2' } },
    three: {},
  });
  const plan = new PlanNext(store, agentOf);
  assert.deepEqual(await idsOf(plan), ['high', 'late', 'one', 'two', 'three']);
  assert.deepEqual(await idsOf(plan, { limit: 2 }), ['high', 'late']);
  const cases: [NextFilter, string[]][] = [
    [{ phase: '1' }, ['one']],
    [{ initiative: 'shop' }, ['one']],
    [{ plan: 'p' }, ['one']],
    [{ domain: 'api' }, ['one']],
    [{ agent: 'reviewer' }, ['high']],
    [{ states: ['pending'], limit: 10 }, ['high', 'late', 'waits', 'one', 'two', 'three', 'low']],
    [{ states: ['running'] }, []],
  ];
  for (const [filter, expected] of cases) {
    // The chain of what waits is 1: it stands where the roadmap has it.
    const found = await idsOf(plan, filter);
    assert.deepEqual(found, expected, JSON.stringify(filter));
  }
});

test('S0-24 an answer is kept for each set of filters until something happens', async (t) => {
  const { store, sync, reads } = await open(t);
  await sync({ a: {}, b: { agent: 'reviewer' } });
  const plan = new PlanNext(store, agentOf);
  await plan.next();
  await plan.next({ agent: 'reviewer' });
  assert.equal(reads(), 2);
  await plan.next({ states: ['ready'], limit: 5 });
  await plan.next({ agent: 'reviewer' });
  await store.log([{ type: 'budget.reached', scope: 'run', limitUsd: 1, spentUsd: 1, until: undefined }]);
  await plan.next();
  assert.equal(reads(), 2);
});

test('S0-25 an edit drops only the answers that hold the task, or that it could come into', async (t) => {
  const { store, sync, reads } = await open(t);
  const before: Parts = { a: { agent: 'coder' }, b: { agent: 'reviewer' }, c: { agent: 'tester' } };
  await sync(before);
  const plan = new PlanNext(store, agentOf);
  for (const agent of ['coder', 'reviewer', 'tester']) await plan.next({ agent });
  assert.deepEqual([plan.kept, reads()], [3, 3]);
  // Held by one of them.
  await sync({ ...before, b: { agent: 'reviewer', prompt: 'more' } });
  const [edited] = (await plan.next({ agent: 'reviewer' })).tasks;
  assert.equal(edited?.definition.prompt, 'more');
  assert.deepEqual([plan.kept, reads()], [3, 4]);
  // New, and it could come into one of them.
  await sync({ ...before, b: { agent: 'reviewer', prompt: 'more' }, d: { agent: 'tester' } });
  assert.deepEqual(await idsOf(plan, { agent: 'tester' }), ['c', 'd']);
  assert.deepEqual([plan.kept, reads()], [3, 5]);
  // It moves from one of them into another.
  await sync({
    a: { agent: 'tester' },
    b: { agent: 'reviewer', prompt: 'more' },
    c: before['c'] ?? {},
    d: { agent: 'tester' },
  });
  assert.deepEqual(await idsOf(plan, { agent: 'coder' }), []);
  assert.deepEqual(await idsOf(plan, { agent: 'tester' }), ['a', 'c', 'd']);
  await plan.next({ agent: 'reviewer' });
  assert.equal(reads(), 7);
});

test('S0-26 what frees or moves tasks that nobody names drops every answer', async (t) => {
  const { store, sync, reads } = await open(t);
  await sync({ a: { chain: 2 }, b: { needs: ['a'], agent: 'reviewer' }, c: { agent: 'tester' } });
  const plan = new PlanNext(store, agentOf);
  assert.deepEqual(await idsOf(plan, { agent: 'reviewer' }), []);
  await plan.next({ agent: 'tester' });
  const attempt = await Attempt.start(store, 'a');
  assert.deepEqual([await idsOf(plan, { agent: 'tester' }), reads()], [['c'], 2]);
  await attempt.tell(attempt.done());
  assert.deepEqual(await idsOf(plan, { agent: 'reviewer' }), ['b']);
  assert.equal(plan.kept, 1);
  // Another order: nobody is new or edited.
  await plan.next({ agent: 'tester' });
  await sync({ c: { agent: 'tester' }, a: { chain: 2 }, b: { needs: ['a'], agent: 'reviewer' } });
  await plan.next();
  assert.equal(plan.kept, 1);
});

test('the hash says which file the plan was made from', async (t) => {
  const { store, sync } = await open(t);
  const plan = new PlanNext(store, agentOf);
  assert.equal((await plan.next()).planHash, undefined);
  await sync({ a: {} });
  assert.equal((await plan.next()).planHash, 'hash 1');
  await sync({ a: { prompt: 'x' } });
  assert.equal((await plan.next()).planHash, 'hash 2');
});

const FILTERS: readonly NextFilter[] = [
  {},
  { limit: 1 },
  { agent: 'reviewer' },
  { phase: '1', limit: 2 },
  { states: ['pending'], limit: 3 },
  { states: ['running', 'claimed', 'failed'] },
  { states: ['ready', 'blocked', 'cancelled', 'skipped', 'done'], limit: 50 },
];

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];

const definition = fc.record({
  needs: fc.subarray(NAMES.slice(0, 2)),
  priority: fc.constantFrom(25, 50, 75),
  agent: fc.constantFrom('coder', 'reviewer'),
  prompt: fc.constantFrom('one', 'two'),
  path: fc.constantFrom({}, { phase: '1' }),
  onFailure: fc.constantFrom('hard', 'soft', 'skip'),
});

type Step =
  | { kind: 'put'; name: string; part: Parts[string] }
  | { kind: 'drop' | 'first' | 'cancel' | 'reset'; name: string }
  | { kind: 'claim'; pick: number }
  | { kind: 'done' | 'fail' | 'release' | 'retry'; pick: number };

const name = fc.constantFrom(...NAMES);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), name, part: definition }),
  fc.record({
    kind: fc.constantFrom('drop' as const, 'first' as const, 'cancel' as const, 'reset' as const),
    name,
  }),
  fc.record({ kind: fc.constant('claim' as const), pick: fc.nat(5) }),
  fc.record({
    kind: fc.constantFrom('done' as const, 'fail' as const, 'release' as const, 'retry' as const),
    pick: fc.nat(5),
  }),
);

test('S0-24 S0-25 S0-26 whatever happens in whatever order, a kept answer is what a fresh one would be', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), async (steps) => {
      await using store = await openStore({ url: 'sqlite::memory:', project: 'test', version: '0' });
      const kept = new PlanNext(store, agentOf);
      const life = new Life(store);
      for (const [index, each] of [...START, ...steps].entries()) {
        await life.perform(each);
        for (const filter of FILTERS.filter((_, at) => (at + index) % 2 === 0)) {
          const fresh = await new PlanNext(store, agentOf).next(filter);
          assert.deepEqual(await kept.next(filter), fresh, JSON.stringify(filter));
        }
      }
    }),
    { numRuns: 60, seed: 7 },
  );
});

const START: readonly Step[] = NAMES.map((each) => ({ kind: 'put', name: each, part: {} }));

/** A project whose roadmap is edited task by task while its tasks live. */
class Life {
  readonly #store: Store;
  readonly #attempts: Attempt[] = [];
  #parts: Parts = {};
  #syncs = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  async perform(each: Step): Promise<void> {
    switch (each.kind) {
      case 'put':
        return await this.#sync({ ...this.#parts, [each.name]: each.part });
      case 'drop': {
        const { [each.name]: _, ...rest } = this.#parts;
        return await this.#sync(rest);
      }
      case 'first':
        return await this.#sync({ [each.name]: this.#parts[each.name] ?? {}, ...this.#parts });
      case 'claim':
        for (const claim of await claimAny(this.#store, 1)) {
          const attempt = new Attempt(this.#store, claim);
          await attempt.try(attempt.started());
          this.#attempts.push(attempt);
        }
        return;
      case 'cancel':
        return await this.#command(each.name, 'task.cancelled', ['pending', 'blocked']);
      case 'reset':
        return await this.#command(each.name, 'task.reset', ['failed', 'cancelled', 'skipped']);
      default:
        return await this.#end(each);
    }
  }

  async #sync(parts: Parts): Promise<void> {
    this.#parts = parts;
    this.#syncs += 1;
    const names = Object.keys(parts);
    const needsOf = (each: string) =>
      (parts[each]?.needs ?? []).filter((need) => need < each && names.includes(need));
    const chainOf = (each: string): number =>
      1 + Math.max(0, ...names.filter((other) => needsOf(other).includes(each)).map(chainOf));
    const plan = planOf(
      Object.fromEntries(
        names.map((each) => [each, { ...parts[each], needs: needsOf(each), chain: chainOf(each) }]),
      ),
    );
    await this.#store.sync(plan, { path: 'r', hash: `${this.#syncs}` }, { confirmed: true });
  }

  async #command(
    task: string,
    type: 'task.cancelled' | 'task.reset',
    states: readonly string[],
  ): Promise<void> {
    await this.#store.command(id(task), ({ state }) =>
      states.includes(state)
        ? [{ type, task: id(task), by: 'test' }]
        : { refused: 'not now', advice: 'later' },
    );
  }

  async #end({ kind, pick }: { kind: 'done' | 'fail' | 'release' | 'retry'; pick: number }): Promise<void> {
    const [attempt] = this.#attempts.splice(pick % Math.max(1, this.#attempts.length), 1);
    if (attempt === undefined) return;
    const { about } = attempt;
    if (kind === 'done') await attempt.try(attempt.done());
    else if (kind === 'fail') await attempt.try(attempt.failed());
    else if (kind === 'release') await attempt.try({ type: 'task.released', ...about, reason: 'test' });
    else {
      const failure = { outcome: 'transient', reason: 'test', retryAt: 0, failures: 1 } as const;
      await attempt.try({ type: 'task.retried', ...about, ...failure });
    }
  }
}
