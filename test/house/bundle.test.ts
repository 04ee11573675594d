import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildBundle } from '../../scripts/build.ts';

const ROOT = join(import.meta.dirname, '..', '..');

async function project(t: TestContext, files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cw-bundle-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  await mkdir(join(root, 'src', 'main'), { recursive: true });
  for (const [path, text] of Object.entries(files)) await writeFile(join(root, path), text);
  return root;
}

test('what is imported late is a file of its own that the first path does not load', async (t) => {
  const root = await project(t, {
    'src/main/cw.ts':
      "console.log('started'); if (process.argv[2] === 'parse') console.log((await import('../late.ts')).one);",
    'src/late.ts': "import { parse } from 'yaml';\nexport const one: number = parse('a: 1').a;",
  });
  const packages = await buildBundle(root, join(root, 'dist'), ['cw.ts']);
  assert.deepEqual(packages, ['yaml']);
  const main = await readFile(join(root, 'dist', 'cw.mjs'), 'utf8');
  assert.doesNotMatch(main, /parseDocument/);
  const cw = (...args: readonly string[]): string =>
    spawnSync(process.execPath, [join(root, 'dist', 'cw.mjs'), ...args], { encoding: 'utf8' }).stdout;
  assert.equal(cw(), 'started\n');
  assert.equal(cw('parse'), 'started\n1\n');
});

test('every program of this project is in its bundle, where the others look for it, and no unused zod', async (t) => {
  const out = join(await project(t, { 'package.json': '{"version":"0.1.0"}' }), 'dist');
  await buildBundle(ROOT, out);
  const run = (file: string, ...args: readonly string[]): ReturnType<typeof spawnSync> =>
    spawnSync(process.execPath, [join(out, file), ...args], { encoding: 'utf8', input: '' });
  assert.equal(run('cw.mjs', '--help').status, 0);
  // It finds no task to act on, but it is there and its imports are.
  assert.doesNotMatch(String(run('demo/agent.mjs').stderr), /ERR_MODULE_NOT_FOUND|Cannot find module/);
  // What speaks ACP is for runs with such an agent only: nothing loads its file but a late import.
  const texts = await Promise.all(
    (await readdir(out))
      .filter((name) => name.endsWith('.mjs'))
      .map(async (name) => ({
        name,
        text: await readFile(join(out, name), 'utf8'),
      })),
  );
  const speaking = texts.filter(({ text }) => text.includes('ACP connection closed')).map(({ name }) => name);
  assert.equal(speaking.length, 1);
  for (const { text } of texts) assert.ok(!new RegExp(`from ?"\\./${speaking[0]}"`).test(text));
  // Zod's Dutch: one import of its `z` by name instead of all of zod as `z` brings every part of it along.
  for (const name of await readdir(out)) {
    if (name.endsWith('.mjs')) assert.doesNotMatch(await readFile(join(out, name), 'utf8'), /Ongeldige/);
  }
});

test('a command that a server answers loads neither zod, nor SQLite, nor what takes Node long to load', async (t) => {
  const out = join(await project(t, { 'package.json': '{"version":"0.1.0"}' }), 'dist');
  await buildBundle(ROOT, out);
  const names = await readdir(out);
  const loaded = new Set(
    ['cw', 'remote-project', 'with-fallback'].map(
      (stem) => names.find((name) => name === `${stem}.mjs` || name.startsWith(`${stem}-`)) ?? `no ${stem}`,
    ),
  );
  for (const name of loaded) {
    const text = await readFile(join(out, name), 'utf8');
    assert.doesNotMatch(
      text,
      /ZodError|from"node:(?:http|sqlite|crypto|child_process|v8|worker_threads)"/,
      name,
    );
    for (const [, next = ''] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) loaded.add(next);
  }
  assert.ok(loaded.size > 3);
});

