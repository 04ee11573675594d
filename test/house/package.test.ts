import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { buildBundle } from '../../scripts/build.ts';
import { machineNode } from './machine-node.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const NODE = machineNode();

async function temporary(t: TestContext): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'cw-package-')));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function npm(cwd: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
  assert.equal(status, 0, `npm ${args.join(' ')}: ${stderr}`);
  return stdout;
}

test('S3-01 S2-01 the package installs as one program that runs on the Node of the machine', async (t) => {
  const directory = await temporary(t);
  // As `npm test` left it; scripts are off because rebuilding would pull the bundle from under other tests.
  if (!existsSync(join(ROOT, 'dist', 'cw.mjs'))) await buildBundle(ROOT, join(ROOT, 'dist'));
  const packed = npm(ROOT, 'pack', '--ignore-scripts', '--json', '--pack-destination', directory);
  const [report] = JSON.parse(packed) as [{ filename: string; files: { path: string }[] }];
  const prefix = join(directory, 'prefix');
  npm(
    directory,
    'install',
    '--global',
    '--prefix',
    prefix,
    '--prefer-offline',
    join(directory, report.filename),
  );

  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const cw = spawnSync(NODE, [join(prefix, 'bin', 'cw'), '--version'], { cwd: directory, encoding: 'utf8' });
  assert.equal(cw.stderr, '');
  assert.match(cw.stdout, new RegExp(`(^|\\s)${RegExp.escape(version)}\\s`));
  assert.equal(cw.status, 0);

  const beside = await readdir(join(prefix, 'lib', 'node_modules', 'codewalk', 'node_modules')).catch(
    () => [],
  );
  assert.deepEqual(
    beside.filter((name) => !name.startsWith('.') && !name.startsWith('node-')),
    [],
    'nothing but Node itself is fetched',
  );
});

test('the package holds the program, its licences and nothing of the workshop', () => {
  const packed = npm(ROOT, 'pack', '--ignore-scripts', '--dry-run', '--json');
  const [{ files }] = JSON.parse(packed) as [{ files: { path: string }[] }];
  const paths = files.map(({ path }) => path);
  for (const needed of ['bin/cw.mjs', 'LICENSE', 'README.md', 'CHANGELOG.md', 'package.json']) {
    assert.ok(paths.includes(needed), `${needed} is missing`);
  }
  const expected = /^(bin|dist|schema)\/|^(LICENSE|README\.md|CHANGELOG\.md|package\.json)$/;
  assert.deepEqual(
    paths.filter((path) => !expected.test(path)),
    [],
  );
});

test('packing builds first, and the program needs no package at run time', async () => {
  const manifest = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
    dependencies?: unknown;
  };
  assert.equal(manifest.scripts.prepack, manifest.scripts.build);
  assert.equal(manifest.dependencies, undefined);
});
