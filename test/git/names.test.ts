import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { branchRef } from '../../src/adapters/git/branch-name.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { taskBranch } from '../../src/core/workspaces/task-branch.ts';
import { makeRepo } from '../support/repo.ts';

const CORPUS = [
  'a',
  'a.',
  'a..b',
  'a...',
  'a.lock',
  'a.lock.lock',
  'a..lock',
  'A_B-c.1',
  'HEAD',
  'integration',
  '9.9.9',
  'x'.repeat(64),
  'a-',
  'a.-.lock',
];

test('git accepts the branch of every id', async () => {
  await using repo = await makeRepo();
  const head = repo.git('rev-parse', 'HEAD');
  const tricky = fc.sample(
    fc
      .array(fc.constantFrom('a', '.', 'lock', '.lock', '-', '_'), { maxLength: 6 })
      .map((parts) => `a${parts.join('')}`),
    300,
  );
  const ids = [...new Set([...CORPUS, ...tricky])];
  const branches = ids.map((id) => taskBranch(id as TaskId, 'cw/integration'));
  const input = branches.map((branch) => `create refs/heads/${branch} ${head}\n`).join('');
  execFileSync('git', ['update-ref', '--stdin'], { cwd: repo.root, input });
  assert.equal(
    repo.git('for-each-ref', '--format=%(refname:short)', 'refs/heads/cw').split('\n').length,
    ids.length,
  );
});

test('a branch name that a person gives is refused where git would refuse or misread it', () => {
  for (const name of ['main', 'cw/integration', 'feature/ä', 'release-1.2', 'a@b', 'x{y']) {
    assert.equal(branchRef(name), `refs/heads/${name}`);
    execFileSync('git', ['check-ref-format', '--branch', name]);
  }
  const bad = [
    '',
    '-x',
    '--upload-pack=x',
    '@{-1}',
    'a..b',
    'a.lock',
    'a b',
    'a\nb',
    'a/.b',
    'a//b',
    '/a',
    'a/',
    'a.',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    '@',
    'HEAD',
    'a.lock/b',
    'a@{b',
  ];
  for (const name of bad) {
    assert.throws(() => branchRef(name), { code: 'BRANCH_NAME' }, JSON.stringify(name));
  }
});
