import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProcessRow } from './process-row.ts';
import { type KnownTree, TreeMembers } from './tree-members.ts';

const BOOT = 'boot';

function tree(pid: number, marker = `m${pid}`): KnownTree {
  return { leader: { pid, startTime: '100', bootId: BOOT }, marker, seen: new Map() };
}

function row(pid: number, ppid: number, more: Partial<ProcessRow> = {}): ProcessRow {
  return { pid, ppid, pgid: 0, sid: 0, zombie: false, startTime: '100', ...more };
}

/** The pids that `members` sorts into each tree, and the pids that it asked for their environment. */
function sorter(environments: Readonly<Record<number, string>> = {}) {
  const asked: number[] = [];
  const members = new TreeMembers((pid, marker) => {
    asked.push(pid);
    return environments[pid] === marker;
  });
  const sort = (rows: readonly ProcessRow[], ...trees: KnownTree[]) =>
    [...members.sort(rows, trees).values()].map((own) => own.map(({ pid }) => pid));
  return { sort, asked };
}

test('a process belongs to the tree of its parents, however many there are between', () => {
  const { sort } = sorter();
  const chain = Array.from({ length: 20_000 }, (_, at) => row(11 + at, 10 + at));
  const [own, other] = sort([row(1, 0), row(10, 1), row(50_000, 1), ...chain], tree(10), tree(50_000));
  assert.equal(own?.length, 20_001);
  assert.deepEqual(other, [50_000]);
});

test('a process that left its parents is known by its group, its session, or from before', () => {
  const { sort } = sorter();
  const known = tree(10);
  assert.deepEqual(sort([row(10, 1), row(11, 10)], known), [[10, 11]]);
  const lost = [row(11, 1), row(12, 1, { pgid: 10 }), row(13, 1, { sid: 10 }), row(14, 1)];
  assert.deepEqual(sort(lost, known), [[11, 12, 13]]);
  assert.deepEqual(sort([row(11, 1, { startTime: '200' })], known), [[]], 'a stranger with the same pid');
});

test('one that nobody saw is asked for its marker, once', () => {
  const { sort, asked } = sorter({ 20: 'm10' });
  const rows = [row(10, 1), row(20, 1), row(21, 20), row(30, 1), row(40, 1, { startTime: '9' })];
  assert.deepEqual(sort(rows, tree(10)), [[10, 20, 21]]);
  assert.deepEqual(asked, [20, 30], 'nobody who is older than the tree');
  sort(rows, tree(10, 'other'));
  assert.deepEqual(asked, [20, 30, 20, 21], '30 has answered before');
});

test('a zombie counts for the parent that owes its collection, and else for nobody', () => {
  const { sort, asked } = sorter();
  const known = tree(10);
  known.seen = new Map([[12, '100']]);
  const rows = [row(10, 1), row(11, 10, { zombie: true }), row(12, 1, { zombie: true })];
  assert.deepEqual(sort(rows, known), [[10, 11]]);
  assert.deepEqual(asked, []);
});

test('the group of a leader whose pid was reused is not ours', () => {
  const { sort } = sorter();
  const rows = [row(10, 1, { startTime: '300' }), row(11, 1, { pgid: 10, startTime: '300' })];
  assert.deepEqual(sort(rows, tree(10)), [[]]);
});
