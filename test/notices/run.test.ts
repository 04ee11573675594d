import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from '../cli/rig.ts';
import { startReceiver } from './receiver.ts';

const ROADMAP = `version: 1
tasks:
  - {id: bad, title: Bad, prompt: please fail}
  - {id: good, title: Good, prompt: do it}
`;

test('a run tells its webhook of a failure and of the end, once each', async (t) => {
  const receiver = await startReceiver(t, (index) => ({ status: index === 0 ? 500 : 204 }));
  const { cw } = await makeProject(t, {
    roadmap: ROADMAP,
    agent: SCRIPTED_AGENT,
    config: { notify: { webhooks: [{ url: receiver.url, secretEnv: 'HOOK_KEY' }] } },
  });
  const run = await cw(['run'], { env: { HOOK_KEY: 's3cret' } });
  assert.equal(run.code, 1, run.stderr);
  const told = receiver.received.map(({ headers, body }) => ({
    id: headers['webhook-id'],
    ...(JSON.parse(body) as { notice: { kind: string; title: string; text: string } }).notice,
  }));
  const last = told.at(-1);
  assert.deepEqual([last?.kind, last?.text], ['finish', '1 done, 1 failed']);
  const failures = told.filter(({ kind }) => kind === 'failure');
  assert.deepEqual(new Set(failures.map(({ title }) => title)), new Set(['bad failed']));
  // The first try of the first one failed.
  assert.equal(told.length, 3);
  assert.equal(new Set(told.map(({ id }) => id)).size, 2);
});

test('a run does not wait for a webhook that hangs: it says so, and the next run tells it', async (t) => {
  let isUp = false;
  const receiver = await startReceiver(t, () => (isUp ? { status: 204 } : 'silence'));
  const { cw } = await makeProject(t, {
    roadmap: 'version: 1\ntasks:\n  - {id: good, title: Good, prompt: do it}\n',
    agent: SCRIPTED_AGENT,
    config: { notify: { webhooks: [{ url: receiver.url, secretEnv: 'HOOK_KEY' }] } },
  });
  const env = { HOOK_KEY: 's3cret' };
  const run = await cw(['run'], { env });
  assert.equal(run.code, 0, run.stderr);
  assert.match(
    run.stderr,
    /webhook http:\/\/127\.0\.0\.1:\d+ was not told of everything before the end; the next run/,
  );
  const before = receiver.received.length;
  isUp = true;
  const again = await cw(['run'], { env });
  assert.deepEqual([again.code, again.stderr.includes('was not told')], [0, false]);
  const [told, ...more] = receiver.received.slice(before);
  assert.equal((JSON.parse(told?.body ?? '{}') as { notice: { kind: string } }).notice.kind, 'finish');
  assert.deepEqual(more, []);
});

test('a webhook whose key is not set is named, and the run goes on', async (t) => {
  const receiver = await startReceiver(t);
  const { cw } = await makeProject(t, {
    roadmap: 'version: 1\ntasks:\n  - {id: good, title: Good, prompt: do it}\n',
    agent: SCRIPTED_AGENT,
    config: { notify: { webhooks: [{ url: receiver.url, secretEnv: 'HOOK_KEY' }] } },
  });
  const run = await cw(['run']);
  assert.equal(run.code, 0, run.stderr);
  assert.match(run.stdout + run.stderr, /webhook 1 is told of nothing: the variable HOOK_KEY is not set/);
  assert.equal(receiver.received.length, 0);
});

test('cw notify test tells every webhook, or the one that is named, and says what came of it', async (t) => {
  const [good, bad] = [await startReceiver(t), await startReceiver(t, () => ({ status: 404 }))];
  const { cw } = await makeProject(t, {
    roadmap: ROADMAP,
    agent: SCRIPTED_AGENT,
    config: { notify: { webhooks: [good, bad].map(({ url }) => ({ url, secretEnv: 'HOOK_KEY' })) } },
  });
  const env = { HOOK_KEY: 's3cret' };
  const both = await cw(['notify', 'test'], { env });
  assert.equal(both.code, 1);
  assert.match(
    both.stdout,
    /^told +webhook http:\/\/127.0.0.1:\d+\nnot told +webhook .*: it answered 404\n$/,
  );
  const one = await cw(['notify', 'test', '--webhook', '1', '--json'], { env });
  assert.deepEqual([one.code, (JSON.parse(one.stdout) as unknown[]).length], [0, 1]);
  assert.equal(good.received.length, 2);
  assert.equal(bad.received.length, 1);
  const third = await cw(['notify', 'test', '--webhook', '3'], { env });
  assert.equal(third.code, 2);
  assert.match(third.stderr, /no webhook 3; the config has 2/);
});
