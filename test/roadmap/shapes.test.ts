import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { tasksInOrder } from '../../src/core/roadmap/graph.ts';
import type { Roadmap, TaskDefinition } from '../../src/core/roadmap/model.ts';

function roadmapOf(text: string): Roadmap {
  const read = readRoadmap('roadmap.yaml', Buffer.from(text));
  assert.ok(read.kind === 'valid', JSON.stringify(read));
  return read.roadmap;
}

function taskOf(lines: string, more = ''): TaskDefinition {
  const [task] = tasksInOrder(roadmapOf(`${more}tasks:\n  - id: a\n${lines.replace(/^(?=.)/gm, '    ')}\n`));
  assert.ok(task !== undefined);
  return task;
}

test('a roadmap with every level and every field of a task', () => {
  const roadmap = roadmapOf(`
version: 1
project: shop
defaults: { agent: coder, workflow: standard }
initiatives:
  - id: checkout
    title: Checkout
    phases:
      - id: "1"
        title: API
        plans:
          - id: cart
            wave: 1
            tasks:
              - id: cart-model
                title: Cart model
                prompt: |
                  Create src/cart.ts …
                depends_on: [schema]
                files: [src/cart.ts]
                agent: designer
                workflow: quick
                priority: high
                verify: npm test
                exit_criteria: [It works]
                on_failure: soft
                timeout: 30m
                max_attempts: 5
                budget: { usd: 2, turns: 40 }
tasks:
  - { id: schema, title: Schema }
`);
  assert.equal(roadmap.project, 'shop');
  const [task] = tasksInOrder(roadmap);
  assert.deepEqual(task, {
    id: 'cart-model',
    title: 'Cart model',
    prompt: 'Create src/cart.ts …',
    path: { initiative: 'checkout', phase: '1', plan: 'cart' },
    dependsOn: ['schema'],
    files: ['src/cart.ts'],
    agent: 'designer',
    workflow: 'quick',
    priority: 75,
    verify: 'npm test',
    exitCriteria: ['It works'],
    onFailure: 'soft',
    timeoutMs: 1_800_000,
    maxAttempts: 5,
    budget: { usd: 2, turns: 40 },
  });
});

test('S0-51 S0-13 the older shape of epics, milestones and tasks is read', () => {
  const roadmap = roadmapOf(`
epics:
  - id: E1
    title: Search
    description: Find things
    status: active
    domain: search
    kpi: { target: 5 }
    milestones:
      - id: M1
        title: Index
        status: planned
        priority: critical
        tasks:
          - id: T1
            title: Build the index
            status: in_progress
            owner: anna
            description: Over all products.
            estimate_hours: 4
            dependencies: [T0]
            exit_criteria:
              - Fast
              - critic: Is it right?
              - doc: README
              - artifact: index.bin
              - { note: later }
            domain: indexing
            cluster: c1
            notes: Mind the umlauts.
            set_id: s1
          - id: T0
            title: Crawl
            status: done
  - id: E2
    title: Pay
    status: draft
    blocked_by: [E1]
    milestones:
      - { id: M2, title: Cards, tasks: [{ id: T2, title: Cards, status: blocked, priority: low }] }
`);
  const [t1, t0, t2] = tasksInOrder(roadmap);
  assert.deepEqual(t1, {
    id: 'T1',
    title: 'Build the index',
    prompt: 'Build the index\n\nOver all products.\n\nMind the umlauts.',
    path: { initiative: 'E1', phase: 'M1' },
    dependsOn: ['T0'],
    files: [],
    priority: 100,
    exitCriteria: ['Fast', 'critic: Is it right?', 'doc: README', 'artifact: index.bin', 'note: later'],
    onFailure: 'hard',
    initialState: 'pending',
    domain: 'indexing',
  });
  assert.deepEqual([t0?.initialState, t0?.domain], ['done', 'search']);
  assert.deepEqual([t2?.initialState, t2?.priority], ['pending', 25]);
  assert.deepEqual(roadmap.initiatives[1]?.dependsOn, ['E1']);
});

