import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Store } from '../../src/core/tasks/ports.ts';
import { hashOf, MemoryFile, roadmapOf, SyncRig } from './rig.ts';

test('S0-08 S0-09 edits in quick succession are one sync, two seconds after the last', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { looks } = await rig.following();
  const kinds = () => looks.map(({ look }) => look.kind);
  for (let edit = 1; edit <= 10; edit += 1) {
    file.save(roadmapOf('a', `b${edit}`));
    await clock.pass(1_900);
  }
  assert.deepEqual(kinds(), []);
  const last = clock.now() - 1_900;
  await clock.pass(200);
  assert.deepEqual(
    looks.map(({ look, at, reasons }) => [look.kind, at - last, reasons]),
    [['synced', 2_000, ['edit']]],
  );
  assert.deepEqual(await rig.ids(), ['a', 'b10']);
});

test('S0-07 a file that is still being written is not parsed, however long that takes', async (t) => {
  const { file, clock, ...rig } = await open(t);
  await rig.following({ debounceMs: 0 });
  const whole = roadmapOf('a', 'b', 'c', 'd');
  file.parsed.length = 0;
  for (let length = 20; length < whole.length; length += 5) {
    file.save(whole.slice(0, length));
    await clock.pass(490);
  }
  assert.deepEqual(file.parsed, []);
  file.save(whole);
  await clock.pass(600);
  assert.deepEqual(file.parsed, [whole]);
});

test('S0-07 what changes while it is read is read again when it rests', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { looks } = await rig.following();
  file.save(roadmapOf('a', 'half'));
  file.duringRead = () => {
    file.duringRead = undefined;
    file.save(roadmapOf('a', 'whole'));
  };
  await clock.pass(2_100);
  assert.deepEqual(
    looks.map(({ look }) => look.kind),
    ['moving'],
  );
  assert.deepEqual(await rig.ids(), ['a']);
  await clock.pass(2_100);
  assert.deepEqual(await rig.ids(), ['a', 'whole']);
});

test('S0-33 an edit that the watcher missed is found within a minute', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { looks } = await rig.following();
  file.tells = false;
  file.save(roadmapOf('a', 'b'));
  await clock.pass(62_000);
  assert.deepEqual(
    looks.map(({ look, reasons }) => [look.kind, reasons]),
    [['synced', ['safety']]],
  );
});

test('S0-27 S0-28 in poll mode an edit at any time is taken within one interval, and nothing is watched', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { looks } = await rig.following({ sync: 'poll' });
  assert.equal(file.watchers, 0);
  for (let edit = 0; edit < 12; edit += 1) {
    await clock.pass(edit * 977);
    const at = clock.now();
    file.save(roadmapOf('a', `b${edit}`));
    await clock.pass(10_000);
    const [look, ...more] = looks.splice(0);
    assert.deepEqual([look?.reasons, more], [['poll'], []]);
    assert.ok((look?.at ?? Number.POSITIVE_INFINITY) - at <= 10_000);
  }
});

test('S0-34 S0-03 after a task is done the file is looked at', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { sync, looks } = await rig.following();
  file.tells = false;
  file.save(roadmapOf('a', 'b'));
  sync.taskDone();
  await clock.pass(2_100);
  assert.deepEqual(
    looks.map(({ look, reasons }) => [look.kind, reasons]),
    [['synced', ['task-done']]],
  );
  // Nothing has changed since: that costs a glance.
  const { reads } = file;
  sync.taskDone();
  await clock.pass(5_000);
  assert.equal(file.reads, reads);
});

test('what asks for a look while one is under way gets exactly one more, with all reasons', async (t) => {
  const { file, ...rig } = await open(t);
  const { sync, looks } = await rig.following();
  const gate = Promise.withResolvers<void>();
  let atOnce = 0;
  let most = 0;
  file.duringRead = async () => {
    atOnce += 1;
    most = Math.max(most, atOnce);
    await gate.promise;
    atOnce -= 1;
  };
  const first = sync.look('command');
  await rig.clock.rest();
  const others = [sync.look('edit'), sync.look('task-done'), sync.look('edit'), sync.look('plan-next')];
  await rig.clock.rest();
  assert.equal(most, 1);
  gate.resolve();
  await Promise.all([first, ...others]);
  assert.equal(most, 1);
  assert.deepEqual(
    looks.map(({ reasons }) => reasons),
    [['command'], ['edit', 'task-done', 'plan-next']],
  );
});

