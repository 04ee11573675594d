import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent, NewEvent } from '../../core/events/event.ts';
import { objectId, type TaskId, taskId } from '../../core/ids.ts';
import type { Plan, TaskDefinition } from '../../core/roadmap/model.ts';
import { takeAccount } from './account.ts';
import { brokenPromises } from './promises.ts';

const [a, b, c] = ['a', 'b', 'c'].map((id) => taskId.parse(id)) as [TaskId, TaskId, TaskId];
const COMMIT = objectId.parse('0'.repeat(40));

/** `a` and `b` write the same file; `c` waits for both. */
const PLAN: Plan = {
  tasks: [
    { definition: definition(a, ['x']), order: 0, needs: [], chain: 2 },
    { definition: definition(b, ['x']), order: 1, needs: [], chain: 2 },
    { definition: definition(c, []), order: 2, needs: ['gate:1'], chain: 1 },
  ],
  gates: [{ id: 'gate:1', members: [a, b] }],
};

function definition(id: TaskId, files: readonly string[]): TaskDefinition {
  return {
    id,
    title: id,
    prompt: id,
    path: {},
    dependsOn: [],
    files,
    priority: 50,
    exitCriteria: [],
    onFailure: 'hard',
  };
}

const claimed = (task: TaskId): NewEvent => ({
  type: 'task.claimed',
  task,
  attempt: 1,
  fence: 1,
  orchestrator: 'orc',
});
const merged = (task: TaskId): NewEvent => ({
  type: 'merge.done',
  task,
  attempt: 1,
  branch: 'cw/integration',
  commit: COMMIT,
  strategy: 'merge',
  recovered: false,
});
const done = (task: TaskId): NewEvent => ({
  type: 'task.done',
  task,
  attempt: 1,
  commit: COMMIT,
  summary: '',
});
const whole = (task: TaskId): NewEvent[] => [claimed(task), merged(task), done(task)];
const rejected: NewEvent = {
  type: 'step.finished',
  task: a,
  attempt: 1,
  step: 2,
  index: 1,
  agent: 'reviewer',
  round: 1,
  outcome: 'success',
  verdict: 'rejected',
  summary: 'no test',
  durationMs: 5,
};
const conflicted: NewEvent = {
  type: 'merge.conflicted',
  task: c,
  attempt: 1,
  files: ['y'],
  others: [b],
  bounce: 1,
};

/** Ten milliseconds between any two. */
function log(...events: readonly NewEvent[]): LoggedEvent[] {
  const synced: NewEvent = {
    type: 'roadmap.synced',
    path: 'r',
    added: [a, b, c],
    changed: [],
    removed: [],
    renamed: [],
    total: 3,
    open: 3,
    reason: 'start',
  };
  return [synced, ...events].map((event, i) => ({ seq: i + 1, at: 1_000 + 10 * i, ...event }));
}

const broken = (...events: readonly NewEvent[]): readonly string[] =>
  brokenPromises(takeAccount(log(...events), PLAN), { scripted: true, testsPass: true });

test('a run that kept every promise is counted and has nothing to complain about', () => {
  const events = log(
    claimed(a),
    rejected,
    merged(a),
    done(a),
    ...whole(b),
    claimed(c),
    conflicted,
    merged(c),
    done(c),
  );
  const account = takeAccount(events, PLAN);
  assert.deepEqual(account.merged, [a, b, c]);
  assert.deepEqual(account.rejections, [{ task: a, by: 'reviewer', feedback: 'no test' }]);
  assert.deepEqual(account.conflicts, [{ task: c, files: ['y'], others: [b] }]);
  assert.deepEqual(account.lockWaits, [{ task: b, behind: a, waitedMs: 40 }]);
  assert.equal(account.mostAtOnce, 1);
  assert.equal(account.durationMs, 110);
  assert.deepEqual(brokenPromises(account, { scripted: true, testsPass: true }), []);
});

test('each promise that was not kept is named', () => {
  assert.deepEqual(broken(...whole(a), ...whole(b), ...whole(c)), [
    'no review was rejected',
    'no merge conflicted',
  ]);
  assert.deepEqual(broken(claimed(a), rejected, merged(a), done(a), ...whole(b), claimed(c), conflicted), [
    'not done: c',
  ]);
  assert.deepEqual(
    broken(claimed(a), rejected, conflicted, merged(a), merged(a), done(a), ...whole(b), ...whole(c)),
    ['merged more than once: a'],
  );
});

test('tasks with the same files that were at work together are named', () => {
  const events = [
    claimed(a),
    claimed(b),
    rejected,
    conflicted,
    merged(a),
    done(a),
    merged(b),
    done(b),
    ...whole(c),
  ];
  assert.deepEqual(broken(...events), [
    'a and b write the same files at the same time',
    'no task waited for a file lock',
  ]);
});

test('a task that did not wait for what it needs is named', () => {
  const events = [
    claimed(a),
    rejected,
    conflicted,
    merged(a),
    done(a),
    claimed(c),
    ...whole(b),
    merged(c),
    done(c),
  ];
  assert.deepEqual(broken(...events), ['c began before b, which it needs, was merged']);
});

test('a real agent need not be rejected, but its tests must pass', () => {
  const account = takeAccount(log(...whole(a), ...whole(b), ...whole(c)), PLAN);
  assert.deepEqual(brokenPromises(account, { scripted: false, testsPass: true }), []);
  assert.deepEqual(brokenPromises(account, { scripted: false, testsPass: false }), [
    'the tests of the library fail on the integration branch',
  ]);
});

test('attempts that were given up are not at work any more', () => {
  const retried: NewEvent = {
    type: 'task.retried',
    task: a,
    attempt: 1,
    outcome: 'transient',
    reason: 'down',
    retryAt: 0,
    failures: 1,
  };
  const account = takeAccount(log(claimed(a), retried, ...whole(b), ...whole(a)), PLAN);
  assert.deepEqual(account.violations, []);
  assert.equal(account.mostAtOnce, 1);
  assert.deepEqual(account.lockWaits, [{ task: b, behind: a, waitedMs: 20 }]);
});
