import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent } from '../events/event.ts';
import type { ProjectApi } from './ports.ts';
import { withFallback } from './with-fallback.ts';

const GONE = { 'not-sent': new Error('not sent'), 'maybe-done': new Error('maybe done') };

function isGone(error: unknown): 'not-sent' | 'maybe-done' | false {
  if (error === GONE['not-sent']) return 'not-sent';
  return error === GONE['maybe-done'] ? 'maybe-done' : false;
}

/** An API of which a test needs a few operations. */
const api = (parts: Partial<ProjectApi>): ProjectApi => parts as ProjectApi;
const event = (seq: number) => ({ seq }) as LoggedEvent;

test('while the server answers, this process is not asked', async () => {
  const served = api({ head: async () => 7 });
  const chosen = withFallback(served, () => assert.fail('asked'), isGone);
  assert.equal(await chosen.head(), 7);
});

test('a question that the server did not answer is answered here, and so is everything after it', async () => {
  for (const how of ['not-sent', 'maybe-done'] as const) {
    let asked = 0;
    const served = api({
      head: async () => {
        asked += 1;
        throw GONE[how];
      },
    });
    const chosen = withFallback(served, async () => api({ head: async () => 3 }), isGone);
    assert.deepEqual([await chosen.head(), await chosen.head(), asked], [3, 3, 1]);
  }
});

test('what may have been done already is not done again', async () => {
  const retry = async (): Promise<never> => {
    throw GONE['maybe-done'];
  };
  const chosen = withFallback(api({ retry }), () => assert.fail('done again'), isGone);
  await assert.rejects(chosen.retry({ tasks: ['a'] }), GONE['maybe-done']);
  const unsent = async (): Promise<never> => {
    throw GONE['not-sent'];
  };
  const here = api({ retry: async () => ({ results: [] }) });
  assert.deepEqual(
    await withFallback(api({ retry: unsent }), async () => here, isGone).retry({ tasks: [] }),
    {
      results: [],
    },
  );
});

test('an error of the server is an error, and no reason to ask again', async () => {
  const refused = new Error('refused');
  const served = api({ head: () => Promise.reject(refused) });
  await assert.rejects(withFallback(served, () => assert.fail('asked'), isGone).head(), refused);
});

test('events go on here after the last one that the server told', async () => {
  const served = api({
    follow: async function* () {
      yield [event(1), event(2)];
      throw GONE['maybe-done'];
    },
  });
  const here = api({
    follow: async function* ({ after }) {
      yield [event(after + 1)];
    },
  });
  const heard: number[] = [];
  const chosen = withFallback(served, async () => here, isGone);
  for await (const batch of chosen.follow({ after: 0 }, new AbortController().signal)) {
    heard.push(...batch.map(({ seq }) => seq));
  }
  assert.deepEqual(heard, [1, 2, 3]);
});
