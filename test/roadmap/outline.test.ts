import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { outline } from '../../src/core/roadmap/outline.ts';
import type { TaskState } from '../../src/core/tasks/states.ts';

function roadmapOf(text: string) {
  const read = readRoadmap('roadmap.yaml', Buffer.from(text));
  assert.ok(read.kind === 'valid', JSON.stringify(read));
  return read.roadmap;
}

const SHOP = roadmapOf(`
initiatives:
  - id: shop
    title: Shop
    goal: Sell
    phases:
      - id: 2
        title: Pay
        depends_on: [1]
        goal: Money comes in
        requirements: [PCI]
        research: [providers]
        plans:
          - { id: late, wave: 2, tasks: [{ id: e, title: E }] }
          - { id: early, wave: 1, tasks: [{ id: c, title: C }, { id: d, title: D }] }
      - id: 1
        tasks: [{ id: a, title: A }]
      - id: 1.1
        tasks: [{ id: b, title: B }]
`);

const states = (some: Record<string, TaskState>) => new Map(Object.entries(some));

test('S2-17 S2-18 the outline shows initiative, phases in numeric order with insertions, plans by wave, tasks', () => {
  const [shop] = outline(SHOP, states({}));
  assert.deepEqual(
    shop?.children.map((phase) => [phase.id, phase.inserted]),
    [
      ['1', false],
      ['1.1', true],
      ['2', false],
    ],
  );
  assert.deepEqual(
    shop?.children[2]?.children.map((plan) => [plan.id, plan.wave]),
    [
      ['early', 1],
      ['late', 2],
    ],
  );
  assert.deepEqual(shop?.children[0]?.children[0], {
    kind: 'task',
    id: 'a',
    title: 'A',
    dependsOn: [],
    state: 'pending',
    children: [],
  });
});

test('S2-20 a phase shows its goal, dependencies, requirements, research topics and how many plans are done', () => {
  const [shop] = outline(SHOP, states({ c: 'done', d: 'skipped', e: 'running', a: 'done' }));
  const phase = shop?.children[2];
  assert.equal(phase?.goal, 'Money comes in');
  assert.deepEqual(phase?.dependsOn, ['1']);
  assert.deepEqual(phase?.requirements, ['PCI']);
  assert.deepEqual(phase?.research, { needed: true, topics: ['providers'] });
  assert.deepEqual(phase?.plans, { done: 1, total: 2 });
  assert.deepEqual(phase?.tasks, { done: 2, total: 3 });
  assert.deepEqual(shop?.tasks, { done: 3, total: 5 });
  assert.deepEqual(shop?.plans, { done: 1, total: 2 });
});

test('tasks that were cancelled or left the roadmap count for nothing, and an empty plan is not done', () => {
  const roadmap = roadmapOf('plans: [{ id: p, tasks: [{ id: a, title: A }] }, { id: q }]\n');
  const [p, q] = outline(roadmap, states({ a: 'cancelled' }));
  assert.deepEqual(p?.tasks, { done: 0, total: 0 });
  assert.deepEqual(q?.tasks, { done: 0, total: 0 });
});

test('a plan without tasks is never done', () => {
  const [phase] = outline(
    roadmapOf('phases: [{ id: p, plans: [{ id: q }], tasks: [{ id: a, title: A }] }]\n'),
    states({}),
  );
  assert.deepEqual(phase?.plans, { done: 0, total: 1 });
});
