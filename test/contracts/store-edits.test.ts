import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import type { Plan, PlannedTask } from '../../src/core/roadmap/model.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { Attempt, claimAny, planOf } from './store-kit.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const RUNS = 60;

/** One task of a file: which slot of work it is, under which name, and what it waits for. */
const entries = fc.record({
  prompt: fc.constantFrom('one', 'two'),
  status: fc.constantFrom(undefined, undefined, undefined, 'done', 'cancelled', 'pending'),
  needs: fc.uniqueArray(fc.nat(NAMES.length - 1), { maxLength: 2 }),
});

/** `names[slot]` is what the task of that slot is called; what left the list left the file. */
const files = fc.record({
  names: fc.shuffledSubarray(NAMES, { minLength: 1 }),
  entries: fc.array(entries, { minLength: NAMES.length, maxLength: NAMES.length }),
  renames: fc.boolean(),
});

const acts = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('save' as const), file: files }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('claim' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('start', 'done', 'fail', 'release'), which: fc.nat(4) }),
  },
);

type File = typeof files extends fc.Arbitrary<infer T> ? T : never;

/** The plan of a file; with renames, each slot says what it was called in the file before. */
function planIn(file: File, before: File | undefined): Plan {
  const { names } = file;
  const plan = planOf(
    Object.fromEntries(
      names.map((name, slot) => {
        const { prompt = 'one', status, needs = [] } = file.entries[slot] ?? {};
        const initialState = status as 'done' | 'cancelled' | 'pending' | undefined;
        return [
          name,
          {
            title: `Slot ${slot}`,
            prompt,
            // To earlier ones only, so that there is no cycle.
            needs: needs.filter((need) => need < slot).map((need) => names[need] ?? ''),
            ...(initialState === undefined ? {} : { initialState }),
          },
        ];
      }),
    ),
  );
  if (!file.renames || before === undefined) return plan;
  return {
    ...plan,
    tasks: plan.tasks.map((task, slot): PlannedTask => {
      const old = before.names[slot];
      return old === undefined || old === task.definition.id ? task : { ...task, was: [old] };
    }),
  };
}

async function perform(store: Store, held: Map<string, Attempt>, kind: string, which: number): Promise<void> {
  const [name, attempt] = [...held][which % Math.max(1, held.size)] ?? [];
  if (name === undefined || attempt === undefined) return;
  const { about } = attempt;
  if (kind === 'start') {
    if ((await store.task(attempt.claim.task))?.state === 'claimed') await attempt.try(attempt.started());
    return;
  }
  held.delete(name);
  if (kind === 'done') await attempt.try(attempt.done());
  else if (kind === 'fail') await attempt.try(attempt.failed());
  else await attempt.try({ type: 'task.released', ...about, reason: 'stopped' });
}

test('S0-13 S0-14 S0-54 however it came about, the plan in the end is that of the last file', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(acts, { minLength: 5, maxLength: 40, size: 'max' }),
      files,
      async (list, last) => {
        await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
        await using fresh = await openStore({ url: 'sqlite::memory:', project: 'p' });
        const held = new Map<string, Attempt>();
        let file: File | undefined;
        let saves = 0;
        const save = async (next: File) => {
          saves += 1;
          const plan = planIn(next, file);
          const source = { path: 'roadmap.yaml', hash: String(saves) };
          const { deferred } = await store.sync(plan, source, { confirmed: true });
          file = next;
          return deferred === undefined;
        };
        for (const act of list) {
          if (act.kind === 'save') await save((act as { file: File }).file);
          else if (act.kind === 'claim') {
            for (const claim of await claimAny(store, 2)) held.set(claim.task, new Attempt(store, claim));
          } else await perform(store, held, act.kind, (act as { which: number }).which);
        }
        // What is still at work keeps its id until it ends: then the file can be taken as a whole.
        for (const attempt of held.values()) {
          await attempt.try({ type: 'task.released', ...attempt.about, reason: 'the end' });
        }
        assert.ok(await save({ ...last, renames: false }), 'nothing waits any more');

        await fresh.sync(planIn({ ...last, renames: false }, undefined), { path: 'roadmap.yaml', hash: '1' });
        const [is, should] = [await store.tasks(), await fresh.tasks()];
        const plain = (tasks: typeof is) =>
          tasks.map(({ definition, needs, order, chain, revision }) => ({
            definition,
            needs,
            order,
            chain,
            revision,
          }));
        assert.deepEqual(plain(is), plain(should));
        // Done once is done for those that wait: all that failed here failed hard.
        const done = new Set<string>(is.filter(({ state }) => state === 'done').map((task) => task.id));
        for (const task of is) {
          const waits = task.needs.filter((need) => !done.has(need)).length;
          assert.equal(task.pendingNeeds, waits, `${task.id} waits for ${waits}`);
        }
        assert.deepEqual((await store.diff(planIn({ ...last, renames: false }, undefined))).tasks, []);
      },
    ),
    { numRuns: RUNS },
  );
});
