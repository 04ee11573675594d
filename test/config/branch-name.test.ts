import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { isBranchName } from '../../src/core/config/branch-name.ts';

const NAMES = [
  'main',
  'cw/integration',
  'a.b',
  'feature/x-1',
  'ü',
  'HEAD',
  '-x',
  'a..b',
  'a b',
  'a~1',
  'a^',
  'a:b',
  'a?',
  'a*',
  'a[b',
  'a\\b',
  '/a',
  'a/',
  'a//b',
  '.a',
  'a/.b',
  'a.lock',
  'a.lock/b',
  'a.',
  'a@{b',
  'a@b',
  'a\u007f',
  'a\tb',
  '',
];

for (const name of NAMES) {
  test(`${JSON.stringify(name)} is a branch name exactly when git says so`, () => {
    const { status } = spawnSync('git', ['check-ref-format', '--branch', name]);
    assert.equal(isBranchName(name), status === 0);
  });
}

test('a full ref name and another word for HEAD are not taken for a branch', () => {
  assert.equal(isBranchName('@'), false);
  assert.equal(isBranchName('refs/heads/main'), false);
});
