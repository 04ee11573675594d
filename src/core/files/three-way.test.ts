import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editsOf } from './three-way.ts';

const base = { title: 'One', agent: 'coder', files: ['a', 'b'] };

test('S2-54 of a page that both sides changed every field goes its own way', () => {
  const theirs = { ...base, title: 'Theirs' };
  assert.deepEqual(editsOf({ base, theirs, stored: { ...base, agent: 'tester' } }), {
    changed: { title: 'Theirs' },
    conflicts: [],
  });
  assert.deepEqual(editsOf({ base, theirs, stored: { ...base, title: 'Stored' } }), {
    changed: {},
    conflicts: ['title'],
  });
});

test('what both sides changed to the same, or is only written in another way, changes nothing', () => {
  const nothing = { changed: {}, conflicts: [] };
  assert.deepEqual(
    editsOf({ base, theirs: { ...base, title: 'Two' }, stored: { ...base, title: 'Two' } }),
    nothing,
  );
  assert.deepEqual(editsOf({ base, theirs: { ...base, title: ' One\r\n' }, stored: base }), nothing);
  assert.deepEqual(
    editsOf({ base: { ...base, files: [] }, theirs: base, stored: base }).changed,
    {},
    'the store has it already',
  );
});

test('a key that a person took away is taken out', () => {
  const { agent: _, ...without } = base;
  assert.deepEqual(editsOf({ base, theirs: without, stored: base }).changed, { agent: null });
});