const STATES: readonly [word: string, state: string | undefined][] = [
  ['done', 'done'],
  ['Complete', 'done'],
  ['completed', 'done'],
  ['cancelled', 'cancelled'],
  ['canceled', 'cancelled'],
  ['pending', 'pending'],
  ['in_progress', 'pending'],
  ['blocked', 'pending'],
  ['needs_review', 'pending'],
  ['constructor', 'pending'],
];

for (const [word, state] of STATES) {
  test(`the status ${word} means ${state}`, () => {
    assert.equal(taskOf(`title: A\nstatus: ${word}`).initialState, state);
  });
}

test('a finished epic hands its end down, unless a task says otherwise', () => {
  const roadmap = roadmapOf(`
epics:
  - id: e
    status: complete
    milestones: [{ id: m, tasks: [{ id: a, title: A }, { id: b, title: B, status: pending }] }]
  - { id: f, status: active, tasks: [{ id: c, title: C }] }
`);
  assert.deepEqual(
    tasksInOrder(roadmap).map((task) => task.initialState),
    ['done', 'pending', undefined],
  );
});

test('tasks stand at any level', () => {
  const roadmap = roadmapOf(`
initiatives: [{ id: i, tasks: [{ id: a, title: A }], plans: [{ id: ip, tasks: [{ id: b, title: B }] }] }]
phases: [{ id: p, tasks: [{ id: c, title: C }] }]
plans: [{ id: q, tasks: [{ id: d, title: D }] }]
tasks: [{ id: e, title: E }]
`);
  const paths = Object.fromEntries(tasksInOrder(roadmap).map((task) => [task.id, task.path]));
  assert.deepEqual(paths, {
    b: { initiative: 'i', plan: 'ip' },
    a: { initiative: 'i' },
    c: { phase: 'p' },
    d: { plan: 'q' },
    e: {},
  });
});

const PROMPTS: readonly [lines: string, title: string, prompt: string][] = [
  ['title: Fix\nprompt: Do it', 'Fix', 'Do it'],
  ['title: Fix', 'Fix', 'Fix'],
  ['title: Fix\ndescription: All of it', 'Fix', 'Fix\n\nAll of it'],
  ['title: Fix\nprompt: ""\nnotes: Now', 'Fix', 'Fix\n\nNow'],
  ['prompt: Do it', 'a', 'Do it'],
  ['description: Do it', 'a', 'Do it'],
  ['title: |\n  Two\n  lines\n', 'Two lines', 'Two lines'],
  ['title: 1.10\nprompt: yes', '1.10', 'yes'],
  ['title: true\nprompt: 0x1f', 'true', '0x1f'],
  ['title: 2026-01-01\nprompt: no', '2026-01-01', 'no'],
];

for (const [lines, title, prompt] of PROMPTS) {
  test(`the words of a task with ${JSON.stringify(lines)}`, () => {
    const task = taskOf(lines);
    assert.deepEqual({ title: task.title, prompt: task.prompt }, { title, prompt });
  });
}

test('defaults hold for every task that does not say otherwise', () => {
  const defaults =
    'defaults: { agent: x, priority: low, verify: make, on_failure: skip, timeout: 5m, budget: { usd: 1 }, max_attempts: 2 }\n';
  const { agent, priority, verify, onFailure, timeoutMs, budget, maxAttempts } = taskOf('title: A', defaults);
  assert.deepEqual(
    [agent, priority, verify, onFailure, timeoutMs, budget, maxAttempts],
    ['x', 25, 'make', 'skip', 300_000, { usd: 1 }, 2],
  );
  const own = taskOf('title: A\nagent: y\npriority: 80\nverify: "true"', defaults);
  assert.deepEqual([own.agent, own.priority, own.verify, own.onFailure], ['y', 80, 'true', 'skip']);
  const approve = 'defaults: { approve: true }\n';
  assert.equal(taskOf('title: A', approve).approve, true);
  assert.equal(taskOf('title: A\napprove: false', approve).approve, undefined);
});

