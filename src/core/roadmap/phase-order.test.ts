import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePhaseNumbers, inPhaseOrder, isInserted } from './phase-order.ts';

const ordered = (ids: string[]) => inPhaseOrder(ids.map((id) => ({ id }))).map((phase) => phase.id);

test('S2-18 S3-64 phases come in numeric order, decimals after their whole number', () => {
  assert.deepEqual(ordered(['2', '1.1', '10', '1']), ['1', '1.1', '2', '10']);
  assert.deepEqual(ordered(['1.10', '1.9', '1.1.1', '1.1']), ['1.1', '1.1.1', '1.9', '1.10']);
});

test('phases with names stay where they stand', () => {
  assert.deepEqual(ordered(['setup', '2', 'middle', '1', 'end']), ['setup', '1', 'middle', '2', 'end']);
  assert.deepEqual(ordered(['b', 'a']), ['b', 'a']);
});

test('S2-18 a decimal phase is an insertion', () => {
  assert.deepEqual(['1', '2.1', '2.1.3', 'v1.2', 'a'].map(isInserted), [false, true, true, false, false]);
});

test('phase numbers of any length compare', () => {
  assert.equal(comparePhaseNumbers('1', '01'), 0);
  assert.equal(comparePhaseNumbers(`${'9'.repeat(40)}0`, '9'.repeat(40)), 1);
});
