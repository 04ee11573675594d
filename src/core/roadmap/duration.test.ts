import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDuration } from './duration.ts';

const CASES: readonly [text: string, ms: number | undefined][] = [
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['1h30m', 5_400_000],
  ['1h 30m', 5_400_000],
  ['1.5h', 5_400_000],
  ['2d', 172_800_000],
  ['500ms', 500],
  ['1m500ms', 60_500],
  ['90', 90_000],
  ['0.5', 500],
  [' 30M ', 1_800_000],
  ['0', 0],
  ['', undefined],
  ['m', undefined],
  ['30', 30_000],
  ['30x', undefined],
  ['30m1h', undefined],
  ['1h1h', undefined],
  ['-5m', undefined],
  ['1e3', undefined],
  ['5m!', undefined],
  ['five minutes', undefined],
  ['1'.repeat(40), undefined],
];

for (const [text, ms] of CASES) {
  test(`the duration "${text.slice(0, 20)}" is ${ms === undefined ? 'none' : `${ms} ms`}`, () => {
    assert.equal(parseDuration(text), ms);
  });
}
