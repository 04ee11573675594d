import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from '../src/adapters/process/find-on-path.ts';
import { messageOf } from '../src/core/errors.ts';
import type { E2eProject } from '../test/e2e/project.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { type Violation, violations } from './invariants.ts';
import { makeKillProject } from './kill-project.ts';

/** What changes a disk. */
export const CALLS = [
  'fsync',
  'rename',
  'unlink',
  'mkdir',
  'ftruncate',
  'pwrite64',
  'write',
  'openat',
] as const;
export type Call = (typeof CALLS)[number];

/** What happens at the call instead of it. A program that is killed there has not made it. */
export const FAULTS = ['SIGKILL', 'EIO', 'ENOSPC'] as const;
export type Fault = (typeof FAULTS)[number];

/** Whose calls: those of the orchestrator's own thread, or the same number in whatever it started, too. */
export const WHOSE = ['program', 'family'] as const;
export type Whose = (typeof WHOSE)[number];

/** One fault at one call. */
export interface Injection {
  readonly whose: Whose;
  readonly call: Call;
  readonly fault: Fault;
  /** The how manieth call of that kind, from 1. */
  readonly when: number;
}

/** So many of the calls of one kind are tried, evenly over all of them. */
const MOST = 40;
/** Programs that are started make few calls each, and meet the fault at the first of them. */
const FAMILY_CALLS = 6;
const AT_ONCE = 2;
/** What programs tell each other or themselves, by pipes and the like: no disk can make it fail. */
const NO_DISK = /^\d* *write\(\d+<(?!\/).*\(INJECTED\)/m;
/** Only a program that hangs runs so long. */
const PATIENCE_MS = 60_000;
const PROGRAM = join(import.meta.dirname, '..', 'dist', 'cw.mjs');

export const syscalls: Experiment = {
  about:
    'One task from its claim to its merge, on SQLite, without a guardian. At the n-th system call that changes a disk the program is killed, or the call fails with EIO or ENOSPC (strace injects it); then the plan is run again, and every invariant is checked.',
  async run({ scale, note }) {
    const strace = findStrace(note);
    if (strace === undefined) {
      return [{ what: 'faults at system calls', aim: 'strace', found: 'it cannot be installed', met: false }];
    }
    const counts = await countCalls(strace);
    const injections = CALLS.flatMap((call) => plan(call, counts[call] ?? 0, scale));
    const results: { injection: Injection; wrong: readonly Violation[] | undefined }[] = [];
    const queue = [...injections];
    const work = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        const wrong = await inject(strace, next);
        results.push({ injection: next, wrong });
        if (wrong !== undefined && wrong.length > 0)
          note(`${told(next)}: ${wrong.map(({ invariant, what }) => `${invariant} ${what}`).join('; ')}`);
        if (results.length % 50 === 0) note(`${results.length} of ${injections.length}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return CALLS.filter((call) => (counts[call] ?? 0) > 0).map((call) =>
      finding(
        call,
        counts[call] ?? 0,
        results.filter(({ injection }) => injection.call === call),
      ),
    );
  },
};

function plan(call: Call, count: number, scale: number): Injection[] {
  const tried = Math.min(count, rounds(MOST, scale));
  const own = Array.from({ length: tried }, (_, index) => 1 + Math.floor((index * count) / tried));
  const family = Array.from({ length: rounds(FAMILY_CALLS, scale) }, (_, index) => index + 1);
  return FAULTS.flatMap((fault) => [
    ...own.map((when) => ({ whose: 'program' as const, call, fault, when })),
    ...family.map((when) => ({ whose: 'family' as const, call, fault, when })),
  ]);
}

function finding(
  call: Call,
  count: number,
  all: readonly { injection: Injection; wrong: readonly Violation[] | undefined }[],
): Finding {
  const results = all.flatMap(({ injection, wrong }) => (wrong === undefined ? [] : { injection, wrong }));
  const bad = results.filter(({ wrong }) => wrong.length > 0);
  const each = FAULTS.map(
    (fault) => `${results.filter(({ injection }) => injection.fault === fault).length} ${fault}`,
  ).join(', ');
  return {
    what: `${call}: ${count} calls in one task's life, faults at ${results.length} (${each})`,
    aim: '0 violations',
    found: `${
      all.length > results.length
        ? `${all.length - results.length} more met no disk and are not counted; `
        : ''
    }${bad.length} with violations${
      bad.length === 0
        ? ''
        : `: ${bad
            .slice(0, 5)
            .map(({ injection }) => told(injection))
            .join(', ')}`
    }`,
    met: bad.length === 0,
  };
}

function told({ whose, call, fault, when }: Injection): string {
  return `${fault} at ${call} ${when} of the ${whose}`;
}

/** Its path; installed when it is missing and can be. */
export function findStrace(note: (line: string) => void): string | undefined {
  const found = () => findOnPath('strace', { PATH: process.env['PATH'] ?? '' });
  if (found() !== undefined) return found();
  try {
    execFileSync('apt-get', ['install', '--yes', 'strace'], { stdio: 'ignore' });
  } catch (error) {
    note(`strace cannot be installed: ${messageOf(error)}`);
  }
  return found();
}

/** How often the orchestrator's own thread makes each call in a life that nothing disturbs. */
async function countCalls(strace: string): Promise<Partial<Record<Call, number>>> {
  await using plan = await makeKillProject(1, undefined);
  const log = join(plan.project.directory, 'calls');
  const options = ['-qq', '-o', log, '-e', `trace=${CALLS.join(',')}`];
  const { code, stderr } = await traced(strace, options, plan.project);
  if (code !== 0) throw new Error(`cw run ended with ${code}: ${stderr}`);
  const counts: Partial<Record<Call, number>> = {};
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const call = CALLS.find((each) => line.startsWith(`${each}(`));
    if (call !== undefined) counts[call] = (counts[call] ?? 0) + 1;
  }
  return counts;
}

/**
 * Runs the plan with one fault in it, runs it again without, and looks at what is there then. `undefined`: it hung
 * because the fault met what wakes a program up (an eventfd, a pipe), which no disk can make fail.
 */
export async function inject(
  strace: string,
  { whose, call, fault, when }: Injection,
): Promise<readonly Violation[] | undefined> {
  await using plan = await makeKillProject(1, undefined);
  const { project } = plan;
  const calls = join(project.directory, 'calls');
  const what = fault === 'SIGKILL' ? 'signal=SIGKILL' : `error=${fault}`;
  const options = [
    ...(whose === 'family' ? ['-f'] : []),
    // With the files behind the descriptors.
    ...['-y', '-qq', '-o', calls, '-e', `trace=${call}`],
    ...['-e', `inject=${call}:${what}:when=${when}`],
  ];
  try {
    await traced(strace, options, project);
    const again = await project.cw(['run']);
    // What failed for good is a person's to try again; nothing is lost by it.
    if (again.code === 1) await project.cw(['task', 'retry', 't0']);
    const last = again.code === 0 ? again : await project.cw(['run']);
    if (last.code !== 0) return [{ invariant: 'end', what: `${last.code}: ${again.stderr}${last.stderr}` }];
    return await violations(plan.survivor());
  } catch (error) {
    if (existsSync(calls) && NO_DISK.test(readFileSync(calls, 'utf8'))) return undefined;
    return [{ invariant: 'end', what: messageOf(error) }];
  }
}

/** The bundle itself, without the launcher and the guardian: what dies leaves everything behind. */
async function traced(
  strace: string,
  options: readonly string[],
  { repo, home }: E2eProject,
): Promise<{ code: number | null; stderr: string }> {
  if (!existsSync(PROGRAM)) throw new Error(`${PROGRAM} is missing: npm run build`);
  const child = spawn(strace, [...options, process.execPath, PROGRAM, 'run', '--json'], {
    cwd: repo.root,
    env: { PATH: process.env['PATH'], HOME: home, LANG: 'C.UTF-8' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let isStuck = false;
  const patience = setTimeout(() => {
    isStuck = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, PATIENCE_MS);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  // Not its streams: what it left behind may hold them.
  const [code] = (await once(child, 'exit')) as [number | null];
  clearTimeout(patience);
  if (isStuck) throw new Error(`it did not end in ${PATIENCE_MS} ms: ${stderr}`);
  return { code, stderr };
}
