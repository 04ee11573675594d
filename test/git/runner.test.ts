import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { GitError } from '../../src/adapters/git/git-error.ts';
import { isRunning, markOf } from '../../src/adapters/git/process-mark.ts';
import { makeRig } from './rig.ts';

test('a failure names the verb, the exit code and what git said', async () => {
  await using rig = await makeRig();
  await assert.rejects(rig.repository.run(['rev-parse', '--verify', 'refs/heads/none']), (error) => {
    assert.ok(error instanceof GitError);
    assert.equal(error.code, 'GIT_FAILED');
    assert.equal(error.verb, 'rev-parse');
    assert.equal(error.exitCode, 128);
    assert.match(error.message, /git rev-parse failed \(exit 128\): fatal: Needed a single revision/);
    return true;
  });
});

test('output beyond the limit and a git that does not end are errors, not a full memory or a hang', async () => {
  await using rig = await makeRig({ files: { 'big.txt': 'x'.repeat(1_000_000) } });
  const show = ['cat-file', 'blob', 'refs/heads/main:big.txt'];
  await assert.rejects(rig.repository.run(show, { maxBytes: 1_000 }), { code: 'GIT_OUTPUT_LIMIT' });
  const cut = await rig.repository.run(show, { maxBytes: 1_000, cut: true });
  assert.deepEqual([cut.stdout.length, cut.cut], [1_000, true]);
  await assert.rejects(rig.repository.run(['cat-file', '--batch'], { timeoutMs: 50 }), {
    code: 'GIT_TIMEOUT',
  });
});

test('a git of which nobody could be told does not stay', async () => {
  await using rig = await makeRig();
  const marks: string[] = [];
  const onSpawn = (pid: number) => {
    marks.push(markOf(pid));
    throw new Error('no space left');
  };
  await assert.rejects(rig.repository.run(['cat-file', '--batch'], { onSpawn }), /no space left/);
  assert.equal(marks.length, 1);
  // It would wait for ever for its input.
  while (marks.some(isRunning)) await setImmediate();
});

test('a long-lived git that died answers again', async () => {
  await using rig = await makeRig();
  const base = await rig.head();
  const wrong = {
    ref: 'refs/heads/new',
    from: base,
    to: base.replace(/./, (digit) => (digit === 'f' ? '0' : 'f')) as typeof base,
  };
  await assert.rejects(rig.repository.refs.change([wrong]), { code: 'GIT_FAILED' });
  await rig.repository.refs.change([{ ref: 'refs/heads/new', from: undefined, to: base }]);
  assert.equal(await rig.repository.commit('refs/heads/new'), base);
});

test('refs are read anew each time, also from packed-refs', async () => {
  await using rig = await makeRig();
  const first = await rig.repository.commit('refs/heads/main');
  const second = rig.repo.commit('Second');
  assert.notEqual(first, second);
  assert.equal(await rig.repository.commit('refs/heads/main'), second);
  rig.repo.git('pack-refs', '--all');
  assert.equal(await rig.repository.commit('refs/heads/main'), second);
  const third = rig.repo.commit('Third');
  rig.repo.git('gc', '--quiet', '--prune=now');
  assert.equal(await rig.repository.commit('refs/heads/main'), third);
  rig.repo.git('update-ref', '-d', 'refs/heads/main');
  assert.equal(await rig.repository.commit('refs/heads/main'), undefined);
});
