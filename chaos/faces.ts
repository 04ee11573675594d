import fc from 'fast-check';
import { type Burst, burst, compare } from '../test/tui/compare-face.ts';
import { DrivenFace } from '../test/tui/driven-face.ts';
import { LivingProject } from '../test/tui/project-acts.ts';
import { CUTS, ServedProject } from '../test/tui/served-face.ts';
import { StoredProject } from '../test/tui/stored-project.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';

/** Of one project, after each of which the screen is compared. */
const BURSTS = 8;

/** A project changes under a face that shows it, and everything between the two breaks. */
export const faces: Experiment = {
  about:
    'The whole terminal face is driven by random keys and sizes on a terminal without a window, while random things happen to the project that it shows through a server. What lies between breaks: the server ends, streams are cut, the database is away, a backup is restored. After each burst the text on the screen is held against what SQL says of the database, and its cells against those of a face that was opened just now.',
  async run({ seed, scale, note }) {
    const count = rounds(150, scale);
    const lists = fc.sample(fc.array(burst, { minLength: BURSTS, maxLength: BURSTS, size: 'max' }), {
      numRuns: count,
      seed,
    });
    const seen: Seen = { compared: 0, read: 0, cuts: 0 };
    const wrong: string[] = [];
    for (const [round, bursts] of lists.entries()) {
      try {
        await watch(bursts, round, seen);
      } catch (error) {
        wrong.push(`round ${round}`);
        note(`round ${round}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    return findings(count, seen, wrong);
  },
};

interface Seen {
  compared: number;
  read: number;
  cuts: number;
}

async function watch(bursts: readonly Burst[], round: number, seen: Seen): Promise<void> {
  await using project = await StoredProject.open();
  const living = await LivingProject.begin(project);
  await using served = await ServedProject.open(project);
  await using face = await DrivenFace.open(served.api, { width: 170, height: 50 });
  for (const [number, { happenings, keys, size }] of bursts.entries()) {
    // In every other burst something breaks, each in its turn.
    const cut = number % 2 === 1 ? CUTS[(round + (number - 1) / 2) % CUTS.length] : undefined;
    const isRestored = cut?.startsWith('restored') === true;
    if (isRestored) await project.backUp();
    const middle = Math.ceil(happenings.length / 2);
    for (const happening of happenings.slice(0, middle)) await living.live(happening);
    if (cut !== undefined) {
      await served.cut(cut);
      seen.cuts += 1;
    }
    if (isRestored) await living.forget();
    for (const happening of happenings.slice(middle)) await living.live(happening);
    if (size !== undefined) face.type({ kind: 'resize', ...size });
    face.press(...keys);
    await served.mend();
    seen.compared += 1;
    if (await compare(project, face)) seen.read += 1;
  }
}

function findings(count: number, seen: Seen, wrong: readonly string[]): Finding[] {
  return [
    {
      what: `${count} projects, ${seen.compared} screens compared cell by cell, ${seen.cuts} cuts`,
      aim: '0 projects with a screen that is not what the store says',
      found: wrong.length === 0 ? '0' : `${wrong.length}: ${wrong.join(', ')}`,
      met: wrong.length === 0,
    },
    {
      what: 'screens large enough to be read row by row and held against SQL',
      aim: 'more than half',
      found: String(seen.read),
      met: seen.read > seen.compared / 2,
    },
  ];
}
