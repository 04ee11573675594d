import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seeded } from '../e2e/seeded.ts';
import { roadmapOf, SyncRig } from './rig.ts';

const EDITS = 1_000;
const SECOND = 1_000;

test('S0-04 after 1,000 edits of every kind over hours the plan is what the file says', async (t) => {
  const chance = seeded(20_261_121);
  const rig = await SyncRig.open(t);
  const { clock, file, store } = rig;
  let ids = Array.from({ length: 8 }, (_, index) => `t${index}`);
  file.save(roadmapOf(...ids));
  let following = await rig.following();
  const other = await rig.following({ sync: 'poll' });
  let [made, restarts, looks] = [ids.length, 0, 0];
  const started = clock.now();
  for (let edit = 0; edit < EDITS; edit += 1) {
    const kind = chance(10);
    if (kind < 5) {
      made += 1;
      ids = [...ids, `t${made}`];
    }
    if (kind >= 5 && kind < 8 && ids.length > 6) ids = ids.toSpliced(chance(ids.length), 1);
    if (kind === 8) ids = ids.toSorted(() => chance(3) - 1);
    const text = roadmapOf(...ids);
    // Now and then somebody is caught half-way, makes a mistake, deletes the file, or the watcher sleeps.
    if (chance(10) === 0) file.save(text.slice(0, chance(text.length)));
    if (chance(20) === 0) file.save(`${text}  - id: [\n`);
    if (chance(50) === 0) file.delete();
    file.tells = chance(8) !== 0;
    if (chance(4) === 0) await clock.pass(chance(4 * SECOND));
    file.save(text);
    await clock.pass(chance(30) === 0 ? chance(3_600 * SECOND) : chance(20 * SECOND));
    if (chance(100) === 0) {
      looks += following.looks.length;
      await following.sync.stop();
      following = await rig.following();
      restarts += 1;
    }
  }
  await clock.pass(63 * SECOND);
  assert.deepEqual(await rig.ids(), ids);
  assert.ok(clock.now() - started > 8 * 3_600 * SECOND);
  assert.ok(restarts > 3, `${restarts} restarts`);
  const notices = [...following.notices, ...other.notices];
  assert.deepEqual(notices, []);
  // Those that left are kept, archived, each once.
  const archived = await store.tasks({ states: ['archived'] });
  assert.equal(new Set(archived.map(({ id }) => id)).size, archived.length);
  // It reads the file for its edits, not all the time.
  looks += following.looks.length;
  assert.ok(looks < 2 * EDITS, `${looks} looks`);
});
