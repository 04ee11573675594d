import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byteCount, duration, money } from './format.ts';

test('durations are read at a glance from seconds to days', () => {
  assert.equal(duration(-5), '0s');
  assert.equal(duration(42_900), '42s');
  assert.equal(duration(185_000), '3m 05s');
  assert.equal(duration(7_620_000), '2h 07m');
  assert.equal(duration(273_600_000), '3d 4h');
});

test('money below a cent is not shown as nothing', () => {
  assert.equal(money(0), '$0.00');
  assert.equal(money(0.004), '<$0.01');
  assert.equal(money(12.3), '$12.30');
});

test('sizes have the unit in which they are shortest', () => {
  assert.deepEqual([0, 512, 1_023, 4_096, 1_572_864, 2 ** 60].map(byteCount), [
    '0 B',
    '512 B',
    '1023 B',
    '4.0 KiB',
    '1.5 MiB',
    '1048576.0 TiB',
  ]);
});
