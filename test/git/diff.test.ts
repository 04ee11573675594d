import assert from 'node:assert/strict';
import { appendFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commitGraph, diffNumbers, diffText } from '../../src/adapters/git/diff.ts';
import { INTEGRATION, makeRig, message } from './rig.ts';

test('S2-23 the diff of a task shows what it changed, and is cut where it is too long', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'one\ntwo\n', 'old name.txt': 'same\nsame\nsame\n' } });
  const { workspace } = await rig.work('t1', { 'a.txt': 'one\n2\n', 'b.txt': 'b\n' });
  const whole = await rig.workspaces.diff(workspace, { maxBytes: 100_000 });
  assert.match(whole, /^diff --git a\/a\.txt b\/a\.txt$/m);
  assert.match(whole, /^-two\n\+2$/m);
  assert.match(whole, /^\+b$/m);
  const cut = await rig.workspaces.diff(workspace, { maxBytes: 60 });
  assert.match(cut, /^\[The diff is longer than 60 bytes and was cut here\.\]\n$/m);
  assert.ok(whole.startsWith(cut.slice(0, cut.lastIndexOf('[The'))));
  assert.deepEqual(await rig.workspaces.diffStat(workspace), { files: 2, insertions: 2, deletions: 1 });
});

test('the diff of a task leaves out what was brought in from others', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a\n' } });
  const base = await rig.head();
  const one = await rig.work('t1', { 'one.txt': '1\n' });
  const two = await rig.work('t2', { 'two.txt': '2\n' });
  await rig.integration.advance(INTEGRATION, { expected: base, to: one.head, reason: 't1' });
  await rig.workspaces.bringIn(two.workspace, one.head);
  await rig.workspaces.snapshot(two.workspace, message('t2'));
  const text = await rig.workspaces.diff(two.workspace, { maxBytes: 100_000 });
  assert.match(text, /two\.txt/);
  assert.doesNotMatch(text, /one\.txt/);
});

test('S2-23 numbers are given for each file, whatever its name, with what happened to it', async () => {
  const long = Array.from({ length: 20 }, (_, line) => `line ${line}\n`).join('');
  await using rig = await makeRig({ files: { 'a.txt': 'a\n', 'old.txt': long, 'gone.txt': 'gone\n' } });
  const from = await rig.head();
  const { workspace } = await rig.work('t1', {
    'tab\there\nand line.txt': 'x\ny\n',
    'bin.dat': '\0\0',
    ':(exclude)ä.txt': 'ä\n',
    'a.txt': 'a\nb\n',
  });
  rmSync(join(workspace.path, 'gone.txt'));
  renameSync(join(workspace.path, 'old.txt'), join(workspace.path, 'new\tname.txt'));
  appendFileSync(join(workspace.path, 'new\tname.txt'), 'one more\n');
  const { commit: to } = await rig.workspaces.snapshot(workspace, message('t1'));
  const files = await diffNumbers(rig.repository, { from, to });
  const plain = { binary: false, deletions: 0 };
  assert.deepEqual(files, [
    { path: ':(exclude)ä.txt', status: 'added', ...plain, insertions: 1 },
    { path: 'a.txt', status: 'modified', ...plain, insertions: 1 },
    { path: 'bin.dat', status: 'added', insertions: 0, deletions: 0, binary: true },
    { path: 'gone.txt', status: 'deleted', insertions: 0, deletions: 1, binary: false },
    { path: 'new\tname.txt', status: 'renamed', from: 'old.txt', ...plain, insertions: 1 },
    { path: 'tab\there\nand line.txt', status: 'added', ...plain, insertions: 2 },
  ]);
  assert.equal((await diffText(rig.repository, { from, to: from, maxBytes: 10 })).length, 0);
  const paths = [':(exclude)ä.txt', 'old.txt', 'new\tname.txt'];
  const some = await diffText(rig.repository, { from, to, maxBytes: 100_000, paths });
  assert.deepEqual(some.match(/^diff --git/gm)?.length, 2);
  assert.match(some, /^rename from old\.txt$/m);
});

test('the graph draws what is new in a range', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a\n' } });
  const from = await rig.head();
  const { head } = await rig.work('t1', { 'b.txt': 'b\n' });
  const merged = await rig.integration.merge({
    strategy: 'merge',
    onto: from,
    head,
    base: from,
    message: message('t1', 'Merge t1'),
  });
  assert.ok(merged.kind === 'merged');
  const graph = await commitGraph(rig.repository, { from, to: merged.commit });
  assert.match(graph, /^\* +[0-9a-f]+ Merge t1\n[\s\S]*\* [0-9a-f]+ Work on t1\n/);
  assert.doesNotMatch(graph, /Start/);
  assert.match(await commitGraph(rig.repository, { from: undefined, to: merged.commit }), /Start/);
});

test('work has the same fingerprint after work of others was brought in, unless that met one of its files', async () => {
  await using rig = await makeRig({ files: { 'a.txt': '1\n2\n3\n4\n5\n', 'c.txt': 'c\n' } });
  const base = await rig.head();
  const { workspace } = await rig.work('t1', { 'a.txt': 'one\n2\n3\n4\n5\n', 'b.txt': 'b\n' });
  const { fingerprint, files } = await rig.workspaces.changes(workspace);
  assert.deepEqual(
    files.map(({ path, status }) => [path, status]),
    [
      ['a.txt', 'modified'],
      ['b.txt', 'added'],
    ],
  );
  const bring = async (task: string, from: typeof base, change: Readonly<Record<string, string>>) => {
    const other = await rig.work(task, change);
    await rig.integration.advance(INTEGRATION, { expected: from, to: other.head, reason: task });
    assert.equal((await rig.workspaces.bringIn(workspace, other.head)).kind, 'clean');
    await rig.workspaces.snapshot(workspace, message('t1'));
    return other.head;
  };
  const head = await bring('t2', base, { 'c.txt': 'C\n', 'd.txt': 'd\n' });
  assert.equal((await rig.workspaces.changes(workspace)).fingerprint, fingerprint, 'other files');
  await bring('t3', head, { 'a.txt': '1\n2\n3\n4\nfive\n' });
  assert.notEqual((await rig.workspaces.changes(workspace)).fingerprint, fingerprint, 'the same file');
});
