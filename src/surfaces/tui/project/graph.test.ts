import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aTask } from '../../../../test/support/cli-records.ts';
import type { NodeId } from '../../../core/ids.ts';
import type { TaskState } from '../../../core/tasks/states.ts';
import { dependenciesAmong } from './dependencies.ts';
import { alsoNeeds, graphOf } from './graph.ts';
import { TaskTable } from './task-table.ts';

type Spec = Readonly<Record<string, readonly [TaskState, (readonly string[])?]>>;

function grown(spec: Spec, gates: Readonly<Record<string, readonly string[]>> = {}) {
  const tasks = TaskTable.of(
    Object.entries(spec).map(([id, [state, needs = []]], order) =>
      aTask(id, { state, order, needs: needs as NodeId[] }),
    ),
  );
  const dependencies = dependenciesAmong(tasks, new Map(Object.entries(gates)));
  return { tasks, dependencies, graph: graphOf(dependencies, tasks) };
}

type Grown = ReturnType<typeof grown>;

const idOf = ({ tasks }: Grown, node: number): string => tasks.at(node)?.id ?? `gate ${node - tasks.size}`;

/** `a(b c(d))`: what stands below what, in order. */
function drawn(all: Grown): string {
  const below = (parent: number): string => {
    const own = [...all.graph.order].filter((node) => all.graph.parent[node] === parent);
    return own
      .map((node) => {
        const inner = below(node);
        return inner === '' ? idOf(all, node) : `${idOf(all, node)}(${inner})`;
      })
      .join(' ');
  };
  return below(-1);
}

const critical = ({ tasks, graph }: Grown): readonly string[] =>
  tasks.list().flatMap(({ id }, node) => (graph.isCritical[node] === 1 ? [id] : []));

const also = (all: Grown, node: number): readonly string[] =>
  alsoNeeds(all.dependencies, all.graph, all.tasks, node).map((need) => idOf(all, need));

test('S3-45 a task stands below the one of its needs that lies behind the most others, the longest way first', () => {
  const all = grown({
    over: ['done'],
    a: ['running', ['over']],
    b: ['pending'],
    c: ['pending', ['a']],
    d: ['pending', ['b', 'c']],
    e: ['pending', ['b']],
  });
  assert.equal(drawn(all), 'a(c(d)) b(e)');
  assert.deepEqual(critical(all), ['a', 'c', 'd']);
  assert.equal(all.graph.left[1], 3);
  assert.equal(all.graph.below[1], 2);
  assert.deepEqual(also(all, 4), ['b']);
});

test('S3-45 who waits for a gate stands below its last task, and the gate is named only for the others in it', () => {
  const spec: Spec = {
    a: ['pending'],
    b: ['pending', ['a']],
    c: ['pending'],
    d: ['pending', ['gate:all']],
  };
  const all = grown(spec, { 'gate:all': ['a', 'b', 'c'] });
  assert.equal(drawn(all), 'a(b(d)) c');
  assert.deepEqual(also(all, 3), ['gate 0']);
  const one = grown(spec, { 'gate:all': ['c'] });
  assert.equal(drawn(one), 'a(b) c(d)');
  assert.deepEqual(also(one, 3), []);
});

test('S3-45 what a cancelled task holds up stands for itself, and so does who is at work already', () => {
  const all = grown({
    a: ['cancelled'],
    b: ['blocked', ['a']],
    c: ['failed'],
    d: ['blocked', ['c']],
    e: ['running', ['c']],
  });
  assert.equal(drawn(all), 'c(d) b e');
});

test('tasks in a circle are listed too', () => {
  assert.equal(drawn(grown({ a: ['pending', ['b']], b: ['pending', ['a']] })), 'a(b)');
});

test('S3-45 each open task is there once, below one that it needs, and the critical path is a longest one', () => {
  const states = fc.constantFrom<TaskState>('pending', 'pending', 'done', 'running', 'failed', 'cancelled');
  const task = fc.record({ state: states, needs: fc.array(fc.nat(30), { maxLength: 4 }) });
  fc.assert(
    fc.property(fc.array(task, { maxLength: 30 }), (list) => {
      // Each needs only earlier ones.
      const spec: Spec = Object.fromEntries(
        list.map(({ state, needs }, at) => [
          `t${at}`,
          [state, at === 0 ? [] : [...new Set(needs.map((need) => `t${need % at}`))]],
        ]),
      );
      const all = grown(spec);
      const { graph, tasks } = all;
      const isOpen = (id: string): boolean => !['done', 'cancelled'].includes(spec[id]?.[0] ?? 'done');
      assert.deepEqual(
        [...graph.order].map((node) => idOf(all, node)).toSorted(),
        Object.keys(spec).filter(isOpen).toSorted(),
      );
      const longest = new Map<string, number>();
      for (const { id, needs } of tasks.list().toReversed()) {
        const own = isOpen(id) ? (longest.get(id) ?? 0) + 1 : 0;
        longest.set(id, own);
        for (const need of needs) longest.set(need, Math.max(longest.get(need) ?? 0, own));
      }
      for (const [rank, node] of graph.order.entries()) {
        assert.equal(graph.rank[node], rank);
        assert.equal(graph.left[node], longest.get(idOf(all, node)));
        const above = graph.parent[node] ?? -1;
        if (above !== -1) assert.ok(tasks.at(node)?.needs.some((need) => need === idOf(all, above)));
      }
      const roots = [...graph.order].filter((node) => graph.parent[node] === -1);
      assert.equal(critical(all).length, Math.max(0, ...roots.map((node) => graph.left[node] ?? 0)));
    }),
  );
});
