import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import type { GateId, NodeId, TaskId } from '../../src/core/ids.ts';
import type { Plan, Roadmap, TaskDefinition } from '../../src/core/roadmap/model.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';

function planOf(text: string): Plan {
  const read = readRoadmap('roadmap.yaml', Buffer.from(text));
  assert.ok(read.kind === 'valid', JSON.stringify(read));
  return buildPlan(read.roadmap);
}

const needs = (plan: Plan) => Object.fromEntries(plan.tasks.map((task) => [task.definition.id, task.needs]));
const gates = (plan: Plan) => Object.fromEntries(plan.gates.map((gate) => [gate.id, gate.members]));

test('a task waits for the tasks it names, each once', () => {
  const plan = planOf(
    'tasks: [{id: a, title: A}, {id: b, title: B, depends_on: [a, a], dependencies: [a]}]\n',
  );
  assert.deepEqual(needs(plan), { a: [], b: ['a'] });
  assert.deepEqual(plan.gates, []);
});

test('a dependency on a phase, plan or initiative becomes one gate with all tasks in it', () => {
  const plan = planOf(`
initiatives:
  - id: i
    phases:
      - id: p
        plans: [{ id: q, tasks: [{ id: a, title: A }] }]
        tasks: [{ id: b, title: B }]
tasks:
  - { id: x, title: X, depends_on: [p] }
  - { id: y, title: Y, depends_on: [p, i, q] }
`);
  assert.deepEqual(needs(plan), { a: [], b: [], x: ['gate:p'], y: ['gate:p', 'gate:i', 'gate:q'] });
  assert.deepEqual(gates(plan), { 'gate:p': ['a', 'b'], 'gate:i': ['a', 'b'], 'gate:q': ['a'] });
});

test('what a container waits for, each task in it waits for', () => {
  const plan = planOf(`
tasks: [{ id: x, title: X }, { id: y, title: Y }, { id: z, title: Z }]
initiatives:
  - id: i
    blocked_by: [x]
    phases:
      - id: p
        depends_on: [y]
        plans: [{ id: q, depends_on: [z], tasks: [{ id: a, title: A }] }]
        tasks: [{ id: b, title: B }]
`);
  assert.deepEqual(needs(plan)['a'], ['z', 'y', 'x']);
  assert.deepEqual(needs(plan)['b'], ['y', 'x']);
});

test('S2-19 a wave waits for all earlier waves beside it, a plan without a wave for none', () => {
  const plan = planOf(`
phases:
  - id: p
    plans:
      - { id: w3, wave: 3, tasks: [{ id: d, title: D }] }
      - { id: w1, wave: 1, tasks: [{ id: a, title: A }] }
      - { id: w2a, wave: 2, tasks: [{ id: b, title: B }] }
      - { id: w2b, wave: 2, tasks: [{ id: c, title: C }] }
      - { id: free, tasks: [{ id: e, title: E }] }
`);
  assert.deepEqual(needs(plan), { a: [], b: ['gate:p#2'], c: ['gate:p#2'], d: ['gate:p#3'], e: [] });
  assert.deepEqual(gates(plan), { 'gate:p#3': ['a', 'b', 'c'], 'gate:p#2': ['a'] });
});

test('S2-19 waves count within their phase, and outside of phases within the roadmap', () => {
  const plan = planOf(`
plans:
  - { id: w1, wave: 1, tasks: [{ id: a, title: A }] }
  - { id: w2, wave: 2, tasks: [{ id: b, title: B }] }
phases:
  - { id: p, plans: [{ id: v2, wave: 2, tasks: [{ id: c, title: C }] }] }
`);
  assert.deepEqual(needs(plan), { c: [], a: [], b: ['gate:#2'] });
});

test('a container without tasks holds nobody up', () => {
  const plan = planOf('phases: [{ id: empty }]\ntasks: [{ id: a, title: A, depends_on: [empty] }]\n');
  assert.deepEqual(needs(plan), { a: [] });
  assert.deepEqual(plan.gates, []);
});

test('S3-64 order follows the roadmap, with phases by their numbers', () => {
  const plan = planOf(`
tasks: [{ id: z, title: Z }]
phases:
  - { id: 2, tasks: [{ id: c, title: C }] }
  - { id: 1.1, tasks: [{ id: b, title: B }] }
  - { id: 1, tasks: [{ id: a, title: A }] }
`);
  assert.deepEqual(
    plan.tasks.map((task) => [task.definition.id, task.order]),
    [
      ['a', 0],
      ['b', 1],
      ['c', 2],
      ['z', 3],
    ],
  );
});

