import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../ids.ts';
import { type Actor, nameOf, PERSON_ROLES } from './actor.ts';
import { mayCall, OPERATIONS } from './roles.ts';

const agent: Actor = { kind: 'agent', task: 'build' as TaskId, attempt: 1, step: 1, role: 'coder' };

test('each role may do what the roles before it may, and more', () => {
  const allowed = PERSON_ROLES.map((role) =>
    Object.entries(OPERATIONS)
      .filter(([, operation]) => mayCall({ kind: 'client', name: 'phone', role }, operation))
      .map(([name]) => name),
  );
  const [viewer = [], operator = [], approver = [], admin = []] = allowed;
  for (const [less, more] of [
    [viewer, operator],
    [operator, approver],
    [approver, admin],
  ] as const) {
    assert.deepEqual(
      less.filter((name) => !more.includes(name)),
      [],
    );
  }
  assert.ok(viewer.includes('status') && !viewer.includes('answer'));
  assert.ok(operator.includes('answer') && !operator.includes('deliver'));
  assert.ok(approver.includes('deliver') && approver.includes('confirmRoadmap'));
  assert.ok(operator.includes('comment') && !operator.includes('review') && approver.includes('review'));
  assert.deepEqual(admin.toSorted(), Object.keys(OPERATIONS).toSorted());
});

test('what a viewer may do changes nothing but the store being brought up to the roadmap file', () => {
  const viewed = Object.values(OPERATIONS).filter(({ role }) => role === 'viewer');
  assert.ok(viewed.length > 0);
  for (const { kind, path } of viewed) assert.notEqual(kind, 'mutation', path);
});

test('an agent at work may call nothing of the project', () => {
  for (const operation of Object.values(OPERATIONS)) assert.equal(mayCall(agent, operation), false);
});

test('no two operations have the same procedure', () => {
  const paths = Object.values(OPERATIONS).map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length);
});

test('the log names who acted', () => {
  assert.equal(nameOf({ kind: 'person', name: 'ada', role: 'admin' }), 'person');
  assert.equal(nameOf({ kind: 'client', name: 'phone', role: 'viewer' }), 'client:phone');
  assert.equal(nameOf(agent), 'task:build');
});
