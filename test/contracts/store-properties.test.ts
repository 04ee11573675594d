import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import type { Plan } from '../../src/core/roadmap/model.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { mayMove, TASK_STATES } from '../../src/core/tasks/states.ts';
import { Attempt, claimAny, id, planOf, SOURCE } from './store-kit.ts';

const MODES = ['hard', 'soft', 'skip'] as const;
const SIZE = 5;
const RUNS = 120;

/** Edges go from higher to lower numbers only, so that there is no cycle; a gate holds the first tasks. */
const plans = fc
  .record({
    modes: fc.array(fc.constantFrom(...MODES), { minLength: SIZE, maxLength: SIZE }),
    edges: fc.uniqueArray(fc.tuple(fc.nat(SIZE - 1), fc.nat(SIZE - 1)), {
      maxLength: 6,
      selector: ([a, b]) => `${Math.min(a, b)}<${Math.max(a, b)}`,
    }),
    gated: fc.integer({ min: 1, max: SIZE }),
    present: fc.array(fc.boolean(), { minLength: SIZE, maxLength: SIZE }),
  })
  .map(({ modes, edges, gated, present }): Plan => {
    const here = (index: number) => present[index] === true;
    const needs = (index: number) => [
      ...edges.flatMap(([a, b]) =>
        a !== b && Math.max(a, b) === index && here(Math.min(a, b)) ? [`t${Math.min(a, b)}`] : [],
      ),
      ...(index >= gated ? ['gate:first'] : []),
    ];
    const ids = Array.from({ length: SIZE }, (_, index) => index).filter(here);
    return planOf(
      Object.fromEntries(
        ids.map((index) => [`t${index}`, { onFailure: modes[index] ?? 'hard', needs: needs(index) }]),
      ),
      { first: ids.filter((index) => index < gated).map((index) => `t${index}`) },
    );
  });

const acts = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'claim' } as const) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'start',
        'done',
        'done',
        'fail',
        'fail',
        'retry',
        'release',
        'ask',
        'merge',
        'bounce',
      ),
      which: fc.nat(SIZE - 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('skipped', 'cancelled', 'reset', 'reset', 'answered'),
      which: fc.nat(SIZE - 1),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sync' as const), plan: plans }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reclaim' } as const) },
);

type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

/** What must be true after every act, computed anew from the plan and the states. */
async function check(store: Store, plan: Plan): Promise<void> {
  const all = await store.tasks({ states: TASK_STATES });
  const byId = new Map(all.map((task) => [task.id as string, task]));
  const events = await store.events(0, { limit: 100_000 });
  assert.deepEqual(
    events.map(({ seq }) => seq),
    Array.from({ length: await store.head() }, (_, index) => index + 1),
    'numbers have no gap',
  );

  const fences = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'task.claimed') continue;
    assert.ok(event.fence > (fences.get(event.task) ?? 0), `the fence of ${event.task} rises`);
    fences.set(event.task, event.fence);
  }

  const { byState, total, ready } = await store.counts();
  assert.equal(total, all.filter(({ state }) => state !== 'archived').length);
  for (const state of TASK_STATES) {
    assert.equal(byState[state], all.filter((task) => task.state === state).length, state);
  }

  // Who was ever finished for its dependents: the log tells, since it never goes back.
  const finished = new Set<string>();
  for (const event of events) {
    if (event.type === 'task.done' || event.type === 'task.skipped') finished.add(event.task);
    if (event.type === 'task.failed' && modeAt.get(event.seq) !== 'hard') finished.add(event.task);
  }
  for (const gate of plan.gates) {
    if (gate.members.every((member) => finished.has(member))) finished.add(gate.id);
  }
  let expectedReady = 0;
  for (const { definition, needs } of plan.tasks) {
    const task = byId.get(definition.id);
    const pending = needs.filter((need) => !finished.has(need)).length;
    assert.equal(task?.pendingNeeds, pending, `${definition.id} waits for ${pending}`);
    if (task?.state === 'pending' && pending === 0) expectedReady += 1;
  }
  assert.equal(ready, expectedReady);

  for (const task of all) {
    const isActive = ['claimed', 'running', 'merging'].includes(task.state);
    assert.equal(task.owner !== undefined, isActive, `${task.id} is ${task.state}, owner ${task.owner}`);
  }
  checkBlocked(plan, byId, finished);
}

