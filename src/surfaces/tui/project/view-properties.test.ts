import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { aTask } from '../../../../test/support/cli-records.ts';
import { comparable } from '../../../../test/support/comparable-view.ts';
import { aView } from '../../../../test/support/tui.ts';
import type { NodeId } from '../../../core/ids.ts';
import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import { TASK_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';
import { evolve } from './evolve.ts';
import { TaskTable } from './task-table.ts';
import { viewOf } from './view.ts';

const MOST = 12;
const OUTLINE: readonly OutlinePart[] = [
  {
    ...{ kind: 'initiative', id: 'i', title: 'I' },
    parts: [
      {
        ...{ kind: 'phase', id: '1', title: 'One' },
        parts: [
          { kind: 'plan', id: 'p', title: 'P', wave: 1, parts: [] },
          { kind: 'plan', id: 'q', title: 'Q', wave: 2, parts: [] },
        ],
      },
      { kind: 'phase', id: '1.1', title: 'Pushed in', inserted: true, parts: [] },
    ],
  },
];
const PATHS: readonly Task['definition']['path'][] = [
  {},
  { initiative: 'i' },
  { initiative: 'i', phase: '1' },
  { initiative: 'i', phase: '1', plan: 'p' },
  { initiative: 'i', phase: '1', plan: 'q' },
  { initiative: 'i', phase: '1.1' },
  // The outline does not have it yet.
  { plan: 'stray' },
];
const GATES = ['gate:p', 'gate:1#2', 'gate:1', 'gate:nothing'];

const states = TASK_STATES.filter((state): state is TaskState => state !== 'archived');

/** What was read of one task; absent: it is gone. */
const reading = fc.record({
  number: fc.nat(MOST - 1),
  what: fc.constantFrom('goes on', 'goes on', 'goes on', 'moves', 'is gone'),
  state: fc.constantFrom(...states),
  path: fc.constantFrom(...PATHS),
  needs: fc.array(fc.oneof(fc.nat(MOST - 1), fc.constantFrom(...GATES)), { maxLength: 3 }),
  pendingNeeds: fc.nat(2),
  attempts: fc.nat(2),
  // Sums of such numbers depend on their order.
  cost: fc.constantFrom(0, 0.1, 0.2, 0.7),
  finishedAt: fc.option(fc.nat(4), { nil: undefined }),
});
type Reading = typeof reading extends fc.Arbitrary<infer T> ? T : never;

/** Most changes are of how far a task is: they may not cost what the others do, and must come to the same. */
function taskAfter(before: Task | undefined, read: Reading): Task {
  const { number, state, path, pendingNeeds, attempts, cost, finishedAt, what } = read;
  const needs = [
    ...new Set(read.needs.map((need) => (typeof need === 'number' ? `t${need % (number + 1)}` : need))),
  ];
  const task = aTask(`t${number}`, { order: number });
  const kept = before !== undefined && what === 'goes on';
  return {
    ...task,
    definition: { ...task.definition, path: kept ? before.definition.path : path },
    needs: kept ? before.needs : (needs.filter((need) => need !== `t${number}`) as NodeId[]),
    ...{ state, pendingNeeds, attempts, finishedAt },
    costUsd: cost,
  };
}

test('S3-48 a view that takes what was read into it equals one that is made anew, and the one before stays as it was', () => {
  const rounds = fc.array(fc.uniqueArray(reading, { selector: ({ number }) => number, maxLength: 5 }), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(rounds, (all) => {
      let view = aView({ outline: OUTLINE });
      const known = new Map<number, Task>();
      for (const round of all) {
        const list: Task[] = [];
        for (const read of round) {
          if (read.what === 'is gone') known.delete(read.number);
          else {
            const task = taskAfter(known.get(read.number), read);
            known.set(read.number, task);
            list.push(task);
          }
        }
        list.sort((a, b) => a.order - b.order);
        const before = structuredClone(comparable(view));
        const ids = new Set(round.map(({ number }) => `t${number}`));
        const next = evolve(view, [], { tasks: { ids, list } }).view;
        assert.deepEqual(comparable(view), before);
        const tasks = TaskTable.of([...known.values()].sort((a, b) => a.order - b.order));
        assert.deepEqual(comparable(next), comparable(viewOf({ ...next.records, tasks }, 'live')));
        view = next;
      }
    }),
    { numRuns: 300 },
  );
});

test('S3-48 no view keeps an older one in memory', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const tasks = ['a', 'b', 'c'].map((id, order) => aTask(id, { order, pendingNeeds: 1 }));
  let view = aView({ tasks, outline: OUTLINE });
  const old: WeakRef<object>[] = [];
  for (const state of ['done', 'pending', 'done', 'pending', 'failed'] as const) {
    old.push(new WeakRef(view));
    const list = [aTask('b', { order: 1, state })];
    view = evolve(view, [], { tasks: { ids: new Set(['b']), list } }).view;
    view.graph();
  }
  // What was made in this turn is held until its end.
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  assert.deepEqual(
    old.map((ref) => ref.deref()),
    old.map(() => undefined),
  );
  assert.equal(view.tasks.size, 3);
});
