import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';

const SCRIPTS = join(import.meta.dirname, '..', '..', 'scripts');

async function project(t: TestContext, files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cw-runner-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

function run(
  cwd: string,
  script: string,
  ...args: readonly string[]
): { status: number | null; output: string } {
  // Node's runner refuses to start inside a test, which it knows by this variable.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(SCRIPTS, script), ...args], {
    cwd,
    env,
    encoding: 'utf8',
  });
  return { status, output: stdout + stderr };
}

const head = "import { test } from 'node:test';\n";

test('npm test ends with the counts and the slowest files, and exits with 0 when all pass', async (t) => {
  const root = await project(t, {
    'src/a.test.ts': `${head}test('one', () => {}); test('two', () => {});`,
    'scripts/b.test.ts': `${head}test('threeSlow', () => {});`,
    'test/fixtures/violations/c.test.ts': `${head}test('never', () => { throw new Error(); });`,
  });
  const { status, output } = run(root, 'test.ts', '--fast');
  assert.equal(status, 0, output);
  assert.match(output, /\n# tests 3\n# pass 3\n# fail 0\n# cancelled 0\n# skipped 0\n# todo 0\n$/);
  assert.match(output, /Slowest files:\n +\d+\.\d s {2}\S+\n +\d+\.\d s {2}\S+\n/);
});

test('npm test waits for the files that it started, however long ago a module of theirs was heard of', async (t) => {
  const threeSlow = [
    "import { spawn } from 'node:child_process';",
    "import { once } from 'node:events';",
    "import { test } from 'node:test';",
    "test('slow', () => once(spawn('sleep', ['0.9']), 'exit'));",
  ].join('\n');
  const slow = threeSlow.split('\n').at(-1);
  const root = await project(t, {
    'src/a.test.ts': "import './shared.ts';",
    'src/shared.ts': "import { test } from 'node:test'; test('one', () => {});",
    'src/b.test.ts': [threeSlow, slow, slow].join('\n'),
  });
  const { status, output } = run(root, 'test.ts', '--fast', '--timeout-ms', '1600');
  assert.equal(status, 0, output);
  assert.match(output, /\n# tests 4\n# pass 4\n/);
});

test('npm test fails for a test that fails, a file that breaks, and when there are no tests', async (t) => {
  const failing = await project(t, {
    'src/a.test.ts': `${head}test('one', () => { throw new Error('no'); });`,
  });
  const failed = run(failing, 'test.ts', '--fast');
  assert.equal(failed.status, 1);
  assert.match(failed.output, /\n# pass 0\n# fail 1\n/);

  const broken = await project(t, { 'src/a.test.ts': "import './gone.ts';" });
  assert.equal(run(broken, 'test.ts', '--fast').status, 1);

  const empty = await project(t, { 'src/a.ts': 'export {};' });
  assert.equal(run(empty, 'test.ts', '--fast').status, 1);
});

test('npm test names the file that never ends, and fails', async (t) => {
  const root = await project(t, {
    'src/open.test.ts': `${head}test('one', () => { setInterval(() => {}, 1000); });`,
    'src/fine.test.ts': `${head}test('two', () => {});`,
  });
  const { status, output } = run(root, 'test.ts', '--fast', '--timeout-ms=1000');
  assert.equal(status, 1);
  assert.match(output, /still open:\n {2}src\/open\.test\.ts\n\n/);
  assert.match(output, /\n# pass 2\n/);
});

test('npm test says what tests leave in the temporary directory, and removes it', async (t) => {
  const root = await project(t, {
    'src/a.test.ts': `${head}import { mkdtempSync } from 'node:fs'; import { tmpdir } from 'node:os';
      test('one', () => { console.log('made ' + mkdtempSync(tmpdir() + '/mess-')); });`,
  });
  const { output } = run(root, 'test.ts', '--fast');
  const made = /made (.*mess-\w+)/.exec(output)?.[1] ?? '';
  assert.match(output, /\nLeft behind by tests and removed: mess-\w+\n/);
  assert.ok(made !== '' && !existsSync(made));
});

test('npm run test:fast leaves out what crosses a boundary', async (t) => {
  const root = await project(t, {
    'src/a.test.ts': `${head}test('one', () => {});`,
    'test/e2e/b.test.ts': `${head}test('two', () => { throw new Error(); });`,
  });
  assert.match(run(root, 'test.ts', '--fast').output, /\n# tests 1\n# pass 1\n/);
});

test('npm run check runs every part in order and fails when one of them does', async (t) => {
  const names = ['format', 'lint', 'types', 'layers', 'unused', 'test'];
  const scripts = (failing?: string): string =>
    JSON.stringify({
      scripts: Object.fromEntries(
        names.map((name) => [name, name === failing ? 'exit 3' : `echo did-${name}`]),
      ),
    });
  const root = await project(t, { 'package.json': scripts() });
  const good = run(root, 'check.ts');
  assert.equal(good.status, 0, good.output);
  assert.deepEqual(
    [...good.output.matchAll(/^did-(\w+)$/gm)].map(([, name]) => name),
    names,
  );
  await writeFile(join(root, 'package.json'), scripts('lint'));
  const bad = run(root, 'check.ts');
  assert.equal(bad.status, 1);
  assert.match(bad.output, /^── lint FAILS/m);
  assert.match(bad.output, /^did-test$/m, 'the other parts are still looked at');
  assert.match(bad.output, /check fails: lint\. Run one alone with: npm run lint/);
});
