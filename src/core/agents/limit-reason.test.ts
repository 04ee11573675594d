import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitOutcome } from './exit-outcome.ts';
import { limitReason } from './limit-reason.ts';
import type { StoppingLimit } from './ports.ts';

const GiB = 2 ** 30;

const CASES: readonly (readonly [StoppingLimit, number, number, string])[] = [
  [
    'firstOutputMs',
    120_004,
    120_000,
    'printed nothing for 2 min after its start; limits.firstOutputMs allows 2 min',
  ],
  ['silenceMs', 900, 900, 'printed nothing for 900 ms; limits.silenceMs allows 900 ms'],
  ['totalMs', 90_000, 90_000, 'ran for 1.5 min; limits.totalMs allows 1.5 min'],
  ['outputBytes', 100_001, 100_000, 'printed 97.7 KiB; limits.outputBytes allows 97.6 KiB'],
  ['diskBytes', 8.01 * GiB, 8 * GiB, 'wrote 8.1 GiB to disk; limits.diskBytes allows 8 GiB'],
  [
    'memoryBytes',
    9 * GiB,
    8 * GiB,
    'used 9 GiB of memory with what it started; limits.memoryBytes allows 8 GiB',
  ],
  ['processes', 1_204, 1_000, 'ran 1204 processes at once; limits.processes allows 1000'],
];

for (const [by, measured, allowed, says] of CASES) {
  test(`the reason of a stop by ${by} names the setting, what was measured and what is allowed`, () => {
    assert.equal(limitReason({ kind: 'stopped', by, measured, allowed }), says);
  });
}

test('a stop by a limit is a stalled turn whose reason names the command', () => {
  const exit = { kind: 'stopped', by: 'processes', measured: 3, allowed: 2 } as const;
  assert.deepEqual(exitOutcome({ exit, command: 'claude', stderrTail: '' }, { install: '' }), {
    kind: 'stalled',
    limit: 'processes',
    reason: 'claude ran 3 processes at once; limits.processes allows 2',
  });
});
