import { createHash } from 'node:crypto';
import { INTACT, MUTANTS } from './mutants.ts';
import { drawScenario, FAULTS, type Scenario } from './scenario.ts';
import { runWorld, type WorldReport } from './world.ts';

export interface Limits {
  /** Most orchestrators at once in a world. */
  readonly orchestrators: number;
  readonly tasks: number;
  /** Most steps of a world in which things go wrong. */
  readonly chaosSteps: number;
}

export interface CourseOptions {
  readonly seed: number;
  /** World after world, until so many steps were made in all. */
  readonly steps: number;
  readonly limits: Limits;
  readonly mutant?: string;
  readonly onWorld?: (number: number, scenario: Scenario, report: WorldReport) => void;
}

export interface CourseReport {
  readonly worlds: number;
  readonly steps: number;
  readonly simulatedMs: number;
  readonly events: number;
  readonly claims: number;
  readonly merges: number;
  readonly overlaps: number;
  readonly faults: Readonly<Record<string, number>>;
  /** SHA-256 over the hashes of all worlds. */
  readonly hash: string;
  readonly failure: Failure | undefined;
}

export interface Failure {
  readonly world: number;
  readonly scenario: Scenario;
  readonly report: WorldReport;
}

/** Runs worlds one after the other, until the steps are made or a rule is found broken. */
export async function runCourse(options: CourseOptions): Promise<CourseReport> {
  const hash = createHash('sha256');
  const sums = { worlds: 0, steps: 0, simulatedMs: 0, events: 0, claims: 0, merges: 0, overlaps: 0 };
  const faults: Record<string, number> = {};
  let failure: Failure | undefined;
  for (let world = 0; sums.steps < options.steps && failure === undefined; world += 1) {
    const scenario = scenarioOf(options, world);
    const report = await runScenario(scenario);
    hash.update(report.hash);
    sums.worlds += 1;
    for (const key of ['steps', 'simulatedMs', 'events', 'claims', 'merges', 'overlaps'] as const) {
      sums[key] += report[key];
    }
    for (const [fault, count] of Object.entries(report.faults)) faults[fault] = (faults[fault] ?? 0) + count;
    options.onWorld?.(world, scenario, report);
    if (report.violation !== undefined) failure = { world, scenario, report };
  }
  return { ...sums, faults, hash: hash.digest('hex'), failure };
}

/** The world of that number of a course. */
export function scenarioOf(
  options: Pick<CourseOptions, 'seed' | 'limits' | 'mutant'>,
  world: number,
): Scenario {
  const scenario = drawScenario(options.seed, world, options.limits);
  return options.mutant === undefined ? scenario : { ...scenario, mutant: options.mutant };
}

export async function runScenario(scenario: Scenario): Promise<WorldReport> {
  const mutant = scenario.mutant === undefined ? INTACT : MUTANTS[scenario.mutant];
  if (mutant === undefined) throw new Error(`There is no mutant ${scenario.mutant}`);
  return await runWorld(scenario, mutant);
}

/**
 * A smaller scenario that breaks the same rule: with fewer kinds of faults, orchestrators, tasks and steps, as long as
 * it still does. Tries at most `tries` worlds.
 */
export async function shrink(failure: Failure, tries: number): Promise<Failure> {
  let best = failure;
  let left = tries;
  for (let isSmaller = true; isSmaller && left > 0; ) {
    isSmaller = false;
    for (const scenario of smallerThan(best)) {
      if (left === 0) break;
      left -= 1;
      const report = await runScenario(scenario);
      if (report.violation?.invariant !== best.report.violation?.invariant) continue;
      if (report.steps > best.report.steps) continue;
      best = { ...best, scenario, report };
      isSmaller = true;
      break;
    }
  }
  return best;
}

function* smallerThan({ scenario, report }: Failure): Iterable<Scenario> {
  const { orchestrators, tasks, hosts, faults } = scenario;
  if (scenario.chaosSteps > report.steps) yield { ...scenario, chaosSteps: report.steps };
  if (tasks > 1) yield { ...scenario, tasks: Math.ceil(tasks / 2) };
  if (orchestrators > 1) {
    yield { ...scenario, orchestrators: orchestrators - 1, hosts: Math.min(hosts, orchestrators - 1) };
  }
  if (hosts > 1) yield { ...scenario, hosts: 1 };
  for (const fault of FAULTS) {
    if (faults.includes(fault)) yield { ...scenario, faults: faults.filter((other) => other !== fault) };
  }
  if (tasks > 1) yield { ...scenario, tasks: tasks - 1 };
}
