import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type FileCalls, fileCalls } from '../../src/adapters/yaml/file-calls.ts';
import { replaceFile } from '../../src/adapters/yaml/replace-file.ts';
import { hashOf } from '../../src/adapters/yaml/roadmap-file.ts';

/** How programs save a file whose text they know to be `before`; each adds a line. */
const SAVES: Readonly<Record<string, (path: string) => void>> = {
  'written in place': (path) => writeFileSync(path, `${readFileSync(path, 'utf8')}theirs\n`),
  'appended to': (path) => appendFileSync(path, 'theirs\n'),
  'replaced by another file': (path) => {
    writeFileSync(`${path}.swp`, `${readFileSync(path, 'utf8')}theirs\n`);
    renameSync(`${path}.swp`, path);
  },
  'moved to a backup and written anew': (path) => {
    renameSync(path, `${path}~`);
    writeFileSync(path, `${readFileSync(`${path}~`, 'utf8')}theirs\n`);
    rmSync(`${path}~`);
  },
  'deleted and written anew': (path) => {
    const text = readFileSync(path, 'utf8');
    rmSync(path);
    writeFileSync(path, `${text}theirs\n`);
  },
};

function scene(t: TestContext): { path: string; names: () => string[] } {
  const directory = mkdtempSync(join(tmpdir(), 'cw-replace-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'roadmap.yaml');
  writeFileSync(path, 'first\n');
  return { path, names: () => readdirSync(directory) };
}

/** The system's calls, with `meanwhile` in the moment before the first exchange; without a swap in the system's if `split`. */
function calls(meanwhile: () => void, { split = false } = {}): FileCalls {
  const real = fileCalls();
  let isFirst = true;
  return {
    exchange(a, b) {
      if (isFirst) {
        isFirst = false;
        meanwhile();
      }
      return !split && real?.exchange(a, b) === true;
    },
    lock: (fd) => real?.lock(fd) ?? true,
    isBeingWritten: (fd) => (split ? undefined : real?.isBeingWritten(fd)),
  };
}

async function addOurs(path: string, how: FileCalls | undefined, kept: string[] = []) {
  return await replaceFile(path, {
    shownAs: 'roadmap.yaml',
    edit: (bytes) => Buffer.from(`${Buffer.from(bytes).toString()}ours\n`),
    isIn: (bytes) => Buffer.from(bytes).toString().includes('ours\n'),
    keep: async (bytes) => void kept.push(Buffer.from(bytes).toString()),
    calls: how,
  });
}

for (const [how, save] of Object.entries(SAVES)) {
  for (const split of [false, true]) {
    const where = split ? ' where the system cannot swap files' : '';
    test(`S0-53 what is ${how} just before our file takes its place stays${where}, and ours comes on top`, async (t) => {
      const { path, names } = scene(t);
      const { before } = await addOurs(
        path,
        calls(() => save(path), { split }),
      );
      assert.equal(readFileSync(path, 'utf8'), 'first\ntheirs\nours\n');
      assert.equal(Buffer.from(before).toString(), 'first\ntheirs\n');
      assert.deepEqual(names(), ['roadmap.yaml']);
    });
  }
}

test('S0-53 what a program writes into the old file after it was swapped out is not lost', async (t) => {
  if (process.platform !== 'linux') return;
  const { path } = scene(t);
  const real = fileCalls();
  assert.ok(real);
  let fd: number | undefined;
  let asked = 0;
  const slow: FileCalls = {
    ...real,
    exchange(a, b) {
      // It opens the file in the last moment, and has written nothing when ours takes its place.
      if (asked++ === 0) fd = openSync(path, 'a');
      return real.exchange(a, b);
    },
    isBeingWritten(file) {
      const answer = real.isBeingWritten(file);
      if (answer === true && ++asked === 3 && fd !== undefined) {
        writeSync(fd, 'theirs\n');
        closeSync(fd);
        fd = undefined;
      }
      return answer;
    },
  };
  await addOurs(path, slow);
  assert.ok(asked >= 3);
  assert.equal(readFileSync(path, 'utf8'), 'first\ntheirs\nours\n');
});

test('S0-53 an edit that a save of an older text has taken away is made again', async (t) => {
  const { path } = scene(t);
  const real = fileCalls();
  let saved = false;
  await replaceFile(path, {
    shownAs: 'roadmap.yaml',
    edit: (bytes) => Buffer.from(`${Buffer.from(bytes).toString()}ours\n`),
    isIn(bytes) {
      return Buffer.from(bytes).toString().includes('ours\n');
    },
    keep: async () => {},
    calls: real && {
      ...real,
      isBeingWritten(fd) {
        // Their editor had read the file before ours took its place, and saves it after the swap was found to be clean.
        const text = readFileSync(path, 'utf8');
        if (!saved && text.includes('ours\n')) {
          saved = true;
          setImmediate(() => writeFileSync(path, 'first\ntheirs\n'));
        }
        return real.isBeingWritten(fd);
      },
    },
  });
  assert.equal(readFileSync(path, 'utf8'), 'first\ntheirs\nours\n');
});

test('two saves at once: the later one stays in its place, and the earlier one is kept', async (t) => {
  const { path } = scene(t);
  const real = fileCalls();
  assert.ok(real);
  let exchanges = 0;
  const kept: string[] = [];
  await addOurs(
    path,
    {
      ...real,
      exchange(a, b) {
        exchanges++;
        // The second falls between our file taking the place of the first save and its going back.
        if (exchanges <= 2) {
          writeFileSync(`${path}.swp`, exchanges === 1 ? 'one\n' : 'two\n');
          renameSync(`${path}.swp`, path);
        }
        return real.exchange(a, b);
      },
    },
    kept,
  );
  assert.equal(readFileSync(path, 'utf8'), 'two\nours\n');
  assert.deepEqual(kept, ['one\n']);
});

test('a file that somebody keeps open for writing is left alone in the end, and nothing of it is changed', async (t) => {
  if (process.platform !== 'linux') return;
  const { path, names } = scene(t);
  const fd = openSync(path, 'a');
  t.after(() => closeSync(fd));
  await assert.rejects(addOurs(path, fileCalls()), { code: 'ROADMAP_BUSY' });
  assert.equal(readFileSync(path, 'utf8'), 'first\n');
  assert.deepEqual(names(), ['roadmap.yaml']);
});

test('what a crash left beside the file is cleared up, and what somebody had saved goes back', async (t) => {
  const { path, names } = scene(t);
  const [lock, next] = ['edit', 'next'].map((end) => join(path, '..', `.roadmap.yaml.cw-${end}`)) as [
    string,
    string,
  ];
  const made = 'first\ncut off\n';
  const note = `${hashOf(Buffer.from('first\n'))} ${hashOf(Buffer.from(made))}`;
  // It came as far as the swap: what it edited lies beside.
  writeFileSync(path, made);
  writeFileSync(next, 'first\n');
  writeFileSync(lock, note);
  await addOurs(path, fileCalls());
  assert.equal(readFileSync(path, 'utf8'), 'first\ncut off\nours\n');
  // The same, but somebody had saved in the last moment.
  const kept: string[] = [];
  writeFileSync(path, made);
  writeFileSync(next, 'theirs\n');
  writeFileSync(lock, note);
  await addOurs(path, fileCalls(), kept);
  assert.equal(readFileSync(path, 'utf8'), 'theirs\nours\n');
  assert.deepEqual(kept, [made]);
  assert.deepEqual(names(), ['roadmap.yaml']);
});

test('a crash between the two steps of a swap leaves the file beside its place, and the next edit puts it back', async (t) => {
  const { path, names } = scene(t);
  renameSync(path, join(path, '..', '.roadmap.yaml.cw-aside'));
  await addOurs(path, undefined);
  assert.equal(readFileSync(path, 'utf8'), 'first\nours\n');
  assert.deepEqual(names(), ['roadmap.yaml']);
});
