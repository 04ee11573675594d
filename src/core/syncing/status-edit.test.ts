import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFields } from '../roadmap/fields.ts';
import type { RoadmapProblemCode } from '../roadmap/problem.ts';
import { readStatus } from '../roadmap/status.ts';
import type { LocatedMap } from '../source/located.ts';
import { ProblemList } from '../source/problem.ts';
import { TASK_STATES } from '../tasks/states.ts';
import { statusEdit } from './status-edit.ts';

const WORDS = ['pending', 'in_progress', 'blocked', 'done', 'cancelled', undefined] as const;

/** What the words mean, as the file is read. */
function meaning(word: string | undefined) {
  const at = { line: 1, col: 1 };
  const value = { kind: 'scalar', value: word, text: word, at } as const;
  const entries = word === undefined ? [] : [{ key: 'status', keyAt: at, value }];
  const map = { kind: 'map', entries, at } as unknown as LocatedMap;
  const problems = new ProblemList<RoadmapProblemCode>('roadmap.yaml', '');
  return readStatus(openFields(map, { name: 'A task', keys: ['status'] }, problems));
}

const edited = (state: (typeof TASK_STATES)[number], before: string | undefined, after: string | undefined) =>
  statusEdit({ state, attempts: 1, isIntended: false }, meaning(before), meaning(after));

test('S0-52 a status that stands there since the last sync reverts nothing, whatever it says', () => {
  for (const word of WORDS) {
    for (const state of TASK_STATES)
      assert.equal(edited(state, word, word), undefined, `${word} at ${state}`);
  }
});

test('S0-52 an edited status counts, by where the task stands', () => {
  const still = ['pending', 'in_progress', 'blocked', undefined] as const;
  const table: Record<string, Partial<Record<(typeof TASK_STATES)[number], string>>> = {
    done: { pending: 'done', blocked: 'done', waiting_input: 'done', failed: 'done', cancelled: 'done' },
    cancelled: {
      pending: 'cancelled',
      blocked: 'cancelled',
      waiting_input: 'cancelled',
      claimed: 'cancelled',
      running: 'cancelled',
      merging: 'cancelled',
    },
    pending: { failed: 'reset', skipped: 'reset', cancelled: 'reset' },
  };
  for (const before of WORDS) {
    for (const after of WORDS) {
      const same =
        meaning(before) === meaning(after) ||
        [before, after].every((word) => still.some((one) => one === word));
      const row = table[still.some((one) => one === after) ? 'pending' : (after ?? 'pending')];
      for (const state of TASK_STATES) {
        assert.equal(
          edited(state, before, after),
          same ? undefined : row?.[state],
          `${before} → ${after} at ${state}`,
        );
      }
    }
  }
});

test('S0-52 a merge that is about to become visible is not cancelled by an edit', () => {
  assert.equal(
    statusEdit({ state: 'merging', attempts: 1, isIntended: true }, 'pending', 'cancelled'),
    undefined,
  );
});

test('S0-52 only what was done by the word of the file is opened again by it', () => {
  const back = (attempts: number) =>
    statusEdit({ state: 'done', attempts, isIntended: false }, 'done', 'pending');
  assert.equal(back(0), 'reopened');
  assert.equal(back(1), undefined);
});
