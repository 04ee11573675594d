import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const KEYS = ['depends_on', 'dependencies', 'prompt', 'priority', 'title', 'id', 'files'];

const CASES: readonly [word: string, meant: string | undefined][] = [
  ['promt', 'prompt'],
  ['prompts', 'prompt'],
  ['rpompt', 'prompt'],
  ['dependsOn', 'depends_on'],
  ['depends-on', 'depends_on'],
  ['DEPENDS_ON', 'depends_on'],
  ['dependecies', 'dependencies'],
  ['titel', 'title'],
  ['file', 'files'],
  ['ID', 'id'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['x'.repeat(1_000), undefined],
];

for (const [word, meant] of CASES) {
  test(`"${word.slice(0, 20)}" ${meant === undefined ? 'means nothing known' : `means ${meant}`}`, () => {
    assert.equal(nearest(word, KEYS), meant);
  });
}
