import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..', '..');
const FIXTURES = join(ROOT, 'test', 'fixtures', 'violations');

function run(
  cwd: string,
  script: string,
  ...args: readonly string[]
): { status: number | null; output: string } {
  const path = join(ROOT, 'node_modules', script);
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args], { cwd, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** A copy of the fixture outside the repository, with our own Biome rules: inside, Biome passes over fixtures. */
async function biomeProject(t: TestContext, fixture: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-house-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  await cp(join(FIXTURES, fixture), directory, { recursive: true });
  const config = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8')) as Record<string, unknown>;
  const { $schema: _schema, vcs: _vcs, files: _files, ...rules } = config;
  await writeFile(join(directory, 'biome.json'), JSON.stringify(rules));
  return directory;
}

for (const rule of await readdir(join(FIXTURES, 'lint'))) {
  test(`lint goes red for ${rule} and for nothing else`, async (t) => {
    const cwd = await biomeProject(t, join('lint', rule));
    const { status, output } = run(cwd, '@biomejs/biome/bin/biome', 'lint', '--reporter=json', '.');
    assert.notEqual(status, 0, output);
    const rules = [...output.matchAll(/"category":\s*"lint\/\w+\/(\w+)"/g)].map(([, name]) => name);
    assert.deepEqual([...new Set(rules)], [rule]);
  });
}

test('format goes red for a file that is not formatted', async (t) => {
  const cwd = await biomeProject(t, 'format');
  const { status, output } = run(cwd, '@biomejs/biome/bin/biome', 'format', '.');
  assert.equal(status, 1, output);
  assert.match(output, /plan\.ts format/);
});

test('types goes red for a wrong type and for an element that may be missing', () => {
  const { status, output } = run(FIXTURES, 'typescript-7/bin/tsc', '--noEmit', '-p', 'types');
  assert.notEqual(status, 0);
  assert.deepEqual(output.match(/plan\.ts\(\d+,\d+\): error TS\d+/g), [
    'plan.ts(1,43): error TS2322',
    'plan.ts(2,14): error TS2322',
  ]);
});

function knip(fixture: string, ...args: readonly string[]): ReturnType<typeof run> {
  const config = join(ROOT, 'knip.json');
  return run(join(FIXTURES, fixture), 'knip/bin/knip.js', '--no-config-hints', '--config', config, ...args);
}

test('unused goes red for an export that nobody imports', () => {
  const { status, output } = knip('unused');
  assert.equal(status, 1, output);
  assert.match(output, /nobodyUsesThis/);
  assert.doesNotMatch(output, /\bused\b.*plan\.ts/);
});

test('unused goes red in production mode only for an export that only a test imports', () => {
  assert.equal(knip('unused-production').status, 0);
  const { status, output } = knip('unused-production', '--production');
  assert.equal(status, 1, output);
  assert.match(output, /onlyItsTestUsesThis/);
});
