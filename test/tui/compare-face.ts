import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { App } from '../../src/surfaces/tui/app.ts';
import { shownTasks } from '../../src/surfaces/tui/focus.ts';
import { complaintsAbout } from './complaints.ts';
import { type DrivenFace, freshCells } from './driven-face.ts';
import { happenings } from './project-acts.ts';
import { stored } from './store-says.ts';
import { DAY_BUDGET_USD, type StoredProject } from './stored-project.ts';

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

/** Some things happen, some keys are pressed, and perhaps the terminal gets another size. */
export const burst = fc.record({
  happenings: fc.array(happenings, { minLength: 1, maxLength: 8 }),
  keys: fc.array(fc.constantFrom(...KEYS), { maxLength: 4 }),
  size: fc.option(size, { nil: undefined, freq: 4 }),
});
export type Burst = typeof burst extends fc.Arbitrary<infer T> ? T : never;

/**
 * Waits until the face has all that has happened, and compares what it shows with what is stored. Resolves to whether
 * the screen was large enough to be read as a whole.
 */
export async function compare(project: StoredProject, face: DrivenFace): Promise<boolean> {
  const problem = await problemOf(project);
  const outline = await project.roadmap.outline();
  const head = await project.store.head();
  const { events } = await stored(project);
  const times = new Map(events.map(({ seq, at }) => [seq, at]));
  // Events of another log may have the same numbers.
  const isSameLog = ({ events: rows }: App['view']): boolean =>
    rows.every(({ seq, at }) => times.get(seq) === at);
  const isThere = ({ view }: App): boolean =>
    view.seq === head &&
    view.connection === 'live' &&
    view.roadmapProblem?.message === problem &&
    (outline === undefined || isDeepStrictEqual(view.records.outline, outline)) &&
    isSameLog(view);
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
  const picture = (): string => `${complaints?.join('\n')}\n${rows.join('\n')}`;
  assert.ok(complaints === undefined || complaints.length === 0, picture());
  const fresh = await freshCells(project.api(), app);
  assert.deepEqual(textsOf(cells), textsOf(fresh), 'a fresh face says something else');
  assert.deepEqual(cells, fresh, 'a fresh face has other colours');
  return complaints !== undefined;
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
