import { CRASH_POINTS, type CrashPoint } from '../src/core/crash-points.ts';
import { messageOf } from '../src/core/errors.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { type CrashProject, makeCrashProject, PERSON, type Scene, sceneOf } from './crash-scenes.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { type Violation, violations } from './invariants.ts';

/** When the program dies: the first time that it comes to a point, or the second time. */
export const HITS = ['first', 'second'] as const;
export type Hit = (typeof HITS)[number];

/** What became of one crash. */
export interface Crash {
  readonly point: CrashPoint;
  readonly hit: Hit;
  /** How often the program died there: twice where one life comes to the point only once. */
  readonly deaths: number;
  readonly wrong: readonly Violation[];
}

/** Most of a crash is waiting for processes. */
const AT_ONCE = 2;
const CRASHED = /the orchestrator crashed \(SIGKILL\)/;

export const crashPoints: Experiment = {
  about:
    'The installed program kills itself at every crash point, at the first and at the second hit, and goes on; then every invariant is checked.',
  async run({ scale, note }) {
    await using server = await startPostgres();
    const names = Object.keys(CRASH_POINTS) as CrashPoint[];
    const every = Math.round(names.length / rounds(names.length, scale));
    const points = names.filter((_, index) => index % every === 0);
    const findings: Finding[] = [];
    for (const kind of ['SQLite', 'PostgreSQL'] as const) {
      const crashes = await crashEverywhere(points, {
        database: async () => (kind === 'SQLite' ? undefined : await server.freshDatabase()),
        note: (line) => note(`${kind} ${line}`),
      });
      findings.push(...findingsOf(kind, points, crashes));
    }
    return findings;
  },
};

async function crashEverywhere(
  points: readonly CrashPoint[],
  options: { database: () => Promise<string | undefined>; note: (line: string) => void },
): Promise<readonly Crash[]> {
  const queue = points.flatMap((point) => HITS.map((hit) => ({ point, hit })));
  const crashes: Crash[] = [];
  const work = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const crash = await crashAt(next, options.database);
      crashes.push(crash);
      const wrong = crash.wrong.map(({ invariant, what }) => `${invariant} ${what}`).join('; ');
      options.note(
        `${crash.point} ${crash.hit}: ${crash.deaths} deaths, ${wrong === '' ? 'all is well' : wrong}`,
      );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return crashes;
}

function findingsOf(kind: string, points: readonly CrashPoint[], crashes: readonly Crash[]): Finding[] {
  const deaths = crashes.reduce((sum, crash) => sum + crash.deaths, 0);
  const missed = crashes.filter((crash) => crash.deaths === 0);
  const wrong = crashes.flatMap((crash) => crash.wrong);
  const names = (some: readonly Crash[]) => some.map(({ point, hit }) => `${point} (${hit})`).join(', ');
  return [
    {
      what: `${points.length} crash points twice, on ${kind}`,
      aim: 'every one reached',
      found: missed.length === 0 ? `${deaths} deaths, every point reached` : `not reached: ${names(missed)}`,
      met: missed.length === 0,
    },
    {
      what: `${deaths} deaths, on ${kind}`,
      aim: '0 violations of I1 to I11',
      found: `${wrong.length} violations${wrong.length === 0 ? '' : `, after ${names(crashes.filter((crash) => crash.wrong.length > 0))}`}`,
      met: wrong.length === 0,
    },
  ];
}

/**
 * Lets the program die at a point, go on to the end of its plan, and looks at what is there then. `database` makes a new
 * one; nothing is SQLite. `scene`: another one than the point is mostly tried in.
 */
export async function crashAt(
  { point, hit }: { point: CrashPoint; hit: Hit },
  database: () => Promise<string | undefined>,
  scene: Scene = sceneOf(point),
): Promise<Crash> {
  let deaths = 0;
  const wrong: Violation[] = [];
  try {
    if (hit === 'first') deaths = await tryOnce(`${point}#1`, 1);
    else {
      deaths = await tryOnce(`${point}#2`, 1);
      // A life that comes there once is ended there, and so is the next one.
      if (deaths === 0) deaths = await tryOnce(`${point}#1`, 2);
    }
  } catch (error) {
    wrong.push({ invariant: 'end', what: messageOf(error) });
  }
  return { point, hit, deaths, wrong };

  async function tryOnce(place: string, lives: number): Promise<number> {
    await using crash = await makeCrashProject(await database());
    await scene.prepare?.(crash);
    const died = await dieOften(crash, { command: await scene.command(crash), place, lives });
    if (died === 0) return 0;
    await scene.finish(crash);
    wrong.push(...(await violations(crash.survivor())));
    return died;
  }
}

/** Gives the command with a death in each of so many lives; returns how many came to it. */
async function dieOften(
  { project }: CrashProject,
  { command, place, lives }: { command: readonly string[]; place: string; lives: number },
): Promise<number> {
  let died = 0;
  for (let life = 1; life <= lives; life += 1) {
    const isLast = life === lives;
    // The last one goes on by itself, where the program does.
    const args = isLast || command[0] !== 'run' ? command : [...command, '--no-restart'];
    const { code, stderr } = await project.cw(args, { env: { ...PERSON, CW_CRASH_AT: place } });
    if (code === null || CRASHED.test(stderr)) died += 1;
  }
  return died;
}
