import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isAlive, ownIdentity } from '../../src/adapters/process/identity.ts';
import { PortBlocks } from '../../src/adapters/provision/ports.ts';
import { LocalProvisioner } from '../../src/adapters/provision/provisioner.ts';
import { SeedStore } from '../../src/adapters/provision/seed-store.ts';
import type { Config } from '../../src/core/config/schema.ts';
import { CodewalkError, UsageError } from '../../src/core/errors.ts';
import { objectId, taskId } from '../../src/core/ids.ts';
import { commandRunner } from '../support/command-runner.ts';
import { noSandboxes } from '../support/plain-worktrees.ts';

/** What `npm ci` would do, and a trace of each run in a place of its own. */
const INSTALL = `mkdir -p node_modules/left node_modules/.bin && cp lock node_modules/left/index.js &&
ln -s ../left/index.js node_modules/.bin/left && touch -d 2020-01-01 node_modules/left/index.js && echo ran >> "$RUNS"`;
const SEEDS = [{ lockfile: 'lock', paths: ['node_modules'] }];

interface Rig {
  readonly dir: string;
  /** Makes a worktree ready, as a task's attempt would. */
  prepare(
    name: string,
    options?: { signal?: AbortSignal },
  ): Promise<{
    env: Readonly<Record<string, string>>;
    seeded: readonly string[];
    done: () => PromiseLike<void>;
  }>;
  worktree(name: string, lock?: string): string;
  giveBack(name: string): Promise<void>;
  runs(): number;
  readonly lines: string[];
  readonly warnings: string[];
}

function makeRig(
  t: TestContext,
  settings: Partial<Config['worktrees']>,
  options: { notIgnored?: readonly string[]; dir?: string } = {},
): Rig {
  const dir = options.dir ?? mkdtempSync(join(tmpdir(), 'cw-provision-'));
  if (options.dir === undefined) t.after(() => rmSync(dir, { recursive: true, force: true }));
  const [lines, warnings]: [string[], string[]] = [[], []];
  const recordsOf = (name: string) => join(dir, 'records', name);
  const ports = { from: 43_000, perTask: 2 };
  const provisioner = new LocalProvisioner({
    settings: { setup: [INSTALL], setupTimeoutMs: 60_000, seeds: [], ports, keepDays: 7, ...settings },
    commands: commandRunner(),
    sandboxes: noSandboxes,
    ports: new PortBlocks({ ...ports, directory: join(dir, 'ports'), self: ownIdentity(), isAlive }),
    seeds: new SeedStore(join(dir, 'seeds'), { mostSpares: 2 }),
    recordsOf: ({ task }) => recordsOf(task),
    notIgnored: async () => options.notIgnored ?? [],
    warn: (message) => warnings.push(message),
  });
  return {
    dir,
    lines,
    warnings,
    worktree(name, lock = 'one') {
      const path = join(dir, 'worktrees', name);
      for (const each of [path, recordsOf(name)]) mkdirSync(each, { recursive: true });
      writeFileSync(join(path, 'lock'), lock);
      return path;
    },
    async prepare(name, { signal = new AbortController().signal } = {}) {
      const provision = await provisioner.prepare({
        workspace: {
          task: taskId.parse(name),
          path: join(dir, 'worktrees', name),
          branch: `cw/${name}`,
          base: objectId.parse('0'.repeat(40)),
          reused: false,
        },
        env: { PATH: process.env['PATH'] ?? '', RUNS: join(dir, 'runs') },
        signal,
        onLine: (line) => lines.push(line),
      });
      return { ...provision, done: () => provision[Symbol.asyncDispose]() };
    },
    giveBack: (name) => provisioner.giveBack(join(dir, 'worktrees', name), recordsOf(name)),
    runs: () =>
      existsSync(join(dir, 'runs')) ? readFileSync(join(dir, 'runs'), 'utf8').trim().split('\n').length : 0,
  };
}

const installed = (worktree: string) => join(worktree, 'node_modules/left/index.js');

/** A copy is born later than what it was copied from; what was renamed is not. */
const bornAt = (worktree: string) => statSync(installed(worktree), { bigint: true }).birthtimeNs;

/** Changes a file so that only the kernel's own time of change tells, once that clock has moved on. */
function changeUnseen(path: string, text: string): void {
  const before = statSync(path, { bigint: true });
  do {
    writeFileSync(path, text);
    utimesSync(path, Number(before.atimeNs) / 1e9, Number(before.mtimeNs) / 1e9);
  } while (statSync(path, { bigint: true }).ctimeNs === before.ctimeNs);
}

