import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from '../cli/commands.ts';
import { DIALOG_KEYS, type DialogGroup, type DialogKey, dialogKey } from './dialog-keys.ts';
import {
  dialogKeysByGroup,
  KEYS,
  type KeyBinding,
  keyMeaning,
  keysByGroup,
  keyText,
  type ListedGroup,
} from './keys.ts';
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
  assert.deepEqual(['ctrl+w left', 'g g', 'enter', 'shift+tab', 'ctrl+right', 'alt+b', '+'].map(keyText), [
    'Ctrl-w ←',
    'g g',
    'Enter',
    'Shift-Tab',
    'Ctrl-→',
    'Alt-b',
    '+',
  ]);
});

test('a key means one thing in a dialog', () => {
  for (const [group, bindings] of Object.entries(DIALOG_KEYS)) {
    const keys = Object.values(bindings as Readonly<Record<string, DialogKey>>).flatMap((each) => each.keys);
    assert.deepEqual(keys, [...new Set(keys)], group);
    for (const key of keys) assert.notEqual(dialogKey(group as DialogGroup, key), undefined, key);
  }
  assert.equal(dialogKey('diff', 'x'), undefined);
});

test('all keys are listed, those of the panes and those of the dialogs', () => {
  const countOf = (groups: readonly ListedGroup[]) =>
    groups.flatMap((group) => group.keys.flatMap(({ keys }) => keys)).length;
  assert.equal(countOf(keysByGroup()), BINDINGS.flatMap(([, { keys }]) => keys).length);
  const dialogs = Object.values(DIALOG_KEYS).flatMap((group) =>
    Object.values(group as Readonly<Record<string, DialogKey>>).flatMap(({ keys }) => keys),
  );
  assert.equal(countOf(dialogKeysByGroup()), dialogs.length);
});
