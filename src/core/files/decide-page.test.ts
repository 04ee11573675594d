import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decidePage } from './decide-page.ts';

const [OURS, NEWER, THEIRS] = ['ours', 'newer', 'theirs'];

test('S2-52 what we wrote ourselves is never an edit, whatever should stand there now', () => {
  assert.deepEqual(decidePage({ base: OURS, file: OURS, wanted: OURS }), { kind: 'nothing' });
  assert.deepEqual(decidePage({ base: OURS, file: OURS, wanted: NEWER }), {
    kind: 'write',
    over: OURS,
    text: NEWER,
  });
  assert.deepEqual(decidePage({ base: OURS, file: OURS, wanted: undefined }), { kind: 'remove', over: OURS });
});

test('S2-54 what a person saved is never written over or taken away before it was read', () => {
  for (const wanted of [OURS, NEWER, undefined]) {
    assert.deepEqual(decidePage({ base: OURS, file: THEIRS, wanted }), { kind: 'edited', text: THEIRS });
  }
  assert.deepEqual(decidePage({ base: undefined, file: THEIRS, wanted: NEWER }), {
    kind: 'edited',
    text: THEIRS,
  });
});

test('a file that nobody wrote for us is a new one, and one that is gone was deleted', () => {
  assert.deepEqual(decidePage({ base: undefined, file: THEIRS, wanted: undefined }), {
    kind: 'created',
    text: THEIRS,
  });
  assert.deepEqual(decidePage({ base: OURS, file: undefined, wanted: NEWER }), { kind: 'deleted' });
  assert.deepEqual(decidePage({ base: OURS, file: undefined, wanted: undefined }), { kind: 'forget' });
  assert.deepEqual(decidePage({ base: undefined, file: undefined, wanted: undefined }), { kind: 'nothing' });
});

test('a file that says what it should is taken as written, also when the record of it was lost', () => {
  assert.deepEqual(decidePage({ base: undefined, file: NEWER, wanted: NEWER }), { kind: 'adopt' });
  assert.deepEqual(decidePage({ base: OURS, file: NEWER, wanted: NEWER }), { kind: 'adopt' });
});
