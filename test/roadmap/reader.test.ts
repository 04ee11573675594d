import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { RoadmapReader } from '../../src/adapters/yaml/roadmap-reader.ts';

async function readerIn(t: TestContext): Promise<{ reader: RoadmapReader; file: string; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-reader-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const file = join(directory, 'roadmap.yaml');
  return { reader: new RoadmapReader(file, 'roadmap.yaml'), file, directory };
}

const TEXT = 'tasks:\n  - id: a\n    title: A\n';

test('a roadmap is read with the hash of its bytes and its plan', async (t) => {
  const { reader, file } = await readerIn(t);
  await writeFile(file, TEXT);
  const read = await reader.read(undefined);
  assert.ok(read.kind === 'valid');
  assert.equal(read.hash, createHash('sha256').update(TEXT).digest('hex'));
  assert.deepEqual(
    read.plan.tasks.map((task) => task.definition.id),
    ['a'],
  );
  assert.deepEqual(await reader.read(read.hash), { kind: 'same', hash: read.hash });
});

test('a file with a mistake is read as invalid with its places, and one mended as valid', async (t) => {
  const { reader, file } = await readerIn(t);
  await writeFile(file, `${TEXT}  - id: a\n    title: B\n`);
  const read = await reader.read(undefined);
  assert.ok(read.kind === 'invalid');
  const [problem] = read.problems;
  assert.deepEqual(
    [problem?.file, problem?.line, problem?.col, problem?.code],
    ['roadmap.yaml', 4, 9, 'duplicate-id'],
  );
  await writeFile(file, TEXT);
  assert.equal((await reader.read(read.hash)).kind, 'valid');
});

test('what is not there is missing, and what is no file is unreadable', async (t) => {
  const { reader, file } = await readerIn(t);
  assert.equal(await reader.stamp(), undefined);
  assert.deepEqual(await reader.read(undefined), { kind: 'missing' });
  await mkdir(file);
  const read = await reader.read(undefined);
  assert.ok(read.kind === 'unreadable');
  assert.match(read.message, /roadmap\.yaml cannot be read: it is a directory/);
});

test('the stamp changes with every save, also with one that renames a file of the same size', async (t) => {
  const { reader, file, directory } = await readerIn(t);
  await writeFile(file, TEXT);
  const before = await reader.stamp();
  assert.equal(await reader.stamp(), before);
  await writeFile(join(directory, 'next'), TEXT);
  await rename(join(directory, 'next'), file);
  assert.notEqual(await reader.stamp(), before);
});
