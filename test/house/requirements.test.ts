import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { requirementsTable, unknownIds } from '../../scripts/requirements-table.ts';

const ROOT = join(import.meta.dirname, '..', '..');

async function project(t: TestContext, tests: string): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'cw-requirements-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  for (const folder of ['docs', 'src']) await mkdir(join(root, folder));
  const requirements = [
    { id: 'S0-01', text: 'It starts.' },
    { id: 'S0-02', text: 'It begins (= S0-01).' },
    { id: 'S0-03', text: 'It ends | stops.' },
  ];
  await writeFile(
    join(root, 'docs', 'requirements.json'),
    JSON.stringify([{ id: 'S0', title: 'life', requirements }]),
  );
  await writeFile(join(root, 'src', 'life.test.ts'), tests);
  return root;
}

test('docs/requirements.md is what `npm run docs` makes now', async () => {
  const written = await readFile(join(ROOT, 'docs', 'requirements.md'), 'utf8');
  // Not `equal`: it would print both tables.
  assert.ok(
    written === (await requirementsTable(ROOT)),
    'docs/requirements.md is out of date: run npm run docs',
  );
});

test('no test title names a requirement that does not exist', async () => {
  assert.deepEqual(await unknownIds(ROOT), []);
});

test('there are 272 requirements, each with an id of its own', async () => {
  const text = await readFile(join(ROOT, 'docs', 'requirements.json'), 'utf8');
  const ids = text.match(/(?<="id": ")S\d-\d\d(?=")/g) ?? [];
  assert.equal(new Set(ids).size, 272);
  assert.equal(ids.length, 272);
});

test('a line shows the tests that carry its id, or the id of the line it equals', async (t) => {
  // Written so that the table of this project does not take them for its own tests.
  const line = (title: string): string => `test(${title}, () => {});`;
  const root = await project(t, `${line("'S0-01 it isn\\'t still'")}\n${line("'S0-09 a slip'")}`);
  const rows = (await requirementsTable(root)).split('\n').filter((line) => line.startsWith('| S'));
  assert.deepEqual(rows, [
    "| S0-01 | It starts. | it isn't still (src/life.test.ts) |",
    "| S0-02 | It begins (= S0-01). | it isn't still (src/life.test.ts) |",
    '| S0-03 | It ends \\| stops. |  |',
  ]);
  assert.match(await requirementsTable(root), /^2 of 3 lines have a test\.$/m);
  assert.deepEqual(await unknownIds(root), ['S0-09 in src/life.test.ts']);
});
