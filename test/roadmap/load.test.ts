import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { loadRoadmap, RoadmapInvalidError } from '../../src/adapters/yaml/roadmap-file.ts';
import { UsageError } from '../../src/core/errors.ts';

const GOOD = 'tasks:\n  - id: a\n    title: A\n';

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'cw-roadmap-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** The user id without rights, by convention. */
const NOBODY = 65_534;

test('a roadmap comes with its plan, its text and the hash of its bytes', async (t) => {
  const path = join(await directory(t), 'roadmap.yaml');
  await writeFile(path, `\uFEFF${GOOD}`);
  const loaded = await loadRoadmap(path);
  assert.equal(loaded.roadmap.tasks[0]?.id, 'a');
  assert.equal(loaded.plan.tasks.length, 1);
  assert.equal(loaded.text, GOOD);
  assert.equal(loaded.hash, createHash('sha256').update(`\uFEFF${GOOD}`).digest('hex'));
});

test('a roadmap behind a symbolic link is read', async (t) => {
  const root = await directory(t);
  await writeFile(join(root, 'real.yaml'), GOOD);
  await symlink('real.yaml', join(root, 'roadmap.yaml'));
  assert.equal((await loadRoadmap(join(root, 'roadmap.yaml'))).plan.tasks.length, 1);
});

const UNREADABLE: readonly [title: string, make: (path: string) => unknown, code: string, says: RegExp][] = [
  ['that does not exist', () => undefined, 'ROADMAP_MISSING', /no roadmap at roadmap\.yaml/],
  ['that is a directory', (path) => mkdir(path), 'ROADMAP_UNREADABLE', /directory/],
  ['that is a pipe', (path) => execFileSync('mkfifo', [path]), 'ROADMAP_UNREADABLE', /regular file/],
  ['that is a link to itself', (path) => symlink('roadmap.yaml', path), 'ROADMAP_UNREADABLE', /link/],
  ['that is a link to nothing', (path) => symlink('gone.yaml', path), 'ROADMAP_MISSING', /no roadmap/],
];

for (const [title, make, code, says] of UNREADABLE) {
  test(`a roadmap ${title} is one clear error`, async (t) => {
    const path = join(await directory(t), 'roadmap.yaml');
    await make(path);
    const error = await loadRoadmap(path, { shownAs: 'roadmap.yaml' }).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, code);
    assert.match(error.message, says);
    assert.ok(error.advice !== undefined);
  });
}

test('a roadmap that may not be read is one clear error', async (t) => {
  const dir = await directory(t);
  const path = join(dir, 'roadmap.yaml');
  await writeFile(path, GOOD);
  await chmod(path, 0);
  await chmod(dir, 0o711);
  // Root may read everything, so it is somebody else for a moment.
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await assert.rejects(loadRoadmap(path), { code: 'ROADMAP_UNREADABLE', message: /permission denied/ });
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});

test('S0-56 an invalid roadmap carries all its problems, ready to be shown', async (t) => {
  const path = join(await directory(t), 'roadmap.yaml');
  await writeFile(path, 'tasks:\n  - id: a\n    titel: A\n    depends_on: [b]\n');
  const error = await loadRoadmap(path, { shownAs: 'roadmap.yaml' }).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof RoadmapInvalidError);
  assert.equal(error.code, 'ROADMAP_INVALID');
  assert.equal(error.message, 'roadmap.yaml:3:5: A task has no key "titel". (and 1 more)');
  const shown = error.problems.map(({ file, line, col, message, excerpt, advice }) => [
    `${file}:${line}:${col}`,
    message,
    excerpt,
    advice,
  ]);
  assert.deepEqual(shown, [
    [
      'roadmap.yaml:3:5',
      'A task has no key "titel".',
      ['3 |     titel: A', '        ^'].join('\n'),
      'Did you mean "title"?',
    ],
    [
      'roadmap.yaml:4:18',
      '"a" depends on "b", which is not in the roadmap.',
      ['4 |     depends_on: [b]', '                     ^'].join('\n'),
      'Add it, or remove the dependency.',
    ],
  ]);
});
