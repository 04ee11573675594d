import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import type { EventType } from '../../src/core/events/event.ts';
import type { App } from '../../src/surfaces/tui/app.ts';
import { shownTasks } from '../../src/surfaces/tui/focus.ts';
import { startPostgres } from '../support/postgres.ts';
import { complaintsAbout } from './complaints.ts';
import { DrivenFace, freshCells } from './driven-face.ts';
import { type Happening, happenings, LivingProject } from './project-acts.ts';
import { stored } from './store-says.ts';
import { DAY_BUDGET_USD, StoredProject } from './stored-project.ts';

const RUNS = 10;

/** Everything that moves about on the screen and opens nothing on top of it. */
const KEYS = [
  ...['1', '2', '3', '4', '5', 'tab', 'shift+tab', 'j', 'k', 'h', 'l', 'g', 'g', 'G', 'z', 'v', 't', 'esc'],
  ...['ctrl+d', 'ctrl+u', 'ctrl+f', 'ctrl+b', 'ctrl+w', 'n', 'N'],
];
/** Wide and narrow ones, in which all panes fit or one at a time, and ones in which nothing does. */
const size = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      width: fc.integer({ min: 150, max: 240 }),
      height: fc.integer({ min: 35, max: 70 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      width: fc.integer({ min: 100, max: 150 }),
      height: fc.integer({ min: 30, max: 40 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      width: fc.integer({ min: 90, max: 160 }),
      height: fc.integer({ min: 15, max: 29 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ width: fc.integer({ min: 1, max: 60 }), height: fc.integer({ min: 1, max: 20 }) }),
  },
);

const burst = fc.record({
  happenings: fc.array(happenings, { minLength: 1, maxLength: 8 }),
  keys: fc.array(fc.constantFrom(...KEYS), { maxLength: 4 }),
  size: fc.option(size, { nil: undefined, freq: 4 }),
});
type Burst = typeof burst extends fc.Arbitrary<infer T> ? T : never;

/** How often a whole screen was read, so that nobody takes screens that are too small for proof. */
let read = 0;

/** Waits until the face has all that has happened, and compares what it shows with what is stored. */
async function compare(project: StoredProject, face: DrivenFace, api: ProjectApi): Promise<void> {
  const problem = await problemOf(project);
  // What is wrong with the file makes no event where nobody follows it.
  face.pass(6_000);
  const head = await project.store.head();
  const isThere = ({ view }: App): boolean =>
    view.seq >= head && view.connection === 'live' && view.roadmapProblem?.message === problem;
  const wanted = `event ${head}, ${problem ?? 'no problem'}`;
  const app = await face.until((seen) => isThere(seen) && outputsAreRead(project, seen), wanted);
  // As it is now: keys that were typed may move it on.
  const [rows, cells] = [face.screen.rows(), face.screen.cells()];
  const facts = await stored(project);
  const today = new Date().setHours(0, 0, 0, 0);
  const complaints = complaintsAbout(rows, {
    stored: facts,
    ui: app.ui,
    problem,
    printed: (place) => project.printed(place),
    isBudgetSpent: (await project.store.spent(today)) >= DAY_BUDGET_USD,
  });
  if (complaints !== undefined) read += 1;
  const picture = (): string => `${complaints?.join('\n')}\n${rows.join('\n')}`;
  assert.ok(complaints === undefined || complaints.length === 0, picture());
  if (problem !== undefined) return;
  const fresh = await freshCells(api, app);
  assert.deepEqual(textsOf(cells), textsOf(fresh), 'a fresh face says something else');
  assert.deepEqual(cells, fresh, 'a fresh face has other colours');
}

/** What is wrong with the roadmap file. Part of a version may have to wait for the end of a task: then it is looked at again. */
async function problemOf(project: StoredProject): Promise<string | undefined> {
  for (let before: string | undefined = ''; ; ) {
    const problem = (await project.roadmap.refresh())?.message;
    if (problem === before) return problem;
    before = problem;
  }
}

function textsOf(cells: readonly (readonly string[])[]): readonly string[] {
  return cells.map((row) => row.map((cell) => [...cell][0] ?? '').join(''));
}

/** The outputs on the screen have come to what is in the files. */
function outputsAreRead(project: StoredProject, app: App): boolean {
  const { view, outputs } = app;
  return shownTasks(app).every((task) => {
    const output = outputs.of(task);
    const last = project.printed(view.tasks.get(task)?.place ?? task).at(-1);
    return output === undefined || last === undefined || output.plainLine(output.endLine - 1) === last;
  });
}

async function followed(project: StoredProject, api: ProjectApi, bursts: readonly Burst[]): Promise<void> {
  project.save('version: 1\ntasks:\n  - { id: t0, prompt: Do }\n  - { id: t1, prompt: Do }\n');
  await project.roadmap.refresh();
  const living = new LivingProject(project);
  await using face = await DrivenFace.open(api, { width: 170, height: 50 });
  for (const { happenings: list, keys, size: next } of bursts) {
    for (const happening of list as readonly Happening[]) await living.live(happening);
    if (next !== undefined) face.type({ kind: 'resize', ...next });
    face.press(...keys);
    await compare(project, face, api);
  }
}

test('S3-48 what is drawn is what the store says, after any sequence of what happens and of keys', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { minLength: 3, maxLength: 8, size: 'max' }), async (bursts) => {
      await using project = await StoredProject.open();
      await followed(project, project.api(), bursts);
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
  assert.ok(read > RUNS, `${read} screens were read`);
});

test('S3-48 the same on PostgreSQL', async () => {
  await using server = await startPostgres();
  await fc.assert(
    fc.asyncProperty(fc.array(burst, { minLength: 4, maxLength: 6, size: 'max' }), async (bursts) => {
      await using project = await StoredProject.open(await server.freshDatabase());
      await followed(project, project.api(), bursts);
    }),
    { numRuns: 2, endOnFailure: true },
  );
});

/** What leads to an event of which nothing else tells. */
const TELLING: readonly (readonly [EventType, readonly Happening[]])[] = [
  ['task.claimed', [{ kind: 'claim' }]],
  ['task.failed', [{ kind: 'claim' }, { kind: 'start', which: 0 }, { kind: 'fail', which: 0 }]],
  ['merge.queued', [{ kind: 'claim' }, { kind: 'start', which: 0 }, { kind: 'merge', which: 0 }]],
  ['question.asked', [{ kind: 'claim' }, { kind: 'start', which: 0 }, other('step'), other('ask')]],
  ['message.sent', [other('say')]],
  ['task.paused', [other('pause')]],
  ['project.paused', [other('pause-project')]],
  [
    'provider.limited',
    [
      ...([{ kind: 'claim' }, { kind: 'start', which: 0 }, other('step')] as const),
      ...([{ kind: 'release', which: 0 }, other('limit')] as const),
    ],
  ],
];

function other(kind: 'step' | 'ask' | 'say' | 'limit' | 'log' | 'pause' | 'pause-project'): Happening {
  return { kind, which: 0, isOther: true };
}

test('S3-48 a face that does not hear of a single event is found out by what it shows', async () => {
  for (const [missed, list] of TELLING) {
    await using project = await StoredProject.open();
    const api = project.api();
    const follow: ProjectApi['follow'] = async function* (after, signal) {
      for await (const batch of api.follow(after, signal)) yield batch.filter(({ type }) => type !== missed);
    };
    const bursts = [{ happenings: [...list, other('log')], keys: [], size: undefined }];
    await assert.rejects(followed(project, { ...api, follow }, bursts), assert.AssertionError, missed);
    await using whole = await StoredProject.open();
    await followed(whole, whole.api(), bursts);
  }
});
