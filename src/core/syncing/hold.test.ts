import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TASK_STATES } from '../tasks/states.ts';
import { heldRemoval, isOpen } from './hold.ts';

const some = (count: number) => Array.from({ length: count }, (_, index) => `t${index}`);

test('S0-55 a file that takes away more than half of the open tasks, and at least two, is held', () => {
  const held = (open: number, removed: number) => heldRemoval(open, some(removed)) !== undefined;
  const cases: [open: number, removed: number, isHeld: boolean][] = [
    [0, 0, false],
    [1, 1, false],
    [2, 1, false],
    [2, 2, true],
    [3, 2, true],
    [4, 2, false],
    [4, 3, true],
    [10_000, 5_000, false],
    [10_000, 5_001, true],
  ];
  for (const [open, removed, isHeld] of cases)
    assert.equal(held(open, removed), isHeld, `${removed} of ${open}`);
  assert.deepEqual(heldRemoval(3, ['a', 'b']), { removed: ['a', 'b'], open: 3 });
});

test('S0-55 a task that failed or is blocked is open: somebody still wants it', () => {
  assert.deepEqual(
    TASK_STATES.filter((state) => !isOpen(state)),
    ['done', 'skipped', 'cancelled', 'archived'],
  );
});
