import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS, PARENTS } from '../../src/surfaces/cli/commands.ts';
import { makeRepo } from '../support/repo.ts';
import { cwIn, lineOf, makeHome, makeProject, SCRIPTED_AGENT, startCw } from './rig.ts';

const ROADMAP = 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: do a\n';

test('every command explains itself with usage and examples, within 80 columns', async (t) => {
  await using repo = await makeRepo();
  const cw = cwIn(repo.root, makeHome(t));
  const calls = [
    [],
    ...Object.keys(PARENTS).map((name) => [name]),
    ['run'],
    ['task', 'add'],
    ['agent', 'spawn'],
  ];
  for (const words of calls) {
    const { code, stdout, stderr } = await cw([...words, '--help']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, new RegExp(`^Usage: ${['cw', ...words].join(' ')} `));
    assert.match(stdout, /\nExamples:\n {2}.*cw /);
    for (const line of stdout.split('\n')) assert.ok(line.length <= 80, line);
  }
  const overview = (await cw(['--help'])).stdout;
  for (const { id } of COMMANDS) assert.match(overview, new RegExp(`^ {2}${id.split('.')[0]} `, 'm'));
  assert.equal((await cw([])).stdout, overview);
  assert.equal((await cw(['help', 'run'])).stdout, (await cw(['run', '--help'])).stdout);
  assert.match((await cw(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('init writes what is missing, keeps what is there, and is ready for the first task', async (t) => {
  await using repo = await makeRepo();
  const cw = cwIn(repo.root, makeHome(t));
  const first = JSON.parse((await cw(['init', '--json'])).stdout);
  assert.deepEqual(
    first.files.map((file: { result: string }) => file.result),
    ['wrote', 'wrote', 'wrote', 'wrote'],
  );
  assert.equal((await cw(['task', 'add', 'Cart model', '-p', 'Make it', '-f', 'cart.ts'])).code, 0);
  const edited = readFileSync(join(repo.root, 'roadmap.yaml'), 'utf8');
  assert.match(edited, /^# What Codewalk should do/m);
  assert.equal((await cw(['init'])).code, 0);
  assert.equal(readFileSync(join(repo.root, 'roadmap.yaml'), 'utf8'), edited);
  assert.match((await cw(['roadmap', 'check'])).stdout, /is valid: 1 task/);
  assert.match((await cw(['task'])).stdout, /cart-model +ready/);
  assert.equal((await cw(['init', '--agent', 'codex'])).code, 0);
  assert.equal((await cw(['config', 'get', 'agents.coder.provider'])).stdout, 'codex\n');
  assert.match((await cw(['init', '--agent', 'codx'])).stderr, /help: did you mean codex\?/);
});

test('settings are shown with their origin, changed in one file and taken out again', async (t) => {
  await using repo = await makeRepo();
  const cw = cwIn(repo.root, makeHome(t));
  assert.equal((await cw(['config', 'set', 'maxAgents', '2', '--global'])).code, 0);
  assert.equal((await cw(['config', 'set', 'maxAgents', '3'])).code, 0);
  assert.match((await cw(['config', 'show', '--origin'])).stdout, /^project {3}maxAgents +3$/m);
  assert.equal((await cw(['config', 'unset', 'maxAgents'])).code, 0);
  assert.match((await cw(['config', 'show', '--origin'])).stdout, /^global {4}maxAgents +2$/m);
  assert.match((await cw(['config', 'set', 'maxAgents', 'many'])).stderr, /^error: .*config\.json:\d+:\d+/);
});

test('a file edited into nonsense does not hide the state', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  assert.match((await cw(['status'])).stdout, /1 ready/);
  writeFileSync(join(repo.root, 'roadmap.yaml'), 'tasks: [');
  const { code, stdout, stderr } = await cw(['status']);
  assert.equal(code, 0);
  assert.match(stdout, /1 ready/);
  assert.match(stderr, /^warning: the last good roadmap is shown\. roadmap\.yaml:1/);
});

test('what an agent says cannot command the terminal of whoever reads it', async (t) => {
  const summary = String.raw`"x\u001b]0;t\u0007\u009b31m\u202ey"`;
  const agent = `cat > /dev/null; echo a > a.txt; printf '%s\\n' '{"status":"done","summary":${summary}}'`;
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent });
  const run = await cw(['run']);
  assert.equal(run.code, 0);
  assert.match(run.stdout, /\\x1b\]0;t\\x07\\x9b31m\\u202ey/);
  const shown = [run];
  for (const args of [
    ['status'],
    ['task', 'show', 'a'],
    ['events'],
    ['task', 'show', 'a', '--json'],
    ['task', 'logs', 'a'],
  ]) {
    shown.push(await cw(args));
  }
  for (const { stdout, stderr } of shown) {
    assert.ok(!/[\p{Cc}\u202e]/u.test((stdout + stderr).replaceAll('\n', '')), stdout);
  }
});

test('events are followed as they come, and a reader that goes away ends it without a word', async (t) => {
  const { repo, home, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  await cw(['status']);
  const following = startCw(['events', '--follow', '--json', '--type', 'roadmap.', 'task.'], {
    cwd: repo.root,
    home,
  });
  t.after(() => following.kill('SIGKILL'));
  let errors = '';
  following.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(following, 'exit');
  await lineOf(following, /roadmap\.synced/);
  // Leaving the loop over its lines closed the pipe; the next event meets that.
  following.stdout?.destroy();
  await cw(['task', 'cancel', 'a']);
  assert.deepEqual([await ended, errors], [[0, null], '']);
});

test('following ends by an interrupt, which is how it is meant to end', async (t) => {
  const { repo, home, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  await cw(['status']);
  const following = startCw(['events', '--follow', '--json'], { cwd: repo.root, home });
  t.after(() => following.kill('SIGKILL'));
  const ended = once(following, 'exit');
  const cancelled = lineOf(following, /task\.cancelled/);
  await cw(['task', 'cancel', 'a']);
  await cancelled;
  following.kill('SIGINT');
  assert.deepEqual(await ended, [0, null]);
});

test('completion offers commands, options and the tasks of the project, and is silent elsewhere', async (t) => {
  const { repo, home, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  await cw(['status']);
  const offered = async (...words: readonly string[]) =>
    (await cw(['complete', '--', ...words])).stdout.split('\n').map((line) => line.split('\t')[0]);
  assert.ok((await offered('sta')).includes('status'));
  assert.ok((await offered('task', '')).includes('show'));
  assert.ok((await offered('task', 'show', '')).includes('a'));
  assert.ok((await offered('run', '--only', '')).includes('a'));
  assert.ok((await offered('task', 'add', 'x', '--agent', '')).includes('coder'));
  assert.ok((await offered('run', '--strat')).includes('--strategy'));
  for (const shell of ['bash', 'zsh', 'fish', 'powershell']) {
    assert.match((await cw(['complete', shell])).stdout, /complete/);
  }
  assert.equal((await cw(['complete', 'tcsh'])).code, 2);
  const outside = await cwIn(home, home)(['complete', '--', 'task', 'show', '']);
  assert.deepEqual([outside.code, outside.stderr], [0, '']);
  assert.ok(existsSync(repo.root));
});

test('doctor says where an agent may be silent for longer than its limit, and is quiet where it may not', async (t) => {
  const limits = { silenceMs: 30_000 };
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT, config: { limits } });
  const { code, stdout } = await cw(['doctor']);
  assert.equal(code, 0);
  assert.match(
    stdout,
    /^warn {2}limits +limits\.silenceMs is 30s, and agents wait 1m for .*: each may be silent for 1m30s\n {6}Make /m,
  );
  assert.equal((await cw(['config', 'set', 'limits.silenceMs', '61000'])).code, 0);
  assert.doesNotMatch((await cw(['doctor'])).stdout, /limits\.silenceMs/);
});

test('doctor names each problem with its next step and fails only for real ones', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  const well = JSON.parse((await cw(['doctor', '--json'])).stdout);
  assert.equal(well.ok, true);
  const trees = well.checks.find(({ name }: { name: string }) => name === 'process trees');
  assert.match(
    trees.detail,
    process.platform === 'linux' ? /^guardian, child subreaper, / : /missing: child subreaper/,
  );
  writeFileSync(join(repo.root, 'roadmap.yaml'), 'tasks: [');
  const { code, stdout } = await cw(['doctor']);
  assert.equal(code, 1);
  assert.match(stdout, /^fail {2}roadmap +roadmap\.yaml:1:\d+: .+\n {6}\S/m);
  assert.match(stdout, /^ok {4}repository/m);
});
