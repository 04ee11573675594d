import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeliveryOutcome } from '../../core/api/parts.ts';
import { ForgeError } from '../../core/delivery/forge-error.ts';
import type { Clock } from '../../core/ports.ts';
import { PullWatch, type PullWatchParts } from './pull-watch.ts';

const PROPOSED: DeliveryOutcome = {
  ...{ kind: 'proposed', branch: 'cw/integration', target: 'main', commit: '1'.repeat(40) },
  ...{ number: 7, url: 'https://github.com/ada/shop/pull/7', tasks: ['a', 'b'] },
};

/** A watch whose time passes at once, until it has slept so often. */
async function watched(sleeps: number, parts: Partial<PullWatchParts>) {
  const slept: number[] = [];
  const notices: string[] = [];
  const { promise: over, resolve: end } = Promise.withResolvers<void>();
  const clock: Clock = {
    now: () => 0,
    steady: () => 0,
    sleep: async (ms, signal) => {
      slept.push(ms);
      if (slept.length < sleeps) return;
      end();
      await new Promise((resolve) => signal?.addEventListener('abort', resolve));
    },
  };
  const watch = new PullWatch({
    clock,
    wants: async () => ({ look: true, propose: false }),
    look: async () => ({ state: 'open' }),
    propose: async () => PROPOSED,
    onNotice: (message) => {
      notices.push(message);
      if (/not looked at any more/.test(message)) end();
    },
    ...parts,
  });
  watch.start();
  await over;
  await watch[Symbol.asyncDispose]();
  return { slept, notices };
}

test('a pull request is looked at less and less while nothing happens, and soon again after something did', async () => {
  const states = ['open', 'open', 'merged', 'open'];
  const { slept } = await watched(5, { look: async () => ({ state: states.shift() ?? 'open' }) });
  assert.deepEqual(slept, [30_000, 60_000, 120_000, 30_000, 60_000]);
});

test('a forge that knows no token is not asked again, and that is said once', async () => {
  let looks = 0;
  const { slept, notices } = await watched(9, {
    look: async () => {
      looks += 1;
      throw new ForgeError('auth', 'GitHub does not know the token', { advice: 'Give another.' });
    },
  });
  assert.deepEqual([looks, slept], [1, [30_000]]);
  assert.deepEqual(notices, [
    'the pull request is not looked at any more: GitHub does not know the token. Give another.',
  ]);
});

test('what is new is proposed when somebody wants that, and told', async () => {
  const wanted = [false, true];
  const { notices } = await watched(3, {
    wants: async () => ({ look: false, propose: wanted.shift() ?? false }),
    look: async () => assert.fail('there is no pull request to look at'),
  });
  assert.deepEqual(notices, ['2 tasks wait in pull request #7: https://github.com/ada/shop/pull/7']);
});
