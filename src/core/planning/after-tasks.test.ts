import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TaskId, taskId } from '../ids.ts';
import type { Task } from '../tasks/task.ts';
import { summaryOf } from './plan-summary.ts';
import type { PlanRecord } from './ports.ts';
import { dueReplans, waitingFor } from './replans.ts';

const id = (text: string): TaskId => taskId.parse(text);

function task(name: string, part: Partial<Task> = {}, definition: Partial<Task['definition']> = {}): Task {
  return {
    id: id(name),
    state: 'failed',
    createdAt: 1,
    finishedAt: 10,
    definition: { id: id(name), title: `Title of ${name}`, path: {}, dependsOn: [], ...definition },
    ...part,
  } as Task;
}

function asked(of: string, at: number): Task {
  const planning = { goal: 'g', issues: [], replaces: id(of) };
  return task(`replan-${of}-${at}`, { state: 'archived', createdAt: at }, { adHoc: true, planning });
}

function applied(replaces: string, added: readonly string[]): PlanRecord {
  return { replaces: id(replaces), added: added.map(id) } as unknown as PlanRecord;
}

function due(tasks: readonly Task[], most: number, plans: readonly PlanRecord[] = []): string[] {
  return dueReplans({ tasks, plans, most }).map((each) => `${each.task.id}: ${each.id}`);
}

test('another way is asked for once a failure', () => {
  assert.deepEqual(due([task('a')], 1), ['a: replan-a']);
  assert.deepEqual(due([task('a'), asked('a', 20)], 2), []);
  assert.deepEqual(due([task('a', { finishedAt: 30 }), asked('a', 20)], 2), ['a: replan-a-2']);
});

test('what takes the place of a task counts as that task', () => {
  const plans = [applied('a', ['b']), applied('b', ['c'])];
  assert.deepEqual(due([task('c'), asked('a', 2), asked('b', 3)], 2, plans), []);
  assert.deepEqual(due([task('c'), asked('a', 2), asked('b', 3)], 3, plans), ['c: replan-c']);
});

test('plans that come from each other in a circle are counted to an end', () => {
  const plans = [applied('a', ['b']), applied('b', ['a'])];
  assert.deepEqual(due([task('a')], 1, plans), ['a: replan-a']);
});

test('no other way is asked for jobs outside of the roadmap, nor for what did not fail', () => {
  assert.deepEqual(due([task('a', {}, { adHoc: true }), task('b', { state: 'done' })], 3), []);
  assert.deepEqual(due([task('a')], 0), []);
});

test('what waits for a task is found through tasks and containers', () => {
  const failed = task('a', {}, { path: { plan: 'p' } });
  const others = [
    task('b', { state: 'blocked' }, { dependsOn: ['a'] }),
    task('c', { state: 'pending' }, { dependsOn: ['b'] }),
    task('d', { state: 'pending' }, { dependsOn: ['p'] }),
    task('e', { state: 'done' }, { dependsOn: ['a'] }),
    task('f', { state: 'pending' }),
  ];
  assert.deepEqual(waitingFor(failed, [failed, ...others]), ['b', 'c', 'd']);
});

test('S2-56 the summary of a plan says how many tasks are done and what each of them made', () => {
  const tasks = [
    task('a', { state: 'done', summary: 'Wrote a.ts.\nWith tests.', finishedAt: 5 }),
    task('b', { state: 'failed', reason: 'no compiler', finishedAt: 9 }),
    task('c', { state: 'done', finishedAt: 7 }),
  ];
  assert.deepEqual(summaryOf({ members: ['a', 'b', 'c'].map(id) }, tasks), {
    done: 2,
    total: 3,
    made: '- a: Wrote a.ts. With tests.\n- b (failed): no compiler\n- c: Title of c',
    finishedAt: 9,
  });
});

test('S2-56 the summary of a huge plan is bounded', () => {
  const members = Array.from({ length: 500 }, (_, n) => id(`t${n}`));
  const tasks = members.map((each) => task(each, { state: 'done', summary: 'x'.repeat(1_000) }));
  const { made } = summaryOf({ members }, tasks);
  assert.ok(made.length < 7_000);
  assert.match(made, /\n- and \d+ more$/);
});
