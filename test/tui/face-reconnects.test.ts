import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { shownTasks } from '../../src/surfaces/tui/focus.ts';
import { burst, compare } from './compare-face.ts';
import { DrivenFace } from './driven-face.ts';
import { LivingProject } from './project-acts.ts';
import { CUTS, type Cut, ServedProject } from './served-face.ts';
import { StoredProject } from './stored-project.ts';

const RUNS = 6;

const stretch = fc.record({
  before: burst,
  cut: fc.constantFrom<Cut>(...CUTS),
  /** While it is cut. */
  during: burst,
});

test('S3-48 after any cut the face shows what the store says, and every line of output once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(stretch, { minLength: 2, maxLength: 4, size: 'max' }), async (stretches) => {
      await using project = await StoredProject.open();
      const living = await LivingProject.begin(project);
      await using served = await ServedProject.open(project);
      await using face = await DrivenFace.open(served.api, { width: 170, height: 50 });
      for (const { before, cut, during } of stretches) {
        if (cut.startsWith('restored')) await project.backUp();
        for (const happening of before.happenings) await living.live(happening);
        await compare(project, face);
        await served.cut(cut);
        if (cut === 'server' || cut === 'restored-unseen') {
          await face.until(({ view }) => view.connection === 'reconnecting', 'reconnecting');
          const [header = ''] = face.screen.rows();
          assert.match(header, /reconnecting/);
        }
        if (cut.startsWith('restored')) await living.forget();
        for (const happening of during.happenings) await living.live(happening);
        face.press(...during.keys);
        await served.mend();
        await compare(project, face);
        allOnce(project, face);
      }
    }),
    { numRuns: RUNS, endOnFailure: true },
  );
});

/** Every line of the outputs on the screen is there once, in the order in which it was printed. */
function allOnce(project: StoredProject, { app }: DrivenFace): void {
  for (const task of shownTasks(app)) {
    const output = app.outputs.of(task);
    const printed = project.printed(app.view.tasks.get(task)?.place ?? task);
    if (output === undefined || printed.length === 0) continue;
    const lines = Array.from({ length: output.endLine - output.firstLine }, (_, n) =>
      output.plainLine(output.firstLine + n),
    ).filter((line) => line.startsWith('line '));
    assert.equal(new Set(lines).size, lines.length, `${task} has lines twice`);
    assert.deepEqual(lines.slice(-printed.length), printed, task);
  }
}
