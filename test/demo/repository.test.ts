import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../../src/adapters/config-files/load.ts';
import { loadRoadmap } from '../../src/adapters/yaml/roadmap-file.ts';
import { locksOverlap } from '../../src/core/dispatch/file-locks.ts';
import { agentEnv } from '../../src/main/agent-env.ts';
import { CODER_SCRIPTS } from '../../src/main/demo/coder-scripts.ts';
import { demoConfig } from '../../src/main/demo/config.ts';
import { createRepository, demoDirectory } from '../../src/main/demo/repository.ts';

const SCRIPTED = {
  command: process.execPath,
  args: ['agent.mjs'],
  memory: join(tmpdir(), 'cw-demo-memory'),
  installation: '/nowhere',
  thinkMs: 0,
};

async function scratch(t: TestContext): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'cw-demo-test-')));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function demoRepository(t: TestContext): Promise<string> {
  const directory = await scratch(t);
  // No HOME: whoever tries the demo may have no git settings at all.
  await createRepository({ directory, config: demoConfig(SCRIPTED), env: { PATH: process.env['PATH'] } });
  return directory;
}

function run(cwd: string, command: string, ...args: readonly string[]): string {
  // The allow-list leaves out what would tell `node --test` that it runs inside another one.
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    env: agentEnv(process.env),
  });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout;
}

test('the demo begins with one commit on main, whose tests pass, and a clean checkout', async (t) => {
  const directory = await demoRepository(t);
  assert.equal(run(directory, 'git', 'rev-list', '--count', 'main').trim(), '1');
  assert.equal(run(directory, 'git', 'branch', '--show-current').trim(), 'main');
  assert.equal(run(directory, 'git', 'status', '--porcelain'), '');
  assert.match(run(directory, 'npm', 'test'), /^(ℹ|#) pass 2$/m);
});

test('the roadmap of the demo is valid and holds what the demo is there to show', async (t) => {
  const directory = await demoRepository(t);
  const { roadmap, plan } = await loadRoadmap(join(directory, 'roadmap.yaml'));
  assert.equal(plan.tasks.length, 10);
  assert.equal(roadmap.phases.length, 2);
  const sharing = plan.tasks.flatMap((one, i) =>
    plan.tasks
      .slice(i + 1)
      .filter((other) => locksOverlap(one.definition.files, other.definition.files))
      .map((other) => [one.definition.id, other.definition.id]),
  );
  assert.deepEqual(sharing, [['count-words', 'reading-time']]);
  const unlocked = plan.tasks.filter(({ definition }) => definition.files.length === 0);
  assert.deepEqual(
    unlocked.map(({ definition, needs }) => [definition.id, needs]),
    [
      ['export-shape', ['gate:1#2']],
      ['export-stats', ['gate:1#2']],
    ],
  );
  const reviewed = plan.tasks.filter(({ definition }) => definition.workflow === 'reviewed');
  assert.deepEqual(
    reviewed.map(({ definition }) => definition.id),
    ['title-case'],
  );
  assert.equal(Math.max(...plan.tasks.map(({ chain }) => chain)), 4);
  assert.ok(plan.tasks.every(({ definition }) => definition.verify?.startsWith('node --test')));
});

test('the script knows every task of the roadmap and no other', async (t) => {
  const directory = await demoRepository(t);
  const { plan } = await loadRoadmap(join(directory, 'roadmap.yaml'));
  assert.deepEqual(
    plan.tasks.map(({ definition }) => definition.id as string).sort(),
    Object.keys(CODER_SCRIPTS).sort(),
  );
  for (const { definition } of plan.tasks) {
    const written = Object.keys(CODER_SCRIPTS[definition.id]?.edits ?? {});
    if (definition.files.length > 0) assert.deepEqual(written.sort(), [...definition.files].sort());
  }
});

test('the config of the demo is valid for the script and for every real agent', async (t) => {
  for (const agent of [SCRIPTED, 'claude', 'codex', 'goose'] as const) {
    const root = await scratch(t);
    await createRepository({ directory: root, config: demoConfig(agent), env: process.env });
    const { config } = await loadConfig({ home: root, root });
    const name = typeof agent === 'string' ? agent : 'scripted';
    assert.deepEqual(
      ['coder', 'reviewer', 'tester'].map((role) => config.agents[role]?.provider),
      [name, name, name],
    );
    assert.ok(config.workflows['reviewed']);
  }
});

test('a directory that is not empty is refused and stays as it is', async (t) => {
  const directory = await scratch(t);
  await writeFile(join(directory, 'mine.txt'), 'mine');
  await assert.rejects(demoDirectory(directory), { code: 'DEMO_DIRECTORY_NOT_EMPTY' });
  assert.deepEqual(await readdir(directory), ['mine.txt']);
  await assert.rejects(demoDirectory(join(directory, 'mine.txt')), { code: 'DEMO_DIRECTORY_UNUSABLE' });
});

test('a directory that is empty or not there yet is taken', async (t) => {
  const directory = await scratch(t);
  await mkdir(join(directory, 'empty'));
  assert.equal(await demoDirectory(join(directory, 'empty')), join(directory, 'empty'));
  assert.equal(await demoDirectory(join(directory, 'deep', 'new')), join(directory, 'deep', 'new'));
});
