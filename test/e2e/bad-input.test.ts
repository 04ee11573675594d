import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { plainGit } from '../support/repo.ts';
import { fingerprint } from './fingerprint.ts';
import { type E2eProject, makeProject, type ProjectOptions } from './project.ts';

const ONE = { version: 1, tasks: [{ id: 'one', prompt: 'x' }] };

function directory(t: TestContext): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'cw-bad-')));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** One message of two lines, perhaps with the place in the file between them, and no harm done. */
async function assertRefused(
  project: E2eProject,
  expected: { code: number; error: RegExp; help: RegExp; args?: readonly string[]; cwd?: string },
): Promise<void> {
  const before = fingerprint(project);
  const { args = ['run'], cwd = project.repo.root } = expected;
  const { code, stdout, stderr } = await project.cw(args, { cwd });
  assert.equal(code, expected.code, stderr);
  assert.equal(stdout, '');
  const lines = stderr.trimEnd().split('\n');
  const excerpt = lines.slice(1, -1);
  assert.ok(
    excerpt.every((line) => line.startsWith('  ')),
    stderr,
  );
  assert.match(lines[0] ?? '', expected.error);
  assert.match(lines.at(-1) ?? '', expected.help);
  assert.doesNotMatch(stderr, /unexpected|\n {4}at /);
  assert.deepEqual(fingerprint(project), before);
  assert.equal(project.repo.git('for-each-ref', '--format=%(refname)'), 'refs/heads/main');
  assert.equal(project.starts().length, 0);
}

test('without a repository cw run says how to make one', async (t) => {
  await using project = await makeProject();
  await assertRefused(project, {
    cwd: directory(t),
    code: 2,
    error: /^error: .* is not in a git repository$/,
    help: /^help: .*git init/,
  });
});

test('a repository without a commit is refused', async (t) => {
  await using project = await makeProject();
  const cwd = directory(t);
  plainGit(cwd, 'init', '--quiet');
  writeFileSync(join(cwd, 'roadmap.yaml'), JSON.stringify(ONE));
  await assertRefused(project, {
    cwd,
    code: 2,
    error: /^error: The repository .* has no commit yet/,
    help: /^help: .*git commit --allow-empty/,
  });
});

test('a bare repository is refused', async (t) => {
  await using project = await makeProject();
  const cwd = directory(t);
  plainGit(cwd, 'init', '--quiet', '--bare');
  await assertRefused(project, {
    cwd,
    code: 2,
    error: /^error: .* is in a bare repository/,
    help: /^help: Clone it/,
  });
});

const withAgent = (agent: string): object => ({ version: 1, tasks: [{ id: 'one', prompt: 'x', agent }] });
const withId = (id: string): object => ({ version: 1, tasks: [{ id, prompt: 'x' }] });

const REFUSED: Readonly<
  Record<string, { project: ProjectOptions; error: RegExp; help: RegExp; prepare?: (root: string) => void }>
> = {
  'no roadmap': { project: {}, error: /^error: There is no roadmap at roadmap\.yaml/, help: /cw init/ },
  'an empty roadmap': {
    project: { roadmap: '' },
    error: /^error: roadmap\.yaml:1:1: The file is empty/,
    help: /cw init/,
  },
  'a roadmap without tasks': {
    project: { roadmap: { version: 1, tasks: [] } },
    error: /^error: roadmap\.yaml:2:1: The roadmap has no tasks/,
    help: /cw task add/,
  },
  'a roadmap that is no YAML': {
    project: { roadmap: 'tasks:\n  - id: one\n prompt: [' },
    error: /^error: roadmap\.yaml:3:\d+: /,
    help: /^help: /,
  },
  'an unknown agent': {
    project: { roadmap: withAgent('codr') },
    error: /^error: Task one names agent "codr"/,
    help: /coder/,
  },
  'an unknown provider': {
    project: { roadmap: ONE, config: { agents: { coder: { provider: 'nobody' } } } },
    error: /^error: .*config\.json:\d+:\d+: agents\.coder\.provider names the provider "nobody"/,
    help: /scripted/,
  },
  'a CLI that is not on PATH': {
    project: {
      roadmap: ONE,
      config: { providers: { scripted: { type: 'command', command: 'no-such-cli' } } },
    },
    error: /^error: The agent "coder" needs the provider "scripted", but no-such-cli was not found on PATH/,
    help: /providers\.scripted\.command/,
  },
  'no agent CLI at all': {
    project: { roadmap: ONE },
    prepare: (root) => writeFileSync(join(root, '.codewalk', 'config.json'), '{}'),
    error: /^error: No agent CLI was found on PATH/,
    help: /claude, codex, goose/,
  },
  'a config that is no JSON': {
    project: { roadmap: ONE },
    prepare: (root) => writeFileSync(join(root, '.codewalk', 'config.json'), '{"maxAgents": 4,\n "x": '),
    error: /^error: .*config\.json:2:\d+: This is not JSON/,
    help: /^help: /,
  },
  'a config of other bytes': {
    project: { roadmap: ONE },
    prepare: (root) =>
      writeFileSync(join(root, '.codewalk', 'config.json'), Buffer.from([0xff, 0xfe, 0x00, 0x80])),
    error: /^error: The config .*config\.json cannot be read: it is not UTF-8/,
    help: /^help: /,
  },
  'a config that is a directory': {
    project: { roadmap: ONE },
    prepare(root) {
      rmSync(join(root, '.codewalk', 'config.json'));
      mkdirSync(join(root, '.codewalk', 'config.json'));
    },
    error: /^error: The config .*config\.json cannot be read: it is a directory/,
    help: /^help: /,
  },
  'an id that looks like an option': {
    project: { roadmap: withId('--output=x') },
    error: /^error: roadmap\.yaml:3:9: "--output=x" cannot be an id/,
    help: /For example: output-x$/,
  },
  'an id that leads out of the directory': {
    project: { roadmap: withId('../x') },
    error: /^error: roadmap\.yaml:3:9: "\.\.\/x" cannot be an id/,
    help: /For example: x$/,
  },
};