/** Blocked is who waits, through tasks that have not started, for one that failed or was cancelled. */
function checkBlocked(
  plan: Plan,
  byId: ReadonlyMap<string, { state: string }>,
  finished: ReadonlySet<string>,
): void {
  const stuck = new Map<string, boolean>();
  const gates = new Map(plan.gates.map((gate) => [gate.id as string, gate.members]));
  const needsOf = new Map(plan.tasks.map((task) => [task.definition.id as string, task.needs]));
  const isStuck = (node: string): boolean => {
    const known = stuck.get(node);
    if (known !== undefined) return known;
    stuck.set(node, false);
    let answer = false;
    if (!finished.has(node)) {
      const members = gates.get(node);
      const state = byId.get(node)?.state ?? '';
      if (members !== undefined) answer = members.some(isStuck);
      else if (state === 'failed' || state === 'cancelled') answer = true;
      else if (state === 'pending' || state === 'blocked') answer = (needsOf.get(node) ?? []).some(isStuck);
    }
    stuck.set(node, answer);
    return answer;
  };
  for (const { definition, needs } of plan.tasks) {
    const state = byId.get(definition.id)?.state;
    if (state !== 'pending' && state !== 'blocked') continue;
    assert.equal(state === 'blocked', needs.some(isStuck), `${definition.id} is ${state}`);
  }
}

/** Failure mode that a `task.failed` event had when it was written. */
const modeAt = new Map<number, string>();

async function perform(store: Store, held: Map<string, Attempt>, act: Act): Promise<void> {
  if (act.kind === 'claim') {
    for (const claim of await claimAny(store, 2)) held.set(claim.task, new Attempt(store, claim));
    return;
  }
  if (act.kind === 'reclaim') {
    await store.reclaim(['orc_test']);
    held.clear();
    return;
  }
  if (act.kind === 'sync') return;
  const isOfPerson = ['skipped', 'cancelled', 'reset', 'answered'].includes(act.kind);
  // Acts of attempts fall on attempts that were begun, or most of them would do nothing.
  const begun = [...held.keys()];
  const name = id((isOfPerson ? undefined : begun[act.which % begun.length]) ?? `t${act.which}`);
  const task = await store.task(name);
  if (task === undefined) return;
  switch (act.kind) {
    case 'skipped':
    case 'cancelled':
    case 'reset':
    case 'answered': {
      const to = act.kind === 'reset' ? 'pending' : act.kind;
      if (act.kind === 'answered') {
        if (task.state !== 'waiting_input') return;
      } else if (task.state === 'archived' || !mayMove(task.state, to as 'pending')) return;
      await store.command(name, () => [
        act.kind === 'skipped'
          ? { type: 'task.skipped', task: name, reason: 'not needed' }
          : act.kind === 'answered'
            ? { type: 'task.answered', task: name, question: 'q', answer: 'yes', by: 'ann' }
            : act.kind === 'reset'
              ? { type: 'task.reset', task: name, by: 'ann' }
              : { type: 'task.cancelled', task: name, by: 'ann' },
      ]);
      return;
    }
    default:
  }
  const attempt = held.get(name);
  if (attempt === undefined) return;
  const { about } = attempt;
  const head = '1'.repeat(40) as never;
  switch (act.kind) {
    case 'start':
      if (task.state === 'claimed') await attempt.try(attempt.started());
      return;
    case 'merge':
      await attempt.try({ type: 'merge.queued', ...about, head, files: 1, insertions: 1, deletions: 0 });
      return;
    case 'bounce':
      if (task.state === 'merging') {
        await attempt.try({ type: 'merge.conflicted', ...about, files: [], others: [], bounce: 1 });
      }
      return;
    case 'ask':
      if (task.state === 'running') {
        const questions = [{ id: 'q', question: 'Really?' }];
        await attempt.try({ type: 'task.asked', ...about, step: 1, questions });
      }
      return;
    case 'done':
      await attempt.try(attempt.done());
      return;
    case 'fail':
      await attempt.try(attempt.failed());
      return;
    case 'retry':
      await attempt.try({
        type: 'task.retried',
        ...about,
        outcome: 'transient',
        reason: 'again',
        retryAt: 0,
        failures: task.failures + 1,
      });
      return;
    case 'release':
      await attempt.try({ type: 'task.released', ...about, reason: 'stopped' });
      return;
  }
}

test('S0-58 whatever legally happens, counts, needs, blocks and numbers stay right, and fences rise', async () => {
  await fc.assert(
    fc.asyncProperty(
      plans,
      fc.array(acts, { minLength: 10, maxLength: 80, size: 'max' }),
      async (first, list) => {
        await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
        const held = new Map<string, Attempt>();
        modeAt.clear();
        let plan = first;
        await store.sync(plan, SOURCE, { confirmed: true });
        await check(store, plan);
        for (const act of list) {
          const before = await store.head();
          if (act.kind === 'sync') {
            plan = act.plan;
            await store.sync(plan, SOURCE, { confirmed: true });
          } else {
            await perform(store, held, act);
          }
          for (const event of await store.events(before)) {
            if (event.type !== 'task.failed') continue;
            modeAt.set(event.seq, (await store.task(event.task))?.definition.onFailure ?? 'hard');
          }
          await check(store, plan);
        }
      },
    ),
    { numRuns: RUNS },
  );
});
