import assert from 'node:assert/strict';
import { test } from 'node:test';
import { restMs } from './rest.ts';

test('S0-59 an orchestrator that finds nothing to do looks less and less often, down to every five minutes', () => {
  const rests = [0, 1, 2, 3, 4, 5, 6, 7, 8, 1_000_000].map((idleLooks) =>
    restMs({ idleLooks, wakeInMs: undefined }),
  );
  assert.deepEqual(
    rests,
    [5, 5, 10, 20, 40, 80, 160, 300, 300, 300].map((seconds) => seconds * 1_000),
  );
});

test('S0-59 it is there when more could be ready', () => {
  assert.equal(restMs({ idleLooks: 50, wakeInMs: 7 }), 7);
  assert.equal(restMs({ idleLooks: 50, wakeInMs: 0 }), 1);
  assert.equal(restMs({ idleLooks: 1, wakeInMs: 99_000 }), 5_000);
});