for (const [name, { project: options, error, help, prepare }] of Object.entries(REFUSED)) {
  test(`cw run refuses ${name} with one message and starts nothing`, async () => {
    await using project = await makeProject(options);
    prepare?.(project.repo.root);
    await assertRefused(project, { code: 2, error, help });
  });
}

test('arguments that are no task ids are refused by every command that takes one', async () => {
  await using project = await makeProject({ roadmap: ONE });
  for (const command of ['show', 'diff', 'logs', 'retry', 'cancel']) {
    await assertRefused(project, {
      args: ['task', command, '../x'],
      code: 2,
      error: /^error: "\.\.\/x" is not a task id/,
      help: /^help: ids begin/,
    });
  }
  await assertRefused(project, {
    args: ['task', 'show', '--', '--output=x'],
    code: 2,
    error: /^error: "--output=x" is not a task id/,
    help: /^help: ids begin/,
  });
});

test('a file in the place of the state directory is one clear message', async () => {
  await using project = await makeProject({ roadmap: ONE });
  project.repo.write('.codewalk/state', 'mine');
  await assertRefused(project, {
    code: 1,
    error: /^error: Cannot make the directory of the database, .*state/,
    help: /^help: /,
  });
});

test('a damaged database is said to be one and is left as it is', async () => {
  await using project = await makeProject({ roadmap: ONE });
  project.repo.write('.codewalk/state/codewalk.db', 'no database\n'.repeat(500));
  await assertRefused(project, { code: 1, error: /codewalk\.db is damaged/, help: /backup/ });
});

function mount(program: 'mount' | 'umount', ...args: readonly string[]): void {
  execFileSync(program, args);
}

const mayMount = process.platform === 'linux' && process.getuid?.() === 0;

test('a state directory on a read-only disk is one clear message, and the run works once it can be written', {
  skip: mayMount ? false : 'only root on Linux may mount',
}, async () => {
  await using project = await makeProject({ roadmap: ONE });
  const state = join(project.repo.root, '.codewalk', 'state');
  mkdirSync(state);
  mount('mount', '--bind', state, state);
  try {
    mount('mount', '-o', 'remount,ro,bind', state);
    await assertRefused(project, {
      code: 1,
      error: /^error: .*cannot be written/,
      help: /^help: .*writable/,
    });
  } finally {
    mount('umount', state);
  }
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stderr);
});

test('a roadmap that breaks between two runs stops nothing that is done, and the mended one goes on', async () => {
  const two = {
    version: 1,
    tasks: [
      { id: 'one', prompt: 'x' },
      { id: 'two', prompt: 'x', depends_on: ['one'] },
    ],
  };
  await using project = await makeProject({ roadmap: ONE });
  assert.equal((await project.cw(['run'])).code, 0);
  project.roadmap({ version: 1, tasks: [{ id: 'two', prompt: 'x', depends_on: ['on'] }] });
  const refused = await project.cw(['run']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^error: roadmap\.yaml:\d+:\d+: .*"on"/);
  assert.equal((await project.tasks())['one']?.state, 'done');
  project.roadmap(two);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stderr);
  assert.equal(project.starts('one').length, 1);
  assert.equal(project.starts('two').length, 1);
});
