import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { plainGit } from '../support/repo.ts';
import { makeRig } from './rig.ts';

test('no link below .codewalk dangles, so that programs which walk the tree pass through it', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a' } });
  await rig.work('one', { 'b.txt': 'b' });
  const dir = join(rig.repo.root, '.codewalk');
  const below = readdirSync(join(dir, 'git'), { recursive: true, encoding: 'utf8' });
  assert.deepEqual(
    below.filter((name) => !existsSync(join(dir, 'git', name))),
    [],
  );
});

test('refs that a person packs in the middle of a run are still found', async () => {
  await using rig = await makeRig({ files: { 'a.txt': 'a' } });
  const { head } = await rig.work('one', { 'b.txt': 'b' });
  plainGit(rig.repo.root, 'pack-refs', '--all');
  assert.equal(await rig.repository.commit('refs/heads/cw/one'), head);
});
