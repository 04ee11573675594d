import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskState } from '../../../core/tasks/states.ts';
import { type GraphTask, graphOf, shapeOf } from './graph.ts';

/** `id: [state, needs]`; who needs nothing that is open is ready. */
function tasksOf(spec: Readonly<Record<string, readonly [TaskState, (readonly string[])?]>>): GraphTask[] {
  return Object.entries(spec).map(([id, [state, needs = []]]) => ({
    id,
    state,
    needs,
    pendingNeeds: needs.filter((need) => spec[need]?.[0] !== 'done').length,
  }));
}

function graph(spec: Parameters<typeof tasksOf>[0], gates: Readonly<Record<string, readonly string[]>> = {}) {
  const tasks = tasksOf(spec);
  return graphOf(shapeOf(tasks, new Map(Object.entries(gates))), tasks);
}

test('S3-45 tasks lie in layers behind what they wait for, also through gates', () => {
  const { layers } = graph(
    { a: ['done'], b: ['running', ['a']], c: ['pending', ['gate:all']], d: ['pending'] },
    { 'gate:all': ['a', 'b'] },
  );
  assert.deepEqual(layers, [['a', 'd'], ['b'], ['c']]);
});

test('S3-45 the critical path is the longest chain of what is still to be done', () => {
  const { critical, chains } = graph({
    a: ['done'],
    b: ['running', ['a']],
    c: ['pending', ['b']],
    d: ['pending', ['c']],
    e: ['pending'],
    f: ['pending', ['e', 'a']],
  });
  assert.deepEqual(critical, ['b', 'c', 'd']);
  assert.deepEqual(chains, [
    { progress: 'running', tasks: ['b', 'c', 'd'] },
    { progress: 'ready', tasks: ['e', 'f'] },
  ]);
});

test('S3-45 a chain that a failure holds up is told from one that can go on', () => {
  const { chains } = graph({
    a: ['failed'],
    b: ['blocked', ['a']],
    c: ['waiting_input'],
    d: ['cancelled'],
    e: ['blocked', ['d']],
  });
  assert.deepEqual(chains, [
    { progress: 'blocked', tasks: ['a', 'b'] },
    { progress: 'waiting', tasks: ['c'] },
    { progress: 'blocked', tasks: ['e'] },
  ]);
});

test('needs that are gone hold nobody up, and tasks in a circle are still listed', () => {
  const { layers, critical } = graph({
    a: ['pending', ['gone']],
    b: ['pending', ['c']],
    c: ['pending', ['b']],
  });
  assert.deepEqual(layers.flat().toSorted(), ['a', 'b', 'c']);
  assert.deepEqual(critical, ['a']);
});
