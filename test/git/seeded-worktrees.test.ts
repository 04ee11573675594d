import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../../src/adapters/git/workspaces.ts';
import { taskId } from '../../src/core/ids.ts';
import { localProvisioner } from '../../src/main/local-provisioner.ts';
import { commandRunner } from '../support/command-runner.ts';
import { noSandboxes } from '../support/plain-worktrees.ts';
import { makeRepo } from '../support/repo.ts';
import { INTEGRATION } from './rig.ts';

const SETTINGS = {
  setup: ['mkdir node_modules && echo made > node_modules/made'],
  setupTimeoutMs: 60_000,
  seeds: [{ lockfile: 'lock', paths: ['node_modules'] }],
  ports: { from: 45_000, perTask: 1 },
  keepDays: 7,
};

async function makeProject(files: Readonly<Record<string, string>>) {
  const repo = await makeRepo({ files });
  const repository = await openRepository(repo.root);
  const provisioner = localProvisioner({
    repository,
    settings: SETTINGS,
    commands: commandRunner(),
    sandboxes: noSandboxes,
    env: { HOME: repo.root, PATH: process.env['PATH'] },
    maxAgents: 1,
    warn: () => {},
  });
  const workspaces = new GitWorkspaces(repository, {
    integrationBranch: INTEGRATION,
    poolSize: 1,
    onRetire: ({ path, adminDir }) => provisioner.giveBack(path, adminDir),
  });
  const open = async (task: string) => {
    const base = await repository.requireCommit('refs/heads/main');
    return { base, workspace: await workspaces.open({ task: taskId.parse(task), base }) };
  };
  type Opened = Awaited<ReturnType<typeof open>>;
  return {
    repo,
    open,
    async prepare({ workspace }: Opened) {
      return await provisioner.prepare({
        workspace,
        env: { PATH: process.env['PATH'] ?? '' },
        signal: new AbortController().signal,
        onLine: () => {},
      });
    },
    release: ({ workspace, base }: Opened) =>
      workspaces.release(workspace, { mergedInto: base, mergedHead: base }),
    async [Symbol.asyncDispose]() {
      await repository[Symbol.asyncDispose]();
      await repo[Symbol.asyncDispose]();
    },
  };
}

test('a pooled worktree gets dependencies that nobody changed, and none that a task changed', async () => {
  await using project = await makeProject({ lock: 'one', '.gitignore': 'node_modules/\n' });
  const made = (path: string) => join(path, 'node_modules/made');
  const births: bigint[] = [];
  for (const task of ['first', 'second', 'third', 'fourth']) {
    const opened = await project.open(task);
    const { path } = opened.workspace;
    assert.equal(existsSync(join(path, 'node_modules')), false, `${task} begins with a clean worktree`);
    await using provision = await project.prepare(opened);
    assert.equal(provision.setupMs > 0, task === 'first', task);
    assert.equal(readFileSync(made(path), 'utf8'), 'made\n', task);
    births.push(statSync(made(path), { bigint: true }).birthtimeNs);
    if (task === 'third') writeFileSync(made(path), 'changed\n');
    assert.deepEqual(await project.release(opened), { kind: 'removed' });
  }
  const [, second, third, fourth] = births;
  assert.equal(third, second);
  assert.notEqual(fourth, third);
});

test('a worktree that was made ready stays so for the next attempt of its task, not for another task', async () => {
  await using project = await makeProject({ lock: 'one', '.gitignore': 'node_modules/\n' });
  const opened = await project.open('again');
  await (await project.prepare(opened))[Symbol.asyncDispose]();
  writeFileSync(join(opened.workspace.path, 'node_modules/added'), 'by the agent\n');
  await using provision = await project.prepare(await project.open('again'));
  assert.deepEqual([provision.seeded, provision.setupMs], [[], 0]);
  assert.equal(existsSync(join(opened.workspace.path, 'node_modules/added')), true);
  await project.release(opened);
  const anew = await project.open('again');
  await using second = await project.prepare(anew);
  assert.deepEqual(second.seeded, ['node_modules']);
  assert.equal(existsSync(join(anew.workspace.path, 'node_modules/added')), false);
});

test('a seed that is not ignored, or holds tracked files, is refused before anything is put there', async () => {
  for (const files of [
    { lock: 'one' },
    { lock: 'one', '.gitignore': 'node_modules/\n', 'node_modules/kept.js': 'tracked\n' },
  ]) {
    await using project = await makeProject({ lock: 'one' });
    mkdirSync(join(project.repo.root, 'node_modules'), { recursive: true });
    for (const [path, text] of Object.entries(files)) project.repo.write(path, text);
    project.repo.git('add', '-f', '.');
    project.repo.commit('More');
    const opened = await project.open('one');
    await assert.rejects(project.prepare(opened), { code: 'SEED_NOT_IGNORED' });
  }
});