test('the priority of a container is that of its tasks, the nearest first', () => {
  const roadmap = roadmapOf(`
defaults: { priority: low }
initiatives:
  - id: i
    priority: high
    tasks: [{ id: a, title: A }]
    phases: [{ id: p, priority: critical, tasks: [{ id: b, title: B }, { id: c, title: C, priority: 1 }] }]
`);
  assert.deepEqual(
    tasksInOrder(roadmap).map((task) => task.priority),
    [100, 1, 75],
  );
});

const ONE_OR_MANY: readonly [lines: string, read: Partial<TaskDefinition>][] = [
  ['files: src', { files: ['src'] }],
  ['files: [ "src/**" , a.ts]', { files: ['src/**', 'a.ts'] }],
  ['files:', { files: [] }],
  ['exit_criteria: One', { exitCriteria: ['One'] }],
  ['exit_criteria: { critic: x, note: y }', { exitCriteria: ['critic: x', 'note: y'] }],
  ['verify: true', { verify: 'true' }],
  ['timeout: 90', { timeoutMs: 90_000 }],
];

for (const [lines, read] of ONE_OR_MANY) {
  test(`"${lines}" is read`, () => {
    const task = taskOf(`title: A\n${lines}`);
    for (const [key, value] of Object.entries(read))
      assert.deepEqual(task[key as keyof TaskDefinition], value);
  });
}

test('numbers are ids as they are written', () => {
  const roadmap = roadmapOf(`
phases:
  - { id: 1.10, tasks: [{ id: 007, title: A }] }
  - { id: 1.9, depends_on: [1.10], tasks: [{ id: 1e3, title: B, depends_on: 007 }] }
`);
  assert.deepEqual(
    roadmap.phases.map((phase) => phase.id),
    ['1.9', '1.10'],
  );
  assert.deepEqual(
    tasksInOrder(roadmap).map((task) => [task.id, task.dependsOn]),
    [
      ['1e3', ['007']],
      ['007', []],
    ],
  );
});

const SAME: readonly [title: string, text: string][] = [
  ['CRLF line ends', 'tasks:\r\n  - id: a\r\n    title: A\r\n'],
  ['a byte order mark', '\uFEFFtasks:\n  - id: a\n    title: A\n'],
  ['a document start', '---\ntasks:\n  - id: a\n    title: A\n'],
  ['a document start and end', '%YAML 1.2\n---\ntasks:\n  - id: a\n    title: A\n...\n'],
  ['JSON', '{"tasks": [{"id": "a", "title": "A"}]}'],
  ['a tab as space between values', 'tasks:\n  - id:\ta\n    title:\tA\n'],
  ['trailing comments', 'tasks:\n  - id: a # it\n    title: A\n# end\n'],
  ['a merge marker inside a prompt', 'tasks:\n  - id: a\n    title: A\n    notes: |\n      <<<<<<< HEAD\n'],
  ['stars and ampersands in quotes', 'tasks:\n  - id: a\n    title: A\n    notes: "*x &y !z << {a} [b]"\n'],
  [
    'stars and ampersands in a block',
    'tasks:\n  - id: a\n    title: A\n    notes: |\n      *x &y !z\n      --- \n',
  ],
];

for (const [title, text] of SAME) {
  test(`a file with ${title} is read like any other`, () => {
    const [task] = tasksInOrder(roadmapOf(text));
    assert.deepEqual([task?.id, task?.title], ['a', 'A']);
  });
}

test('ids at the limits of the rule are fine', () => {
  const ids = ['a', '0', 'A.b_c-d', 'x'.repeat(64), 'constructor', 'toString', 'wave', 'null0', 'HEAD'];
  const roadmap = roadmapOf(`tasks:\n${ids.map((id) => `  - { id: ${id}, title: T }\n`).join('')}`);
  assert.deepEqual(
    tasksInOrder(roadmap).map((task) => task.id),
    ids,
  );
});
