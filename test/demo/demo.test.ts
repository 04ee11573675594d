import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, sep } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { loadRoadmap } from '../../src/adapters/yaml/roadmap-file.ts';
import { agentEnv } from '../../src/main/agent-env.ts';
import { type CwOptions, cw, spawnCw } from '../support/installed-cw.ts';

/** A person at a machine of their own: a home, a directory for temporary files, and nothing configured. */
interface Place {
  readonly options: CwOptions;
  readonly temporary: string;
}

async function place(t: TestContext, env: CwOptions['env'] = {}): Promise<Place> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'cw-demo-e2e-')));
  t.after(() => rm(root, { recursive: true, force: true }));
  const [home, temporary] = [join(root, 'home'), join(root, 'tmp')];
  mkdirSync(home);
  mkdirSync(temporary);
  const options = { cwd: home, home, env: { TMPDIR: temporary, CW_DEMO_THINK_MS: '0', ...env } };
  return { options, temporary };
}

function run(cwd: string, command: string, ...args: readonly string[]): string {
  // The allow-list leaves out what would tell `node --test` that it runs inside another one.
  const env = agentEnv(process.env);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stderr}${stdout}`);
  return stdout.trim();
}

/** The tasks of the integration branch by the trailers of its merges, in the order of the merges. */
function mergedTasks(directory: string): readonly string[] {
  const format = '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x2C)';
  return run(
    directory,
    'git',
    'log',
    '--first-parent',
    '--merges',
    '--reverse',
    format,
    'cw/integration',
  ).split('\n');
}

function only<T>(items: readonly T[]): T {
  const [first, ...rest] = items;
  assert.ok(first !== undefined && rest.length === 0, `one of ${JSON.stringify(items)}`);
  return first;
}

/** Programs that work inside a directory; elsewhere than on Linux there is no telling. */
function workingIn(directory: string): readonly string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((pid) => {
    try {
      const cwd = readlinkSync(`/proc/${pid}/cwd`);
      return cwd === directory || cwd.startsWith(directory + sep);
    } catch {
      return false;
    }
  });
}

/** Every task was merged exactly once and after what it needs, and the result passes its own tests. */
async function checkResult(directory: string, scratch: string): Promise<void> {
  const { plan } = await loadRoadmap(join(directory, 'roadmap.yaml'));
  const merged = mergedTasks(directory);
  assert.deepEqual([...merged].sort(), plan.tasks.map(({ definition }) => definition.id as string).sort());
  const gates = new Map<string, readonly string[]>(plan.gates.map(({ id, members }) => [id, members]));
  for (const { definition, needs } of plan.tasks) {
    for (const need of needs.flatMap((id) => gates.get(id) ?? [id])) {
      assert.ok(merged.indexOf(need) < merged.indexOf(definition.id), `${need} before ${definition.id}`);
    }
  }
  const clone = join(scratch, 'clone');
  run(scratch, 'git', 'clone', '--quiet', '--branch', 'cw/integration', directory, clone);
  assert.match(run(clone, 'npm', 'test'), /^(ℹ|#) fail 0$/m);
  const slugged = run(clone, 'node', 'src/cli.mjs', 'titleCase', 'the end of the demo');
  assert.equal(slugged, 'The End of the Demo');
  await rm(clone, { recursive: true });
}

test('cw demo runs its roadmap to the end and shows and proves what happened', async (t) => {
  const { options, temporary } = await place(t);
  const { code, stdout, stderr } = await cw(['demo'], options);
  assert.equal(code, 0, stderr + stdout);
  const name = only(readdirSync(temporary));
  assert.match(name, /^codewalk-demo-\w+$/);
  const directory = join(temporary, name);
  assert.ok(stdout.includes(directory));
  assert.match(stdout, /agents are scripted/);
  assert.match(stdout, /fail 0/);
  assert.match(stdout, /^ {2}\* {3}[0-9a-f]+ Merge release: Version 0\.2\.0$/m);
  assert.match(stdout, /10 of 10 tasks done/);
  assert.match(stdout, /cw deliver/);
  assert.doesNotMatch(stdout, /Not as promised/);

  await checkResult(directory, temporary);
  const events = (await cw(['events', '--json', '-C', directory], options)).stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const rejected = only(events.filter((event) => event['verdict'] === 'rejected'));
  assert.equal(rejected['task'], 'title-case');
  assert.match(String(rejected['summary']), /add test\/title-case\.test\.mjs/);
  const conflict = only(events.filter((event) => event['type'] === 'merge.conflicted'));
  assert.deepEqual(conflict['files'], ['src/index.mjs']);
  assert.deepEqual([conflict['task'], ...(conflict['others'] as string[])].sort(), [
    'export-shape',
    'export-stats',
  ]);
  const changelog = run(directory, 'git', 'show', 'cw/integration:CHANGELOG.md');
  assert.match(changelog, /- Slugs: slug\(text\) turns a text into a part of a URL\./);

  // The person's checkout is as it was, and nothing is left behind.
  assert.equal(run(directory, 'git', 'branch', '--format=%(refname:short)'), 'cw/integration\nmain');
  assert.equal(run(directory, 'git', 'rev-list', '--count', 'main'), '1');
  assert.equal(run(directory, 'git', 'status', '--porcelain'), '');
  const worktrees = readdirSync(join(directory, '.codewalk', 'worktrees'));
  assert.deepEqual(
    worktrees.filter((each) => !each.startsWith('.')),
    [],
  );
  assert.deepEqual(workingIn(directory), []);
  assert.deepEqual(readdirSync(temporary), [name]);
});

test('with --json the demo prints events and its result, and nothing else', async (t) => {
  const { options, temporary } = await place(t);
  const directory = join(temporary, 'json');
  const { code, stdout } = await cw(['demo', directory, '--json'], options);
  assert.equal(code, 0, stdout);
  const lines = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.ok(lines.slice(0, -1).every((line) => typeof line['type'] === 'string'));
  const result = lines.at(-1)?.['demo'] as Record<string, unknown>;
  assert.equal(result['directory'], directory);
  assert.equal(result['testsPass'], true);
  assert.deepEqual(result['broken'], []);
  const wait = only(result['lockWaits'] as { task: string; behind: string }[]);
  assert.deepEqual([wait.task, wait.behind].sort(), ['count-words', 'reading-time']);
});

test('a demo that was stopped goes on with cw run and merges every task once', async (t) => {
  const { options, temporary } = await place(t, { CW_DEMO_THINK_MS: '300' });
  const directory = join(temporary, 'stopped');
  await using running = await spawnCw(['demo', directory], options);
  await running.line((line) => line.includes('changelog work by coder'));
  running.kill('SIGTERM');
  const { code, stdout } = await running.end;
  assert.equal(code, 130, stdout);
  assert.match(stdout, /To go on where it stopped:/);
  assert.deepEqual(workingIn(directory), []);
  const again = await cw(['run', '-C', directory], options);
  assert.equal(again.code, 0, again.stderr + again.stdout);
  await checkResult(directory, temporary);
  // The summaries came with the first prompt of the interrupted session.
  const changelog = run(directory, 'git', 'show', 'cw/integration:CHANGELOG.md');
  assert.match(changelog, /- Slugs: slug\(text\)/);
});

test('a demo whose tests fail ends with 1 and says what it did not keep', async (t) => {
  const { options, temporary } = await place(t);
  const bin = join(temporary, 'bin');
  mkdirSync(bin);
  const path = process.env['PATH'] ?? '';
  // The library's tests, and only they, are run by the first `node` on PATH.
  const node = findOnPath('node', { PATH: path }) ?? '';
  await writeFile(join(bin, 'node'), `#!/bin/sh\n[ "$1" = --test ] && exit 1\nexec '${node}' "$@"\n`);
  await chmod(join(bin, 'node'), 0o755);
  const env = { ...options.env, PATH: `${bin}${delimiter}${path}` };
  const { code, stdout } = await cw(['demo', join(temporary, 'red')], { ...options, env });
  assert.equal(code, 1, stdout);
  assert.match(stdout, /Not as promised:\n {2}not done: .*release/);
  assert.match(stdout, /the tests of the library fail on the integration branch/);
});

