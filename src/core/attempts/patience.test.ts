import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isLengthened, silenceAllowedMs } from './patience.ts';

test('a limit of silence that would hit who waits for an answer is longer by the wait, and no other one', () => {
  const cases: readonly [silenceMs: number, waitMs: number, allowed: number, lengthened: boolean][] = [
    [900, 60, 900, false],
    [61, 60, 61, false],
    [60, 60, 120, true],
    [1, 60, 61, true],
    [0, 60, 0, false],
    [5, 0, 5, false],
  ];
  for (const [silenceMs, waitMs, allowed, lengthened] of cases) {
    const config = { limits: { silenceMs }, questions: { orchestrator: true, answerMs: 1, waitMs } };
    assert.deepEqual([silenceAllowedMs(config), isLengthened(config)], [allowed, lengthened]);
  }
});
