import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { runCourse, runScenario, scenarioOf, shrink } from '../../sim/course.ts';
import { MUTANTS } from '../../sim/mutants.ts';

const LIMITS = { orchestrators: 4, tasks: 20, chaosSteps: 3_000 };
/** Small and short worlds in which much goes wrong with each task: what is judged at their end is judged often. */
const HARSH = { orchestrators: 4, tasks: 8, chaosSteps: 2_000 };
/** One in which each broken part shows early. */
const TELLING_SEED = 6;
const MAIN = join(import.meta.dirname, '..', '..', 'sim', 'main.ts');
const run = promisify(execFile);

for (const seed of [1, 2, 3]) {
  test(`S3-50 a simulated course keeps every rule while everything goes wrong (seed ${seed})`, async () => {
    const report = await runCourse({ seed, steps: 7_000, limits: LIMITS });
    assert.equal(report.failure?.report.violation?.what, undefined);
    const crashes = (report.faults['crash'] ?? 0) + (report.faults['powerLoss'] ?? 0);
    assert.ok(crashes > 0 && report.merges > 0, JSON.stringify(report));
  });
}

test('the same seed gives the same world bit for bit, also in another process', async () => {
  const limits = { orchestrators: 3, tasks: 8, chaosSteps: 1_000 };
  const [here, again] = [
    await runScenario(scenarioOf({ seed: 9, limits }, 0)),
    await runScenario(scenarioOf({ seed: 9, limits }, 0)),
  ];
  assert.equal(here.hash, again.hash);
  const other = await runScenario(scenarioOf({ seed: 10, limits }, 0));
  assert.notEqual(other.hash, here.hash);
  const args = [
    '--seed',
    '9',
    '--world',
    '0',
    '--orchestrators',
    '3',
    '--tasks',
    '8',
    '--chaos-steps',
    '1000',
  ];
  const { stdout } = await run(process.execPath, [MAIN, ...args]);
  assert.match(stdout, new RegExp(`trace ${here.hash}`));
});

for (const [mutant, { about, breaks }] of Object.entries(MUTANTS)) {
  test(`the simulator notices when ${about}`, async () => {
    const report = await runCourse({ seed: TELLING_SEED, steps: 600_000, limits: HARSH, mutant });
    const found = report.failure?.report.violation?.invariant;
    assert.ok(breaks.includes(found ?? ''), `${found}: ${report.failure?.report.violation?.what}`);
  });
}

test('a failure is told with what replays it, and made smaller', async () => {
  const report = await runCourse({ seed: 4, steps: 50_000, limits: LIMITS, mutant: 'slots-ignored' });
  assert.ok(report.failure);
  const smaller = await shrink(report.failure, 20);
  assert.equal(smaller.report.violation?.invariant, report.failure.report.violation?.invariant);
  assert.ok(smaller.scenario.faults.length < report.failure.scenario.faults.length);
  const replayed = await runScenario(smaller.scenario);
  assert.equal(replayed.hash, smaller.report.hash);
});