test('the help text beside the bundle is what the program prints', async (t) => {
  const out = join(await project(t, { 'package.json': '{"version":"0.1.0"}' }), 'dist');
  await buildBundle(ROOT, out);
  const text = await readFile(join(out, 'help.txt'), 'utf8');
  assert.match(text, /^Usage: cw /);
  for (const args of [[], ['-h'], ['--help']]) {
    const { stdout, status } = spawnSync(process.execPath, [join(out, 'cw.mjs'), ...args], {
      encoding: 'utf8',
    });
    assert.deepEqual({ stdout, status }, { stdout: text, status: 0 });
  }
});

test('what every command needs is one file beside the program', async (t) => {
  const root = await project(t, {
    'src/main/cw.ts': "import { main } from './cli/main.ts';\nawait main();",
    'src/a.ts': "export const a = 'common a';",
    'src/b.ts': "export const b = 'common b';",
    'src/late1.ts': "import { a } from './a.ts';\nexport const one = () => a;",
    'src/late2.ts':
      "import { a } from './a.ts';\nimport { b } from './b.ts';\nexport const two = () => a + b;",
  });
  await mkdir(join(root, 'src', 'main', 'cli'));
  await writeFile(
    join(root, 'src', 'main', 'cli', 'main.ts'),
    `import { a } from '../../a.ts';
    import { b } from '../../b.ts';
    export async function main(): Promise<void> {
      const [{ one }, { two }] = [await import('../../late1.ts'), await import('../../late2.ts')];
      console.log(a, b, one(), two());
    }`,
  );
  await buildBundle(root, join(root, 'dist'), ['cw.ts']);
  const files = await readdir(join(root, 'dist'));
  assert.equal(files.length, ['THIRD_PARTY_LICENSES', 'cw.mjs', 'the common part', 'late1', 'late2'].length);
  const { stdout } = spawnSync(process.execPath, [join(root, 'dist', 'cw.mjs')], { encoding: 'utf8' });
  assert.equal(stdout, 'common a common b common a common acommon b\n');
});

test('nothing is built but what the program imports', async (t) => {
  const root = await project(t, {
    'src/main/cw.ts': "import { part } from './part.ts';\nconsole.log(part);",
    'src/main/part.ts': "export const part = 'part';",
    'src/main/testing.ts': "console.log('for tests only');",
  });
  await buildBundle(root, join(root, 'dist'), ['cw.ts']);
  assert.deepEqual((await readdir(join(root, 'dist'))).sort(), ['THIRD_PARTY_LICENSES', 'cw.mjs']);
});

test('the licence of every bundled package is in the bundle', async (t) => {
  const root = await project(t, {
    'src/main/cw.ts':
      "import { z } from 'zod'; import { parse } from 'yaml'; console.log(z.string(), parse);",
  });
  await buildBundle(root, join(root, 'dist'), ['cw.ts']);
  const text = await readFile(join(root, 'dist', 'THIRD_PARTY_LICENSES'), 'utf8');
  assert.deepEqual(text.match(/^── .*$/gm), ['── yaml 2.9.1 (ISC)', '── zod 4.6.7 (MIT)']);
  assert.match(text, /Permission to use, copy, modify, and\/or distribute/);
  assert.match(text, /Copyright \(c\) 2025 Colin McDonnell/);
});

test('a bundle that fails leaves the old one in place', async (t) => {
  const root = await project(t, { 'src/main/cw.ts': "console.log('old');" });
  await buildBundle(root, join(root, 'dist'), ['cw.ts']);
  await writeFile(join(root, 'src', 'main', 'cw.ts'), "import './gone.ts';");
  await assert.rejects(buildBundle(root, join(root, 'dist'), ['cw.ts']));
  const { stdout } = spawnSync(process.execPath, [join(root, 'dist', 'cw.mjs')], { encoding: 'utf8' });
  assert.equal(stdout, 'old\n');
  assert.deepEqual((await readdir(root)).sort(), ['dist', 'node_modules', 'src']);
});
