import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import type { Plan } from '../../src/core/roadmap/model.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { TASK_STATES } from '../../src/core/tasks/states.ts';
import { acts, perform, plans } from './store-acts.ts';
import { type Attempt, SOURCE } from './store-kit.ts';

const RUNS = 120;

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
