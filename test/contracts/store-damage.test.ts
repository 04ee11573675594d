import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openStore } from '../../src/adapters/store/open.ts';
import { verifyState } from '../../src/adapters/store/verify.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { doDamage, FILE_DAMAGES, WAL_DAMAGES } from './store-damage.ts';
import { planOf, SOURCE } from './store-kit.ts';
import { runWorker } from './store-workers.ts';

const IDS = Array.from({ length: 40 }, (_, index) => `t${index}`);

/** A database that a process has worked in, which was killed in the middle or came to its end. */
async function workedIn(t: TestContext, end: 'killed' | 'clean') {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'cw-damage-'));
  t.after(() => rmSync(stateDirectory, { recursive: true, force: true }));
  const file = join(stateDirectory, 'codewalk.db');
  const place = { url: `sqlite:${file}`, project: 'p', stateDirectory };
  await using store = await openStore(place);
  await store.sync(planOf(Object.fromEntries(IDS.map((name) => [name, {}]))), SOURCE);
  await store.close();
  await runWorker(t, 'work', { ...place, name: 'orc_w' }, end === 'killed' ? { killAfter: 20 } : {});
  return { file, place };
}

const lost = (error: unknown) => {
  assert.ok(error instanceof CodewalkError, String(error));
  assert.equal(error.code, 'STORE_LOST_EVENTS');
  assert.match(error.message, /\d+ events are missing from .*codewalk\.db: it ends at \d+, \d+ were written/);
  assert.match(error.advice ?? '', /codewalk\.db-wal/);
  return true;
};

for (const damage of WAL_DAMAGES) {
  test(`${damage}: what is missing is counted, and what is left of it is kept aside`, async (t) => {
    const { file, place } = await workedIn(t, 'killed');
    assert.ok(statSync(`${file}-wal`).size > 100_000, 'the log holds most commits');
    doDamage(file, damage);
    const bytes = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size;
    await assert.rejects(openStore(place), lost);
    assert.equal(statSync(`${file}-wal.kept`, { throwIfNoEntry: false })?.size, bytes);
    // Once seen it stays seen, though SQLite has made the file whole in itself meanwhile.
    await assert.rejects(openStore(place), lost);
    const { findings } = await verifyState(place);
    const bad = findings.filter(({ ok }) => !ok);
    assert.deepEqual(
      bad.map(({ check }) => check),
      ['head'],
    );
    assert.match(bad[0]?.detail ?? '', /events are missing/);
  });
}

for (const damage of FILE_DAMAGES) {
  test(`${damage}: the file is named, and not filled anew`, async (t) => {
    const { file, place } = await workedIn(t, 'clean');
    assert.equal(existsSync(`${file}-wal`), false);
    doDamage(file, damage);
    const bytes = statSync(file).size;
    const { findings } = await verifyState(place);
    const [bad] = findings.filter(({ ok }) => !ok);
    assert.match(bad?.detail ?? '', /codewalk\.db/, JSON.stringify(findings));
    // Of a single page the whole check tells; SQLite tells when it comes there.
    if (damage !== 'garbage in a page') {
      await assert.rejects(openStore(place), (error) => {
        assert.ok(error instanceof CodewalkError, String(error));
        assert.match(error.code, /^STORE_(CORRUPT|LOST_EVENTS)$/);
        assert.match(error.message, /codewalk\.db/);
        assert.match(error.advice ?? '', /cw db/);
        return true;
      });
    }
    assert.equal(statSync(file).size, bytes);
  });
}

test('a file that is gone is not made anew', async (t) => {
  const { file, place } = await workedIn(t, 'clean');
  rmSync(file);
  await assert.rejects(openStore(place), /events are missing/);
  assert.equal(existsSync(file), false);
});

test('S3-50 a process that was killed has told the head what it was told is durable', async (t) => {
  const { place } = await workedIn(t, 'killed');
  await using store = await openStore(place);
  const { findings } = await verifyState(place);
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  assert.ok((await store.counts()).byState.done >= 20);
});
