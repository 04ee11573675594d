import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tasksAhead } from './tasks-ahead.ts';

const NOTHING = { ...process.env, PATH: '' };

function repository(t: TestContext): { root: string; git: (...args: readonly string[]) => void } {
  const root = mkdtempSync(join(tmpdir(), 'cw-ahead-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org'];
  const git = (...args: readonly string[]): void => {
    execFileSync('git', [...identity, ...args], { cwd: root, stdio: 'pipe' });
  };
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'Start');
  return { root, git };
}

test('tasks that wait for their delivery are found by their trailers, whether refs are packed or not', async (t) => {
  const { root, git } = repository(t);
  git('checkout', '-q', '-b', 'work');
  for (const task of ['one', 'two']) {
    git('commit', '-q', '--allow-empty', '-m', `Merge ${task}\n\nCodewalk-Task: ${task}`);
  }
  const ahead = () => tasksAhead(root, { branch: 'work', target: 'main', env: process.env });
  assert.deepEqual(await ahead(), ['one', 'two']);
  git('pack-refs', '--all');
  assert.deepEqual(await ahead(), ['one', 'two']);
});

test('git is not started for a branch that is missing, or where its target is', async (t) => {
  const { root, git } = repository(t);
  const ahead = (branch: string) => tasksAhead(root, { branch, target: 'main', env: NOTHING });
  assert.equal(await ahead('work'), undefined);
  git('branch', 'work');
  assert.deepEqual(await ahead('work'), []);
  git('checkout', '-q', 'work');
  git('commit', '-q', '--allow-empty', '-m', 'More');
  await assert.rejects(ahead('work'), { code: 'GIT_MISSING' });
});