test('setup runs once in a worktree, and again when its commands or its lockfile have changed', async (t) => {
  const rig = makeRig(t, {});
  const path = rig.worktree('one');
  await (await rig.prepare('one')).done();
  assert.equal(readFileSync(installed(path), 'utf8'), 'one');
  assert.match(rig.lines.join('\n'), /^\$ mkdir/);
  await (await rig.prepare('one')).done();
  assert.equal(rig.runs(), 1);
  const other = makeRig(t, { setup: ['echo other >> "$RUNS"'] }, { dir: rig.dir });
  await (await other.prepare('one')).done();
  assert.equal(rig.runs(), 2);

  const seeded = makeRig(t, { setup: ['echo again >> "$RUNS"'], seeds: SEEDS }, { dir: rig.dir });
  await (await seeded.prepare('one')).done();
  rig.worktree('one', 'two');
  await (await seeded.prepare('one')).done();
  assert.equal(rig.runs(), 4);
});

test('a later worktree with the same lockfile is seeded, and setup does not run', async (t) => {
  const rig = makeRig(t, { seeds: SEEDS });
  rig.worktree('one');
  await (await rig.prepare('one')).done();
  const second = rig.worktree('two');
  const { seeded, done } = await rig.prepare('two');
  await done();
  assert.deepEqual(seeded, ['node_modules']);
  assert.equal(rig.runs(), 1);
  assert.equal(readFileSync(join(second, 'node_modules/.bin/left'), 'utf8'), 'one');
  assert.equal(
    statSync(installed(second)).mtimeMs,
    statSync(installed(join(rig.dir, 'worktrees/one'))).mtimeMs,
  );
  const third = rig.worktree('three', 'another lockfile');
  await (await rig.prepare('three')).done();
  assert.equal(rig.runs(), 2);
  assert.equal(readFileSync(installed(third), 'utf8'), 'another lockfile');
});

test('worktrees that begin at once wait for the first setup instead of running it each', async (t) => {
  const rig = makeRig(t, { seeds: SEEDS });
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) rig.worktree(name);
  const provisions = await Promise.all(names.map((name) => rig.prepare(name)));
  assert.equal(rig.runs(), 1);
  assert.equal(new Set(provisions.map(({ env }) => env['CW_PORT_BASE'])).size, names.length);
  for (const { done } of provisions) await done();
});

test('what a task writes into its dependencies reaches neither the seed nor another worktree', async (t) => {
  const rig = makeRig(t, { seeds: SEEDS });
  for (const name of ['one', 'two']) {
    const path = rig.worktree(name);
    await (await rig.prepare(name)).done();
    changeUnseen(installed(path), 'two');
    await rig.giveBack(name);
  }
  const third = rig.worktree('three');
  await (await rig.prepare('three')).done();
  assert.equal(readFileSync(installed(third), 'utf8'), 'one');
  assert.equal(rig.runs(), 1);
});

test('dependencies that a task left untouched go to the next one as they are', async (t) => {
  const rig = makeRig(t, { seeds: SEEDS });
  rig.worktree('one');
  await (await rig.prepare('one')).done();
  const second = rig.worktree('two');
  await (await rig.prepare('two')).done();
  const born = bornAt(second);
  await rig.giveBack('two');
  assert.equal(existsSync(join(second, 'node_modules')), false);
  const third = rig.worktree('three');
  await (await rig.prepare('three')).done();
  assert.equal(bornAt(third), born);
  // The same once more: the record that came along still holds.
  await rig.giveBack('three');
  const fourth = rig.worktree('four');
  await (await rig.prepare('four')).done();
  assert.equal(bornAt(fourth), born);
});

test('a seed whose links lead out of the worktree is not kept', async (t) => {
  const links: [string, boolean][] = [
    ['/etc/passwd', false],
    ['../../elsewhere', false],
    ['../.git/config', false],
    ['../packages/shared', true],
    ['left/index.js', true],
  ];
  for (const [target, kept] of links) {
    const rig = makeRig(t, {
      setup: ['mkdir node_modules', `ln -s ${target} node_modules/link`],
      seeds: SEEDS,
    });
    rig.worktree('one');
    await (await rig.prepare('one')).done();
    rig.worktree('two');
    const { seeded, done } = await rig.prepare('two');
    await done();
    assert.equal(seeded.length === 1, kept, target);
    if (!kept)
      assert.match(rig.lines.join('\n'), /Not kept .*link is a link to .*, which is outside/, target);
  }
});

