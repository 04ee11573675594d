import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { systemClock } from './clock.ts';

test('a time that has passed already is no sleep, and nothing that Node warns of', async () => {
  const stop = new AbortController();
  const warned = once(process, 'warning', { signal: stop.signal }).then(
    ([warning]) => String(warning),
    () => 'nothing',
  );
  await systemClock.sleep(-5);
  // Warnings are told in a later turn.
  await systemClock.sleep(1);
  stop.abort();
  assert.equal(await warned, 'nothing');
});
