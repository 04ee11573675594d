import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../cli/commands.ts';
import { KEYS, type KeyBinding, keyMeaning, keyText } from './keys.ts';
import { PANES } from './ui.ts';

const BINDINGS = Object.entries(KEYS) as readonly (readonly [string, KeyBinding])[];

test('every key means one thing in each pane, and none is the beginning of another', () => {
  for (const pane of PANES) {
    const here = BINDINGS.filter(([, { panes }]) => panes?.includes(pane) !== false).flatMap(
      ([id, { keys }]) => keys.map((keyed) => ({ id, keyed })),
    );
    for (const { id, keyed } of here) {
      assert.deepEqual(keyMeaning(keyed.split(' '), pane), { kind: 'found', id }, `${keyed} in ${pane}`);
      const others = here.filter((each) => each.keyed === keyed || each.keyed.startsWith(`${keyed} `));
      assert.equal(others.length, 1, `${keyed} in ${pane}`);
    }
  }
});

test('a key that begins others waits for the next one, and one that means nothing is nothing', () => {
  assert.deepEqual(keyMeaning(['g'], 'plan'), { kind: 'begun' });
  assert.deepEqual(keyMeaning(['ctrl+w'], 'plan'), { kind: 'begun' });
  assert.deepEqual(keyMeaning(['ctrl+w', 'z'], 'plan'), { kind: 'none' });
  assert.deepEqual(keyMeaning(['f9'], 'plan'), { kind: 'none' });
});

test('the command lines in the table are commands', () => {
  const names = COMMANDS.map(({ id }) => `cw ${id.replace('.', ' ')}`);
  for (const [id, { command }] of BINDINGS) if (command !== undefined) assert.ok(names.includes(command), id);
});

test('keys are written as people say them', () => {
  assert.deepEqual(['ctrl+w h', 'g g', 'enter', 'shift+tab'].map(keyText), [
    'Ctrl-w h',
    'g g',
    'Enter',
    'Shift-Tab',
  ]);
});