test('S0-42 S0-18 the same bytes are neither parsed nor written, and no event says so', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  const { looks } = await rig.following();
  const head = await store.head();
  file.save(roadmapOf('a'));
  file.parses = 0;
  await clock.pass(3_000);
  assert.deepEqual(
    looks.map(({ look }) => look.kind),
    ['same'],
  );
  assert.deepEqual([file.parses, await store.head()], [0, head]);
});

test('S0-43 S0-57 a sync that fails keeps no hash, and is tried again though nobody touches the file', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  const before = hashOf(roadmapOf('a'));
  let isBroken = true;
  const failing = new Proxy(store, {
    get(target, key: keyof Store) {
      const value = target[key] as unknown;
      if (key === 'sync' && isBroken) return () => Promise.reject(new Error('the disk is full'));
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  await (await rig.following()).sync.stop();
  const { notices, looks } = await rig.following({ store: failing });
  file.save(roadmapOf('a', 'b'));
  await clock.pass(200_000);
  assert.equal(await store.getMeta('roadmap_hash'), before);
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /roadmap\.yaml: the disk is full\. It is tried again/);
  isBroken = false;
  await clock.pass(63_000);
  assert.deepEqual([looks.map(({ look }) => look.kind), await rig.ids()], [['synced'], ['a', 'b']]);
});

test('S0-11 S0-57 a mistake is told once, by however many that follow, also after a restart', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  const followers = [await rig.following(), await rig.following()];
  const before = await store.tasks();
  file.save('version: 1\ntasks:\n  - id: a\n    promt: x\n');
  await clock.pass(300_000);
  for (const { looks } of followers) assert.ok(looks.length > 1, 'it is looked at again');
  await rig.following();
  assert.equal(await rig.types('roadmap.rejected'), 1);
  assert.deepEqual(await store.tasks(), before);
  assert.equal(await store.getMeta('roadmap_hash'), hashOf(roadmapOf('a')));
  const [event] = await store.events(0, { types: ['roadmap.rejected'] });
  assert.ok(event?.type === 'roadmap.rejected');
  assert.deepEqual([event.line, event.col, event.problems, event.hash], [4, 5, 1, hashOf(file.text ?? '')]);
  // Another mistake is another event, and the same one after a good file is too.
  file.save('version: 1\ntasks:\n  - id: a\n    promtp: x\n');
  await clock.pass(3_000);
  assert.equal(await rig.types('roadmap.rejected'), 2);
  file.save(roadmapOf('a', 'b'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a', 'b']);
  file.save('version: 1\ntasks:\n  - id: a\n    promt: x\n');
  await clock.pass(3_000);
  assert.equal(await rig.types('roadmap.rejected'), 3);
});

test('S0-11 a file that may not be read is told once, and watching goes on', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  await rig.following();
  file.permit('permission denied');
  await clock.pass(200_000);
  const events = await store.events(0, { types: ['roadmap.rejected'] });
  assert.deepEqual(
    events.map((event) => event.type === 'roadmap.rejected' && [event.message, event.line]),
    [['permission denied', 0]],
  );
  file.permit();
  file.save(roadmapOf('a', 'b'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a', 'b']);
});

test('S0-29 a missing file is no error, deleting it takes nothing away, and it is taken when it appears', async (t) => {
  const rig = await SyncRig.open(t);
  const { clock, file, store } = rig;
  const { notices, looks } = await rig.following();
  file.save(roadmapOf('a'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a']);
  file.delete();
  await clock.pass(300_000);
  assert.deepEqual([await rig.ids(), notices], [['a'], []]);
  assert.deepEqual(
    looks.map(({ look }) => look.kind),
    ['synced', 'missing'],
  );
  file.save(roadmapOf('a', 'b'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a', 'b']);
  assert.equal((await store.events(0, { types: ['task.archived'] })).length, 0);
});

test('a roadmap without tasks is the beginning of a project, and a mistake later', async (t) => {
  const rig = await SyncRig.open(t);
  const { clock, file } = rig;
  file.save('version: 1\ntasks: []\n');
  const { looks } = await rig.following();
  await clock.pass(100_000);
  assert.equal(await rig.types('roadmap.rejected'), 0);
  file.save(roadmapOf('a'));
  await clock.pass(3_000);
  file.save('version: 1\ntasks: []\n');
  await clock.pass(3_000);
  assert.deepEqual([await rig.ids(), await rig.types('roadmap.rejected')], [['a'], 1]);
  assert.deepEqual(
    looks.map(({ look }) => look.kind),
    ['synced', 'rejected'],
  );
});

test('S0-10 S0-23 after the end no sync runs, whatever was waiting', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  const { sync, looks } = await rig.following();
  file.save(roadmapOf('a', 'b'));
  await clock.pass(1_000);
  await sync.stop();
  assert.equal(file.watchers, 0);
  const head = await store.head();
  await clock.pass(300_000);
  assert.equal(await sync.look('command'), undefined);
  sync.taskDone();
  await sync.ensureFresh('plan-next');
  assert.deepEqual([looks, await store.head()], [[], head]);
  const [first, last] = await store.events(0, { types: ['roadmap.followed', 'roadmap.unfollowed'] });
  assert.deepEqual([first?.type, last?.type], ['roadmap.followed', 'roadmap.unfollowed']);
});

test('of many that follow one file whoever is first syncs, and the others find it done', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const followers = [await rig.following(), await rig.following(), await rig.following()];
  file.save(roadmapOf('a', 'b'));
  await clock.pass(5_000);
  assert.equal(await rig.types('roadmap.synced'), 2);
  const kinds = followers.map(({ looks }) => looks.at(-1)?.look.kind).sort();
  assert.deepEqual(kinds, ['same', 'same', 'synced']);
});

test('one that was overtaken while it read does not bring the older file back', async (t) => {
  const { file, store, ...rig } = await open(t);
  const { sync } = await rig.following();
  const other = new MemoryFile();
  file.save(roadmapOf('a', 'old'));
  file.duringRead = async () => {
    file.duringRead = undefined;
    other.save(roadmapOf('a', 'new'));
    const ahead = rig.follower({ file: other, sync: 'off' });
    await ahead.sync.look('command');
  };
  const look = await sync.look('edit');
  assert.equal(look?.kind, 'moving');
  assert.deepEqual(await rig.ids(), ['a', 'new']);
  assert.equal((await store.events(0, { types: ['task.archived'] })).length, 0);
});

test('S0-55 a file that waits to be confirmed is told once, and is taken as soon as somebody does', async (t) => {
  const rig = await SyncRig.open(t);
  const { clock, file, store } = rig;
  file.save(roadmapOf('a', 'b', 'c', 'd', 'e'));
  const { looks } = await rig.following();
  file.save(roadmapOf('a'));
  await clock.pass(200_000);
  assert.deepEqual([await rig.ids(), await rig.types('roadmap.held')], [['a', 'b', 'c', 'd', 'e'], 1]);
  looks.length = 0;
  const hash = hashOf(file.text ?? '');
  await store.setMeta('roadmap_confirmed', hash);
  await store.log([{ type: 'roadmap.confirmed', path: file.path, hash, by: 'somebody' }]);
  await clock.rest();
  assert.deepEqual(
    looks.map(({ look, reasons }) => [look.kind, reasons]),
    [['synced', ['confirm']]],
  );
  assert.deepEqual(await rig.ids(), ['a']);
  // The leave was for this once.
  file.save(roadmapOf('a', 'b', 'c', 'd', 'e'));
  await clock.pass(3_000);
  file.save(roadmapOf('a'));
  await clock.pass(3_000);
  assert.deepEqual([looks.at(-1)?.look.kind, (await rig.ids()).length], ['held', 5]);
});

test('a checkout that lags behind another one does not take the plan back, and says so once', async (t) => {
  const rig = await SyncRig.open(t);
  const { clock } = rig;
  const [ours, theirs] = [new MemoryFile(), new MemoryFile()];
  ours.save(roadmapOf('a'));
  const here = await rig.following({ file: ours, place: 'one:/p' });
  theirs.save(roadmapOf('a'));
  const there = await rig.following({ file: theirs, place: 'two:/p' });
  theirs.save(roadmapOf('a', 'b'));
  await clock.pass(3_000);
  theirs.save(roadmapOf('a', 'b', 'c'));
  await clock.pass(3_000);
  // A pull brings an older version, and a restart looks at it.
  ours.save(roadmapOf('a', 'b'));
  await clock.pass(200_000);
  await rig.following({ file: ours, place: 'one:/p' });
  assert.deepEqual(await rig.ids(), ['a', 'b', 'c']);
  assert.equal(here.notices.length, 1);
  assert.match(here.notices[0] ?? '', /older version than the plan/);
  // Whoever goes back where the plan was made means it, and what is new counts from anywhere.
  theirs.save(roadmapOf('a', 'b'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a', 'b']);
  ours.save(roadmapOf('a', 'b', 'd'));
  await clock.pass(3_000);
  assert.deepEqual(await rig.ids(), ['a', 'b', 'd']);
  assert.deepEqual(there.notices, []);
});

test('S0-32 whoever is about to say what is next has the edit of a moment ago in the plan', async (t) => {
  const { file, clock, ...rig } = await open(t);
  const { sync, looks } = await rig.following();
  file.save(roadmapOf('a', 'b'));
  const fresh = sync.ensureFresh('plan-next');
  await clock.pass(150);
  await fresh;
  assert.deepEqual(await rig.ids(), ['a', 'b']);
  assert.deepEqual(
    looks.map(({ reasons }) => reasons.includes('plan-next')),
    [true],
  );
  const { reads } = file;
  await sync.ensureFresh('plan-next');
  assert.equal(file.reads, reads, 'without an edit it is one glance');
});

test('a clock that is set back or forth delays no edit', async (t) => {
  const { file, clock, ...rig } = await open(t);
  await rig.following();
  file.save(roadmapOf('a', 'b'));
  await clock.pass(1_000);
  clock.set(clock.now() - 7_200_000);
  await clock.pass(1_100);
  assert.deepEqual(await rig.ids(), ['a', 'b']);
  clock.set(clock.now() + 7_200_000);
  file.save(roadmapOf('a', 'b', 'c'));
  await clock.pass(2_100);
  assert.deepEqual(await rig.ids(), ['a', 'b', 'c']);
  file.tells = false;
  clock.set(clock.now() - 7_200_000);
  file.save(roadmapOf('a', 'b', 'c', 'd'));
  await clock.pass(63_000);
  assert.deepEqual(await rig.ids(), ['a', 'b', 'c', 'd']);
});

test('S0-12 S0-17 S0-20 the event of a sync says what is new, what is open and who is idle', async (t) => {
  const { file, clock, store, ...rig } = await open(t);
  await rig.following({ idleAgents: 3 });
  file.save(roadmapOf('a', 'b', 'c'));
  await clock.pass(3_000);
  const event = (await store.events(0, { types: ['roadmap.synced'] })).at(-1);
  assert.ok(event?.type === 'roadmap.synced');
  const { added, open: pending, idleAgents, reason, path } = event;
  assert.deepEqual([added, pending, idleAgents, reason, path], [['b', 'c'], 3, 3, 'edit', 'roadmap.yaml']);
});

/** A rig whose file has one task. */
async function open(t: Parameters<typeof SyncRig.open>[0]) {
  const rig = await SyncRig.open(t);
  rig.file.save(roadmapOf('a'));
  return {
    clock: rig.clock,
    file: rig.file,
    store: rig.store,
    follower: rig.follower.bind(rig),
    following: rig.following.bind(rig),
    ids: rig.ids.bind(rig),
    types: rig.types.bind(rig),
  };
}
