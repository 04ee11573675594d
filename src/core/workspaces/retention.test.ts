import assert from 'node:assert/strict';
import { test } from 'node:test';
import { taskId } from '../ids.ts';
import { TASK_STATES } from '../tasks/states.ts';
import { standingOf, type WorktreeFacts, whyKept } from './retention.ts';

const DAY = 86_400_000;
const OLD = { olderThanMs: 7 * DAY, pooled: false };
const id = taskId.parse('api');

const merged: WorktreeFacts = {
  place: 'api',
  path: '/repo/.codewalk/worktrees/api',
  branch: 'cw/api',
  kind: 'worktree',
  task: { id, state: 'done' },
  locked: undefined,
  unsaved: [],
  unmerged: undefined,
  obstacle: undefined,
  processes: [],
  ageMs: 8 * DAY,
};

test('a worktree goes when its task is over and everything in it is merged, after its time', () => {
  assert.equal(whyKept(merged, OLD), undefined);
  assert.equal(whyKept({ ...merged, ageMs: 6 * DAY }, OLD), 'it is not old enough');
  assert.equal(whyKept({ ...merged, ageMs: 0 }, { ...OLD, olderThanMs: 0 }), undefined);
  assert.equal(whyKept({ ...merged, task: undefined }, OLD), undefined);
});

test('S2-25 each thing that may be work or worker keeps it, whatever its age', () => {
  const reasons: [Partial<WorktreeFacts>, RegExp][] = [
    [{ unsaved: ['a', 'b', 'c', 'd'] }, /not committed: a, b, c and 1 more/],
    [{ unmerged: 'f'.repeat(40) }, /not merged, up to ffffffffffff$/],
    [{ obstacle: 'it holds a submodule' }, /submodule/],
    [{ processes: [12] }, /process 12 at work/],
    [{ processes: [12, 13] }, /processes 12, 13 at work/],
    [{ locked: '' }, /it is locked$/],
    [{ locked: 'mine' }, /locked: mine/],
    [{ kind: 'link' }, /symbolic link/],
    [{ kind: 'unknown' }, /nothing says/],
    [{ kind: 'gone', processes: [12] }, /process 12/],
    [{ kind: 'pooled' }, /next task/],
  ];
  for (const [part, reason] of reasons) {
    assert.match(whyKept({ ...merged, ...part }, { ...OLD, olderThanMs: 0 }) ?? '', reason);
  }
});

test('only the states in which nothing more happens let a worktree go', () => {
  const gone = TASK_STATES.filter((state) => whyKept({ ...merged, task: { id, state } }, OLD) === undefined);
  assert.deepEqual(gone.toSorted(), ['archived', 'blocked', 'cancelled', 'done', 'failed', 'skipped']);
});

test('what is left of one whose directory is gone may go: it is saved, and its branch stays', () => {
  assert.equal(whyKept({ ...merged, kind: 'gone', unmerged: 'f'.repeat(40) }, OLD), undefined);
});

test('a pooled one goes only when that is asked for, and then at any age', () => {
  const pooled = { ...merged, kind: 'pooled', task: undefined, ageMs: 0 } as const;
  assert.equal(whyKept(pooled, { ...OLD, pooled: true }), undefined);
  assert.match(whyKept({ ...pooled, unsaved: ['late'] }, { ...OLD, pooled: true }) ?? '', /late/);
});

test('what a worktree is there for', () => {
  const standing = (part: Partial<WorktreeFacts>) => standingOf({ ...merged, ...part });
  assert.equal(standing({}), 'merged');
  assert.equal(standing({ unsaved: ['a'] }), 'failed');
  assert.equal(standing({ task: { id, state: 'failed' } }), 'failed');
  assert.equal(standing({ task: { id, state: 'running' } }), 'at work');
  assert.equal(standing({ task: { id, state: 'waiting_input' } }), 'waiting');
  assert.equal(standing({ kind: 'pooled', task: undefined }), 'pooled');
  assert.equal(standing({ task: undefined }), 'orphan');
  assert.equal(standing({ kind: 'gone' }), 'orphan');
});
