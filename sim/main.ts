import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Failure, runCourse, runScenario, scenarioOf, shrink } from './course.ts';
import { MUTANTS } from './mutants.ts';
import { type Scenario, scenarioSchema } from './scenario.ts';
import type { WorldReport } from './world.ts';

const FAILURES = 'sim-failures';
const SHRINK_TRIES = 60;
const HELP = `npm run sim -- [--seed N] [--steps 1000000] [--orchestrators 5] [--tasks 40] [--chaos-steps 10000]
           [--world N] [--replay file] [--mutant name]
npm run sim -- scale [--help]

Runs the engine and its store in simulated worlds, where a seed decides what happens next and what goes wrong, and
looks after every step whether what must always be true still is. The same seed gives the same course, bit for bit.

  --world N       only the world of that number
  --replay file   the scenario in this file, as a failure leaves it
  --mutant name   with one part broken on purpose: ${Object.keys(MUTANTS).join(', ')}`;

if (process.argv[2] === 'scale') {
  const { scaleMain } = await import('./scale/main.ts');
  await scaleMain(process.argv.slice(3));
  process.exit();
}

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    steps: { type: 'string', default: '1000000' },
    orchestrators: { type: 'string', default: '5' },
    tasks: { type: 'string', default: '40' },
    'chaos-steps': { type: 'string', default: '10000' },
    world: { type: 'string' },
    replay: { type: 'string' },
    mutant: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  },
});

const numbers = [
  values.seed,
  values.steps,
  values.orchestrators,
  values.tasks,
  values['chaos-steps'],
  values.world,
];
const isWrong = numbers.some((text) => text !== undefined && !/^\d+$/.test(text));
const isUnknown = values.mutant !== undefined && MUTANTS[values.mutant] === undefined;
if (values.help === true || isWrong || isUnknown) {
  console.log(HELP);
  process.exit(values.help === true ? 0 : 2);
}

// Budgets know local days.
process.env['TZ'] = 'UTC';
const limits = {
  orchestrators: Number(values.orchestrators),
  tasks: Number(values.tasks),
  chaosSteps: Number(values['chaos-steps']),
};
const { mutant } = values;
const course = { seed: Number(values.seed), limits, ...(mutant === undefined ? {} : { mutant }) };

if (values.replay !== undefined) {
  const scenario = scenarioSchema.parse(JSON.parse(await readFile(values.replay, 'utf8')));
  await one(scenario);
} else if (values.world !== undefined) {
  await one(scenarioOf(course, Number(values.world)));
} else {
  await all();
}

async function all(): Promise<void> {
  const startedAt = performance.now();
  const report = await runCourse({
    ...course,
    steps: Number(values.steps),
    onWorld: (number, scenario, { steps, simulatedMs, hash }) => {
      console.error(
        `  world ${number}: ${scenario.orchestrators} orchestrators, ${scenario.tasks} tasks, ${steps} steps, ${minutes(simulatedMs)} simulated, ${hash.slice(0, 12)}`,
      );
    },
  });
  const seconds = (performance.now() - startedAt) / 1_000;
  console.log(
    `seed ${values.seed}: ${report.steps} steps in ${report.worlds} worlds, ${minutes(report.simulatedMs)} simulated, ${seconds.toFixed(1)} s`,
  );
  console.log(`${report.events} events, ${report.claims} claims, ${report.merges} merges`);
  console.log(
    Object.entries(report.faults)
      .map(([fault, count]) => `${count} × ${fault}`)
      .join(', '),
  );
  console.log(`trace ${report.hash}`);
  if (report.failure === undefined) return;
  await tell(report.failure);
}

async function one(scenario: Scenario): Promise<void> {
  const report = await runScenario(scenario);
  console.log(JSON.stringify(scenario));
  console.log(`${report.steps} steps, ${report.events} events, ${minutes(report.simulatedMs)} simulated`);
  console.log(`trace ${report.hash}`);
  if (report.violation !== undefined) say(report);
}

function say({ violation, steps }: WorldReport): void {
  if (violation === undefined) return;
  console.log(`\n${violation.recent.join('\n')}\n`);
  console.log(`BROKEN at step ${steps}: ${violation.invariant}\n${violation.what}`);
  process.exitCode = 1;
}

async function tell(failure: Failure): Promise<void> {
  say(failure.report);
  const { seed, limits } = course;
  console.log(
    `\nThe same again:\n  ${command(['--seed', seed, '--world', failure.world, ...flags(limits)])}`,
  );
  const smaller = await shrink(failure, SHRINK_TRIES);
  await mkdir(FAILURES, { recursive: true });
  const file = join(FAILURES, `seed-${seed}-world-${failure.world}.json`);
  await writeFile(file, `${JSON.stringify(smaller.scenario, undefined, 2)}\n`);
  const { orchestrators, tasks, faults } = smaller.scenario;
  console.log(
    `\nSmaller, with ${orchestrators} orchestrators, ${tasks} tasks, ${faults.length} kinds of faults and ${smaller.report.steps} steps:\n  ${command(['--replay', file])}`,
  );
}

function flags({ orchestrators, tasks, chaosSteps }: typeof limits): (string | number)[] {
  const broken = mutant === undefined ? [] : ['--mutant', mutant];
  return ['--orchestrators', orchestrators, '--tasks', tasks, '--chaos-steps', chaosSteps, ...broken];
}

function command(args: readonly (string | number)[]): string {
  return `npm run sim -- ${args.join(' ')}`;
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}
