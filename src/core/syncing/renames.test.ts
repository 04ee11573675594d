import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GateId, taskId } from '../ids.ts';
import type { Plan, TaskDefinition } from '../roadmap/model.ts';
import type { TaskState } from '../tasks/states.ts';
import { resolveRenames, withOldIds } from './renames.ts';

function plan(...tasks: [id: string, was?: string | readonly string[], needs?: readonly string[]][]): Plan {
  return {
    tasks: tasks.map(([id, was = [], needs = []], order) => ({
      definition: { id: taskId.parse(id) } as TaskDefinition,
      order,
      needs: needs.map((need) => taskId.parse(need)),
      chain: 1,
      was: typeof was === 'string' ? [was] : was,
    })),
    gates: [{ id: 'gate:all' as GateId, members: tasks.map(([id]) => taskId.parse(id)) }],
  };
}

function resolved(
  wanted: Plan,
  stored: Record<string, TaskState | { state: TaskState; was: readonly string[] }>,
): { applied: string[]; deferred: string[] } {
  const rows = new Map(
    Object.entries(stored).map(([id, row]) => [id, typeof row === 'string' ? { state: row, was: [] } : row]),
  );
  const { applied, deferred } = resolveRenames(wanted, rows);
  const text = ({ from, to }: { from: string; to: string }) => `${from}→${to}`;
  return { applied: applied.map(text), deferred: deferred.map(text) };
}

test('S0-54 a task goes on under its new id, and one that is at work when its attempt is over', () => {
  assert.deepEqual(resolved(plan(['b', 'a']), { a: 'done' }), { applied: ['a→b'], deferred: [] });
  assert.deepEqual(resolved(plan(['b', 'a']), { a: 'running' }), { applied: [], deferred: ['a→b'] });
  assert.deepEqual(resolved(plan(['c', ['a', 'b']]), { b: 'pending' }), { applied: ['b→c'], deferred: [] });
});

test('chains and circles of ids are followed all at once', () => {
  const stored = { a: 'pending', b: 'done' } as const;
  assert.deepEqual(resolved(plan(['b', 'a'], ['c', 'b']), stored).applied, ['a→b', 'b→c']);
  assert.deepEqual(resolved(plan(['b', 'a'], ['a', 'b']), stored).applied, ['a→b', 'b→a']);
});

test('a rename into the place of a task at work waits with it', () => {
  const stored = { a: 'pending', b: 'merging' } as const;
  assert.deepEqual(resolved(plan(['b', 'a'], ['c', 'b']), stored), { applied: [], deferred: ['a→b', 'b→c'] });
  assert.deepEqual(resolved(plan(['b', 'a'], ['a', 'b']), stored).applied, []);
});

test('what was followed once has no effect when it is left in the file', () => {
  const followed = { a: { state: 'pending', was: ['b'] }, b: { state: 'done', was: ['a'] } } as const;
  assert.deepEqual(resolved(plan(['a', 'b'], ['b', 'a']), followed).applied, []);
  assert.deepEqual(resolved(plan(['b', 'a']), { b: { state: 'done', was: ['a'] } }).applied, []);
});

test('an id that is in use by another task is not taken from it, an archived one is', () => {
  assert.deepEqual(resolved(plan(['b', 'a']), { a: 'pending', b: 'pending' }).applied, []);
  assert.deepEqual(resolved(plan(['b', 'a']), { a: 'pending', b: 'archived' }).applied, ['a→b', 'b→a']);
  assert.deepEqual(resolved(plan(['b', 'a'], ['c', 'b']), { a: 'done', b: 'done', c: 'archived' }).applied, [
    'a→b',
    'b→c',
    'c→a',
  ]);
});

test('until a rename is made, the plan has the old ids everywhere', () => {
  const later = plan(['b', 'a'], ['d', [], ['b']]);
  const now = withOldIds(later, [{ from: taskId.parse('a'), to: taskId.parse('b') }]);
  assert.deepEqual(
    now.tasks.map(({ definition, needs, was }) => [definition.id, needs, was]),
    [
      ['a', [], undefined],
      ['d', ['a'], []],
    ],
  );
  assert.deepEqual(now.gates[0]?.members, ['a', 'd']);
});
