import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';

function problemsOf(text: string): string[] {
  const read = readRoadmap('roadmap.yaml', Buffer.from(text));
  if (read.kind === 'valid') return [];
  return read.problems.map(({ line, col, code, message }) => `${line}:${col} ${code} ${message}`);
}

test('S0-51 an item says what it was called before, as one id or as a list', () => {
  const read = readRoadmap(
    'roadmap.yaml',
    Buffer.from(`
phases:
  - id: build
    was: make
    tasks:
      - { id: b, was: a, title: B }
      - { id: c, was: [x, y], title: C }
      - { id: d, title: D, depends_on: [b] }
`),
  );
  assert.ok(read.kind === 'valid');
  const plan = buildPlan(read.roadmap);
  assert.deepEqual(
    plan.tasks.map(({ was }) => was),
    [['a'], ['x', 'y'], undefined],
  );
  assert.ok(
    plan.tasks.every(({ definition }) => !('was' in definition)),
    'it is no part of the definition',
  );
  assert.deepEqual([...(plan.renamedContainers ?? [])], [['make', 'build']]);
});

test('S0-56 an old id that is still there, or became two items, is named with both places', () => {
  assert.deepEqual(problemsOf(`tasks:\n  - { id: a, title: A }\n  - id: b\n    was: a\n    title: B\n`), [
    '4:10 bad-rename "b" was "a", but there still is a task "a" at roadmap.yaml:2:11.',
  ]);
  assert.deepEqual(
    problemsOf(`tasks:\n  - id: b\n    was: a\n    title: B\n  - id: c\n    was: a\n    title: C\n`),
    ['6:10 bad-rename "a" cannot have become two items: "b" at roadmap.yaml:3:10 says the same.'],
  );
});

test('two items may take each other’s ids, and a chain of items each the next one’s', () => {
  assert.deepEqual(problemsOf('tasks: [{ id: a, was: b, title: A }, { id: b, was: a, title: B }]'), []);
  assert.deepEqual(problemsOf('tasks: [{ id: b, was: a, title: B }, { id: c, was: b, title: C }]'), []);
});

test('a dependency on an id of before is an error that names the id of now', () => {
  const read = readRoadmap(
    'roadmap.yaml',
    Buffer.from('tasks: [{ id: b, was: a, title: B }, { id: c, title: C, depends_on: a }]'),
  );
  assert.ok(read.kind === 'invalid');
  assert.equal(read.problems[0]?.code, 'unknown-dependency');
  assert.equal(read.problems[0]?.advice, 'It is called "b" now: write that.');
});
