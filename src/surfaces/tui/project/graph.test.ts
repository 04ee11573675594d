import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTask } from '../../../../test/support/cli-records.ts';
import type { NodeId } from '../../../core/ids.ts';
import type { TaskState } from '../../../core/tasks/states.ts';
import { dependenciesAmong } from './dependencies.ts';
import { graphOf, tasksOn } from './graph.ts';
import { TaskTable } from './task-table.ts';

/** `id: [state, needs]`; who needs nothing that is open is ready. The chains with the ids of their tasks. */
function chainsOf(
  spec: Readonly<Record<string, readonly [TaskState, (readonly string[])?]>>,
  gates: Readonly<Record<string, readonly string[]>> = {},
): readonly { progress: string; length: number; tasks: readonly string[] }[] {
  const tasks = TaskTable.of(
    Object.entries(spec).map(([id, [state, needs = []]], order) =>
      aTask(id, {
        state,
        order,
        needs: needs as NodeId[],
        pendingNeeds: needs.filter((need) => spec[need]?.[0] !== 'done').length,
      }),
    ),
  );
  const graph = graphOf(dependenciesAmong(tasks, new Map(Object.entries(gates))), tasks);
  return graph.chains.map((chain) => ({
    progress: chain.progress,
    length: chain.length,
    tasks: tasksOn(graph, chain, 10).map((place) => tasks.at(place)?.id ?? ''),
  }));
}

test('S3-45 what a gate holds up goes on behind all that is in it', () => {
  const chains = chainsOf(
    { a: ['done'], b: ['running', ['a']], c: ['pending', ['gate:all']], d: ['pending'] },
    { 'gate:all': ['a', 'b'] },
  );
  assert.deepEqual(chains, [
    { progress: 'running', length: 2, tasks: ['b', 'c'] },
    { progress: 'ready', length: 1, tasks: ['d'] },
  ]);
});

test('S3-45 the critical path is the longest chain of what is still to be done', () => {
  const chains = chainsOf({
    a: ['done'],
    b: ['running', ['a']],
    c: ['pending', ['b']],
    d: ['pending', ['c']],
    e: ['pending'],
    f: ['pending', ['e', 'a']],
  });
  assert.deepEqual(chains, [
    { progress: 'running', length: 3, tasks: ['b', 'c', 'd'] },
    { progress: 'ready', length: 2, tasks: ['e', 'f'] },
  ]);
});

test('S3-45 a chain that a failure holds up is told from one that can go on', () => {
  const chains = chainsOf({
    a: ['failed'],
    b: ['blocked', ['a']],
    c: ['waiting_input'],
    d: ['cancelled'],
    e: ['blocked', ['d']],
  });
  assert.deepEqual(chains, [
    { progress: 'blocked', length: 2, tasks: ['a', 'b'] },
    { progress: 'waiting', length: 1, tasks: ['c'] },
    { progress: 'blocked', length: 1, tasks: ['e'] },
  ]);
});

test('needs that are gone hold nobody up, and a circle does not end the drawing', () => {
  const chains = chainsOf({
    a: ['pending', ['gone']],
    b: ['pending', ['c']],
    c: ['pending', ['b']],
  });
  assert.deepEqual(
    chains.map(({ tasks }) => tasks[0]),
    ['a'],
  );
});