test('a real agent that is not installed is named before anything is made', async (t) => {
  const { options, temporary } = await place(t);
  const bin = join(temporary, 'bin');
  mkdirSync(bin);
  for (const program of ['node', 'git', 'sh']) {
    await symlink(findOnPath(program, process.env) ?? '', join(bin, program));
  }
  const env = { ...options.env, PATH: bin };
  const { code, stdout, stderr } = await cw(['demo', 'here', '--agent', 'goose'], { ...options, env });
  assert.equal(code, 2);
  assert.equal(stdout, '');
  assert.match(stderr, /^error: goose was not found on PATH\.\nhelp: .*without --agent.*\n$/);
  assert.ok(!existsSync(join(options.cwd, 'here')));
  assert.deepEqual(readdirSync(temporary), ['bin']);
});

test('a database for all projects is not used by the demo', async (t) => {
  const { options, temporary } = await place(t);
  mkdirSync(join(options.home, '.codewalk'));
  const config = join(options.home, '.codewalk', 'config.json');
  await writeFile(config, '{ "database": "postgres://nobody@127.0.0.1:1/none" }');
  const { code, stderr } = await cw(['demo'], options);
  assert.equal(code, 2);
  assert.match(stderr, /one database/);
  assert.deepEqual(readdirSync(temporary), []);
});

test('with --no-run the demo is made and stays untouched', async (t) => {
  const { options, temporary } = await place(t);
  const directory = join(temporary, 'made');
  const { code, stdout } = await cw(['demo', directory, '--no-run'], options);
  assert.equal(code, 0);
  assert.match(stdout, /Next:\n {2}cd .*made\n {2}alias cw='node ".*cw\.mjs"'\n {2}cw run\n$/);
  assert.equal(run(directory, 'git', 'rev-list', '--count', '--all'), '1');
  assert.match(readFileSync(join(directory, '.codewalk', 'config.json'), 'utf8'), /"scripted"/);
});