test('the chain counts the tasks on the longest way to an end, through gates too', () => {
  const plan = planOf(`
phases: [{ id: p, tasks: [{ id: a, title: A }, { id: b, title: B, depends_on: [a] }] }]
tasks:
  - { id: c, title: C, depends_on: [p] }
  - { id: d, title: D, depends_on: [c] }
  - { id: e, title: E }
`);
  const chains = Object.fromEntries(plan.tasks.map((task) => [task.definition.id, task.chain]));
  assert.deepEqual(chains, { a: 4, b: 3, c: 2, d: 1, e: 1 });
});

test('the chain counts tasks, not the gates between them', () => {
  const plan = planOf(`
phases:
  - { id: p, tasks: [{ id: x, title: X }] }
  - { id: q, depends_on: [p], tasks: [{ id: y, title: Y }] }
  - { id: r, depends_on: [q], tasks: [{ id: z, title: Z }] }
tasks:
  - { id: a, title: A, depends_on: [x] }
  - { id: b, title: B, depends_on: [a] }
  - { id: c, title: C, depends_on: [b] }
`);
  assert.equal(plan.tasks[0]?.chain, 4);
});

const definition = (id: string, dependsOn: string[]): TaskDefinition => ({
  id: id as TaskId,
  title: id,
  prompt: id,
  path: {},
  dependsOn,
  files: [],
  priority: 50,
  exitCriteria: [],
  onFailure: 'hard',
});

test('S3-21 a plan with a cycle cannot be built, and the cycle is named', () => {
  const tasks = [definition('a', ['b']), definition('b', ['c']), definition('c', ['a'])];
  assert.throws(() => buildPlan({ initiatives: [], phases: [], plans: [], tasks }), {
    code: 'PLAN_CYCLE',
    message: /a → b → c → a/,
  });
});

test('a plan of ten thousand tasks behind gates stays linear', () => {
  const count = 5_000;
  const tasks = (prefix: string) => Array.from({ length: count }, (_, i) => definition(`${prefix}${i}`, []));
  const phase = (id: string, dependsOn: string[], prefix: string) => ({
    id,
    title: id,
    inserted: false,
    requirements: [],
    dependsOn,
    plans: [],
    tasks: tasks(prefix).map((task) => ({ ...task, path: { phase: id } })),
  });
  const roadmap: Roadmap = {
    initiatives: [],
    phases: [phase('1', [], 'a'), phase('2', ['1'], 'b')],
    plans: [],
    tasks: [],
  };
  const plan = buildPlan(roadmap);
  const edges =
    plan.tasks.reduce((sum, task) => sum + task.needs.length, 0) +
    plan.gates.reduce((sum, gate) => sum + gate.members.length, 0);
  assert.equal(edges, 2 * count);
});

test('dependencies that multiply beyond any use are refused', () => {
  const many = Array.from({ length: 3_000 }, (_, i) => definition(`a${i}`, []));
  const waiting = Array.from({ length: 3_000 }, (_, i) => ({
    ...definition(`b${i}`, []),
    path: { phase: 'p' },
  }));
  const phase = {
    id: 'p',
    title: 'p',
    inserted: false,
    requirements: [],
    dependsOn: many.map((task) => task.id),
    plans: [],
    tasks: waiting,
  };
  assert.throws(() => buildPlan({ initiatives: [], phases: [phase], plans: [], tasks: many }), {
    code: 'PLAN_TOO_LARGE',
  });
});

test('in any plan the chain of a task is longer than that of all that wait for it', () => {
  const graphs = fc.array(fc.array(fc.nat(30), { maxLength: 4 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(graphs, (edges) => {
      const tasks = edges.map((to, i) =>
        definition(
          `t${i}`,
          to.filter((j) => j < i).map((j) => `t${j}`),
        ),
      );
      const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks });
      const chain = new Map<NodeId | GateId, number>(
        plan.tasks.map((task) => [task.definition.id, task.chain]),
      );
      for (const task of plan.tasks) {
        const behind = plan.tasks.filter((other) => other.needs.includes(task.definition.id));
        assert.equal(
          task.chain,
          1 + Math.max(0, ...behind.map((other) => chain.get(other.definition.id) ?? 0)),
        );
      }
    }),
  );
});
