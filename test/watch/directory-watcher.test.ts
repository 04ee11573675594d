import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { DirectoryWatcher } from '../../src/adapters/watch/directory-watcher.ts';
import { SAVE_STYLES } from '../support/save-styles.ts';

async function place(t: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-watch-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** Watches and lets a test wait until the listener, when it is called, finds a text in the file. */
function follow(t: TestContext, path: string) {
  let calls = 0;
  let found: string | undefined;
  const waiting = new Set<() => void>();
  const fallbacks: string[] = [];
  const watcher = new DirectoryWatcher(path, { fallbackMs: 20, onFallback: (said) => fallbacks.push(said) });
  const end = watcher.watch(() => {
    calls += 1;
    void readFile(path, 'utf8').then(
      (text) => {
        found = text;
        for (const wake of waiting) wake();
      },
      () => {
        found = undefined;
        for (const wake of waiting) wake();
      },
    );
  });
  t.after(end);
  const until = async (holds: () => boolean): Promise<void> => {
    while (!holds()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      await promise;
      waiting.delete(resolve);
    }
  };
  return {
    end,
    fallbacks,
    calls: () => calls,
    sees: (text: string) => until(() => found === text),
    seesNothing: () => until(() => calls > 0 && found === undefined),
  };
}

for (const [name, save] of Object.entries(SAVE_STYLES)) {
  test(`S0-05 a save is noticed, also after others: ${name}`, async (t) => {
    const path = join(await place(t), 'roadmap.yaml');
    await writeFile(path, 'zero');
    const watching = follow(t, path);
    for (const text of ['one', 'two', 'three']) {
      await save(path, text);
      await watching.sees(text);
    }
    // The file that came last is the one that is watched now.
    await writeFile(path, 'four');
    await watching.sees('four');
    assert.deepEqual(watching.fallbacks, []);
  });
}

test('S0-06 a file that is there already raises no change', async (t) => {
  const directory = await place(t);
  const path = join(directory, 'roadmap.yaml');
  await writeFile(path, 'zero');
  const watching = follow(t, path);
  await writeFile(path, 'one');
  await watching.sees('one');
  const calls = watching.calls();
  // Other files of the directory are no change either.
  const other = follow(t, join(directory, 'other'));
  await writeFile(join(directory, 'other'), 'x');
  await other.sees('x');
  assert.equal(watching.calls(), calls);
});

test('S0-29 a file that comes later is noticed, also with its directories', async (t) => {
  const directory = await place(t);
  const path = join(directory, 'a', 'b', 'roadmap.yaml');
  const watching = follow(t, path);
  await mkdir(join(directory, 'a', 'b'), { recursive: true });
  await writeFile(path, 'one');
  await watching.sees('one');
});

test('a directory that is deleted, or moved away and made again, is watched again', async (t) => {
  const directory = join(await place(t), 'docs');
  const path = join(directory, 'roadmap.yaml');
  await mkdir(directory);
  await writeFile(path, 'zero');
  const watching = follow(t, path);
  await rm(directory, { recursive: true });
  await watching.seesNothing();
  await mkdir(directory);
  await writeFile(path, 'one');
  await watching.sees('one');
  await rename(directory, `${directory}.old`);
  await mkdir(directory);
  await writeFile(path, 'two');
  await watching.sees('two');
  await writeFile(path, 'three');
  await watching.sees('three');
});

test('S0-05 the file may be a link to elsewhere, and so may its directory', async (t) => {
  const directory = await place(t);
  for (const name of ['real', 'other', 'linked']) await mkdir(join(directory, name));
  const file = join(directory, 'real', 'plan.yaml');
  await writeFile(file, 'zero');
  await writeFile(join(directory, 'other', 'plan.yaml'), 'of the other directory');
  const path = join(directory, 'linked', 'roadmap.yaml');
  await symlink(join('..', 'current', 'plan.yaml'), path);
  await symlink('real', join(directory, 'current'));
  const watching = follow(t, path);
  await writeFile(file, 'one');
  await watching.sees('one');
  await SAVE_STYLES['temporary file and rename'](file, 'two');
  await watching.sees('two');
  // As a tool does that switches a whole directory at once.
  await symlink('other', join(directory, 'next'));
  await rename(join(directory, 'next'), join(directory, 'current'));
  await watching.sees('of the other directory');
});

test('links in a circle lead nowhere, and end when one is replaced', async (t) => {
  const directory = await place(t);
  const path = join(directory, 'roadmap.yaml');
  await symlink('other.yaml', path);
  await symlink('roadmap.yaml', join(directory, 'other.yaml'));
  const watching = follow(t, path);
  await SAVE_STYLES['temporary file and rename'](join(directory, 'other.yaml'), 'one');
  await watching.sees('one');
});

test('where the system watches nothing, the file is looked at now and then, and that is said once', async (t) => {
  const path = join(await place(t), 'roadmap.yaml');
  await writeFile(path, 'zero');
  const said: string[] = [];
  const seen = Promise.withResolvers<void>();
  const watcher = new DirectoryWatcher(path, {
    fallbackMs: 5,
    onFallback: (message) => said.push(message),
    watch: () => {
      throw Object.assign(new Error('System limit for number of file watchers reached'), { code: 'ENOSPC' });
    },
  });
  let calls = 0;
  t.after(
    watcher.watch(() => {
      calls += 1;
      if (calls === 3) seen.resolve();
    }),
  );
  await seen.promise;
  assert.deepEqual(said, ['System limit for number of file watchers reached']);
});

test('S0-10 after its end nothing is told any more', async (t) => {
  const directory = await place(t);
  const path = join(directory, 'roadmap.yaml');
  await writeFile(path, 'zero');
  const [ended, other] = [follow(t, path), follow(t, path)];
  ended.end();
  await writeFile(path, 'one');
  await other.sees('one');
  assert.equal(ended.calls(), 0);
});