test('a seed is not put through a link that the repository holds', async (t) => {
  const nested = [{ lockfile: 'lock', paths: ['packages/node_modules'] }];
  const setup = ['mkdir -p packages/node_modules'];
  const rig = makeRig(t, { setup, seeds: nested });
  rig.worktree('one');
  await (await rig.prepare('one')).done();
  const path = rig.worktree('two');
  const outside = join(rig.dir, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(path, 'packages'));
  await assert.rejects(rig.prepare('two'), /through a link/);
  assert.deepEqual(readdirSync(outside), []);
});

test('a seed that was changed, cut short or never finished is not used', async (t) => {
  const harms: ((master: string) => void)[] = [
    (master) => changeUnseen(join(master, '0/left/index.js'), 'two'),
    (master) => writeFileSync(join(master, '0/more.js'), 'more'),
    (master) => rmSync(join(master, '0/left'), { recursive: true }),
    (master) => rmSync(join(master, 'seed.json')),
    (master) => writeFileSync(join(master, 'seed.json'), '{"paths":'),
  ];
  for (const harm of harms) {
    const rig = makeRig(t, { seeds: SEEDS });
    rig.worktree('one');
    await (await rig.prepare('one')).done();
    const [key = ''] = readdirSync(join(rig.dir, 'seeds'));
    harm(join(rig.dir, 'seeds', key, 'master'));
    const second = rig.worktree('two');
    const { seeded, done } = await rig.prepare('two');
    await done();
    assert.deepEqual(seeded, [], String(harm));
    assert.equal(rig.runs(), 2, String(harm));
    assert.equal(readFileSync(installed(second), 'utf8'), 'one');
  }
});

test('two orchestrators at once make one seed and both get what they need', async (t) => {
  const first = makeRig(t, { seeds: SEEDS });
  const second = makeRig(t, { seeds: SEEDS }, { dir: first.dir });
  for (const name of ['a', 'b']) first.worktree(name);
  const provisions = await Promise.all([first.prepare('a'), second.prepare('b')]);
  for (const { done } of provisions) await done();
  const [key = '', ...more] = readdirSync(join(first.dir, 'seeds'));
  assert.deepEqual(more, []);
  assert.deepEqual(readdirSync(join(first.dir, 'seeds', key)), ['master']);
});

test('a setup that fails says which command, how it ended and what it said; the warning comes once', async (t) => {
  const rig = makeRig(t, {
    setup: ['true', 'echo no such registry >&2; exit 7', 'echo ran >> "$RUNS"'],
    seeds: SEEDS,
  });
  for (const name of ['one', 'two']) {
    rig.worktree(name);
    await assert.rejects(rig.prepare(name), (error) => {
      assert.ok(error instanceof CodewalkError);
      assert.equal(error.code, 'SETUP_FAILED');
      assert.match(error.message, /exit 7` exited with 7: no such registry$/);
      assert.match(error.advice ?? '', /worktrees\.setup/);
      return true;
    });
  }
  assert.equal(rig.runs(), 0);
  assert.equal(rig.warnings.length, 1);
  assert.deepEqual(readdirSync(join(rig.dir, 'ports')), []);
});

test('a setup that takes too long is stopped and named', async (t) => {
  const rig = makeRig(t, { setup: ['sleep 600'], setupTimeoutMs: 50 });
  rig.worktree('one');
  await assert.rejects(rig.prepare('one'), /`sleep 600` took over 50 ms/);
});

test('seeds outside of the worktree or in its git directory are refused by the name of their key', (t) => {
  for (const path of ['../up', '/etc', '.', '.git/hooks', 'a/../../b', '.GIT']) {
    assert.throws(
      () => makeRig(t, { seeds: [{ lockfile: 'lock', paths: ['ok', path] }] }),
      (error) => error instanceof UsageError && /worktrees\.seeds\[0\]\.paths\[1\]/.test(error.message),
      path,
    );
  }
});

test('a seed that git would commit is refused', async (t) => {
  const rig = makeRig(t, { seeds: SEEDS }, { notIgnored: ['node_modules'] });
  rig.worktree('one');
  await assert.rejects(rig.prepare('one'), { code: 'SEED_NOT_IGNORED' });
  assert.equal(existsSync(join(dirname(rig.dir), 'node_modules')), false);
});
