import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeRepo, plainGit } from '../support/repo.ts';
import { cwIn, makeHome, makeProject, type Result, SCRIPTED_AGENT } from './rig.ts';

const ROADMAP = 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: do a\n';

function emptyDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cw-dir-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** One line that says what is wrong and one that says what to do; no stack, nothing on standard output. */
function assertRefused(result: Result, says: RegExp, code = 2): void {
  assert.equal(result.stdout, '');
  assert.match(result.stderr, says);
  assert.match(result.stderr, /^error: .+/);
  assert.match(result.stderr, /^help: .+/m);
  assert.doesNotMatch(result.stderr, /\n\s+at .+:\d+/);
  assert.equal(result.code, code);
}

test('a directory outside of any repository is refused with what to do', async (t) => {
  const cw = cwIn(emptyDirectory(t), makeHome(t));
  for (const args of [['status'], ['run'], ['task', 'list'], ['init']]) {
    assertRefused(await cw(args), /is not in a git repository/);
  }
});

test('a directory that does not exist is refused', async (t) => {
  const cw = cwIn(emptyDirectory(t), makeHome(t));
  assertRefused(await cw(['-C', 'nowhere', 'status']), /does not exist/);
});

test('a repository without a commit, and a bare one, are refused by run', async (t) => {
  const unborn = emptyDirectory(t);
  plainGit(unborn, 'init', '--quiet');
  writeFileSync(join(unborn, 'roadmap.yaml'), ROADMAP);
  assertRefused(await cwIn(unborn, makeHome(t))(['run']), /has no commit yet/);
  const bare = emptyDirectory(t);
  plainGit(bare, 'init', '--quiet', '--bare');
  assertRefused(await cwIn(bare, makeHome(t))(['run']), /bare repository/);
});

test('a missing, an empty and a broken roadmap are each named with the place of the fault', async (t) => {
  await using repo = await makeRepo();
  const cw = cwIn(repo.root, makeHome(t));
  assertRefused(await cw(['run']), /There is no roadmap at roadmap\.yaml/);
  repo.write('roadmap.yaml', '');
  assertRefused(await cw(['run']), /roadmap\.yaml:1:1/);
  repo.write('roadmap.yaml', 'tasks:\n  - id: a\n    title: A\n    prompt: x\n    depends_on: [b]\n');
  assertRefused(await cw(['run']), /roadmap\.yaml:5:\d+: .*b/);
  assertRefused(await cw(['roadmap', 'check']), /roadmap\.yaml:5:\d+/);
});

test('S3-22 a dependency cycle is refused before anything starts', async (t) => {
  await using repo = await makeRepo();
  const task = (id: string, needs: string) =>
    `  - { id: ${id}, title: ${id}, prompt: x, depends_on: [${needs}] }\n`;
  repo.write('roadmap.yaml', `tasks:\n${task('a', 'b')}${task('b', 'a')}`);
  assertRefused(await cwIn(repo.root, makeHome(t))(['run']), /a → b → a/);
});

test('a config with an unknown key or of the wrong kind is refused with the nearest key', async (t) => {
  await using repo = await makeRepo();
  const cw = cwIn(repo.root, makeHome(t));
  repo.write('.codewalk/config.json', '{ "maxAgens": 2 }');
  const result = await cw(['status']);
  assertRefused(result, /config\.json:1:3: .*maxAgens/);
  assert.match(result.stderr, /help: .*maxAgents/);
  rmSync(join(repo.root, '.codewalk'), { recursive: true });
  mkdirSync(join(repo.root, '.codewalk', 'config.json'), { recursive: true });
  assertRefused(await cw(['status']), /config\.json/);
});

test('state that cannot be written is one clear error', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  // A file in the place of the directory stops everybody, also a user who may write everywhere.
  repo.write('.codewalk/state', 'in the way');
  const result = await cw(['status']);
  assert.match(result.stderr, /^error: .*\.codewalk\/state/);
  assert.match(result.stderr, /^help: /m);
  assert.doesNotMatch(result.stderr, /unexpected/);
  assert.equal(result.code, 1);
});

test('words that cannot be task ids are refused and never reach git or the disk', async (t) => {
  const { cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  for (const id of ['../x', '/etc/passwd', 'a b', '.git', 'x'.repeat(65), '']) {
    assertRefused(await cw(['task', 'show', '--', id]), /is not a task id/);
  }
  for (const command of ['diff', 'logs', 'cancel', 'retry']) {
    assertRefused(await cw(['task', command, '../x']), /is not a task id/);
  }
  assertRefused(await cw(['events', '--task', '../x']), /is not a task id/);
  assertRefused(
    await cw(['events', '--type', 'task.dnoe']),
    /no type of event\nhelp: did you mean task\.done\?/,
  );
  assertRefused(await cw(['task', 'show', '--output=x']), /unknown option '--output=x'/);
  assertRefused(await cw(['task', 'show', '--', '--output=x']), /is not a task id/);
  assertRefused(await cw(['task', 'show', 'b']), /there is no task "b"/);
});

test('a task that names no agent of the config is refused before it starts', async (t) => {
  const roadmap = `${ROADMAP}    agent: codr\n`;
  const { cw } = await makeProject(t, { roadmap, agent: SCRIPTED_AGENT });
  assertRefused(await cw(['run']), /codr/);
  const { stdout } = await cw(['status', '--json']);
  assert.equal(JSON.parse(stdout).tasks[0].attempts, 0);
});

test('a prompt of 1 MB is refused from the words, standard input and a file alike', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  const long = 'x'.repeat(1_048_576);
  assertRefused(
    await cw(['task', 'add', 'Long', '--prompt', '-'], { input: long }),
    /longer than 262144 bytes/,
  );
  repo.write('long.txt', long);
  assertRefused(await cw(['task', 'add', 'Long', '--prompt-file', 'long.txt']), /at most 262144/);
  assertRefused(await cw(['task', 'add', 'Long', '--prompt', '   ']), /the prompt is empty/);
  assertRefused(await cw(['task', 'add', 'Long', '--prompt-file', 'none.txt']), /not a file/);
});

test('usage errors exit with 2 and name the command or option that was meant', async (t) => {
  const cw = cwIn(emptyDirectory(t), makeHome(t));
  assertRefused(await cw(['stauts']), /unknown command 'stauts'\nhelp: did you mean status\?/);
  assertRefused(await cw(['run', '--max-agents', 'many']), /whole number/);
  assertRefused(await cw(['task', 'add']), /missing required argument 'title'/);
});

test('with --json an error is one JSON object on standard error', async (t) => {
  const cw = cwIn(emptyDirectory(t), makeHome(t));
  const { code, stdout, stderr } = await cw(['status', '--json']);
  assert.deepEqual([code, stdout], [2, '']);
  const { error } = JSON.parse(stderr);
  assert.deepEqual([error.code, error.exitCode], ['NOT_A_REPOSITORY', 2]);
});
