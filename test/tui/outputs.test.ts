import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { FileAttemptLogs } from '../../src/adapters/logs/attempt-logs.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { remoteProject } from '../../src/surfaces/api/remote-project.ts';
import { load, type ProjectView } from '../../src/surfaces/tui/project/view.ts';
import { ProjectWatch } from '../../src/surfaces/tui/project/watch.ts';
import type { Scrollback } from '../../src/surfaces/tui/text/scrollback.ts';
import { makeProject, serve } from '../api/rig.ts';
import { Attempt, id } from '../contracts/store-kit.ts';

/** A project with a task at work, its log files, and a watch over a server that can be restarted. */
async function watched(t: TestContext) {
  const { repo, services } = await makeProject(t);
  await (await services.api()).tasks();
  const store = await services.store();
  const build = await Attempt.start(store, 'build');
  const logs = new FileAttemptLogs(join(repo.root, '.codewalk/state/logs'), (error) => assert.fail(error));
  const hosted = { services, root: repo.root };
  const server = await serve(t, hosted);
  const stop = new AbortController();
  let changes = 0;
  let changed = Promise.withResolvers<void>();
  const touch = () => {
    changes += 1;
    changed.resolve();
    changed = Promise.withResolvers();
  };
  const watch = new ProjectWatch(remoteProject(server.door), { clock: systemClock, onOutput: touch });
  const seen: ProjectView[] = [];
  const watching = (async () => {
    for await (const view of watch.views(stop.signal)) {
      seen.push(view);
      touch();
    }
  })();
  t.after(async () => {
    stop.abort();
    await watching;
  });
  const until = async (isSo: () => boolean) => {
    while (!isSo()) await Promise.race([changed.promise, watching]);
  };
  await until(() => seen.length > 0);
  return { repo, store, build, logs, server, hosted, watch, seen, until, changes: () => changes };
}

function linesOf(output: Scrollback | undefined): string[] {
  if (output === undefined) return [];
  return Array.from({ length: output.endLine - output.firstLine }, (_, i) =>
    output.plainLine(output.firstLine + i),
  );
}

test('S3-42 what an agent prints is on its pane while it works, step after step', async (t) => {
  const { build, logs, watch, until } = await watched(t);
  const lines = () => linesOf(watch.outputs.of('build'));
  watch.outputs.show(['build']);
  const first = logs.open({ task: id('build'), attempt: 1, step: 1 });
  await build.tell(build.stepStarted(1));
  first.text('\u001b[32mhello\u001b[0m\u001b]0;a title\u0007');
  await new Promise((resolve) => setImmediate(resolve));
  const said = { type: 'agent.output', ...build.about, step: 1, lines: ['hello'], dropped: 0 } as const;
  await build.tell(said);
  await until(() => lines().includes('hello'));
  assert.deepEqual(lines(), ['── attempt 1, step 1 ──', 'hello']);
  const [row] = watch.outputs.of('build')?.window({ width: 10, height: 1 }).rows ?? [];
  assert.ok(row?.includes('32m'), 'in its colour');
  first.text('more');
  await first[Symbol.asyncDispose]();
  const second = logs.open({ task: id('build'), attempt: 1, step: 2 });
  second.text('a review');
  await second[Symbol.asyncDispose]();
  await build.tell(build.stepFinished(1), build.stepStarted(2));
  await until(() => lines().includes('a review'));
  assert.deepEqual(lines().slice(1), ['hello', 'more', '── attempt 1, step 2 ──', 'a review']);
});

test('S3-42 a long output is shown from near its end, and what was before it on demand', async (t) => {
  const { logs, watch, until } = await watched(t);
  const count = 9_000;
  for (const step of [1, 2]) {
    await using log = logs.open({ task: id('build'), attempt: 1, step });
    for (let n = 0; n < count / (3 - step); n += 1) log.text(`step ${step} says ${n}, é ☕`);
  }
  watch.outputs.show(['build']);
  await until(() => watch.outputs.of('build') !== undefined && linesOf(watch.outputs.of('build')).length > 0);
  const before = linesOf(watch.outputs.of('build'));
  assert.equal(before.at(-1), `step 2 says ${count - 1}, é ☕`);
  assert.ok(before.length < count, 'only the end was read');
  const last = watch.outputs.of('build')?.endLine;
  while (!linesOf(watch.outputs.of('build')).includes('── attempt 1, step 2 ──')) {
    assert.equal(await watch.outputs.older('build'), true);
  }
  const all = linesOf(watch.outputs.of('build'));
  const start = all.indexOf('── attempt 1, step 2 ──');
  assert.deepEqual(
    all.slice(start + 1),
    Array.from({ length: count }, (_, n) => `step 2 says ${n}, é ☕`),
  );
  assert.equal(watch.outputs.of('build')?.endLine, last, 'no line got another number');
});

test('S3-42 an output that is not on screen is not read, and little is kept of those that were', async (t) => {
  const { build, watch, store, until, seen, logs } = await watched(t);
  await using log = logs.open({ task: id('build'), attempt: 1, step: 1 });
  log.text('hello');
  await build.tell({ type: 'agent.output', ...build.about, step: 1, lines: ['hello'], dropped: 0 });
  const head = await store.head();
  await until(() => (seen.at(-1)?.seq ?? 0) >= head);
  assert.equal(watch.outputs.of('build'), undefined);
  watch.outputs.show(['build']);
  for (let n = 0; n < 40; n += 1) watch.outputs.show([`t${n}`]);
  assert.equal(watch.outputs.of('build'), undefined);
  assert.notEqual(watch.outputs.of('t39'), undefined);
});

test('S3-48 after a restart of the server the view goes on from the last event that it had', async (t) => {
  const { store, build, server, hosted, seen, until } = await watched(t);
  const { socket } = server.door;
  await server.close();
  await build.tell(build.stepStarted(1));
  await until(() => seen.at(-1)?.connection === 'reconnecting');
  assert.equal(seen.at(-1)?.agents[0]?.state, 'working', 'what was known stays on screen');
  await build.tell({ type: 'agent.reported', ...build.about, step: 1, text: 'half', percent: 50 });
  await build.tell(build.stepFinished(1), build.done());
  mkdirSync(dirname(socket), { mode: 0o700 });
  t.after(() => rmSync(dirname(socket), { recursive: true, force: true }));
  const again = await serve(t, hosted, socket);
  const head = await store.head();
  await until(() => seen.at(-1)?.connection === 'live' && (seen.at(-1)?.seq ?? 0) >= head);
  const view = seen.at(-1);
  assert.equal(view?.agents[0]?.state, 'complete');
  const numbers = view?.events.map(({ seq }) => seq) ?? [];
  assert.deepEqual(numbers, [...new Set(numbers)], 'no event twice');
  assert.deepEqual(
    numbers,
    (await load(remoteProject(again.door))).events.map(({ seq }) => seq),
  );
});
