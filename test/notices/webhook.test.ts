import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import { signatureOf } from '../../src/adapters/webhook/signature.ts';
import { Webhook } from '../../src/adapters/webhook/webhook.ts';
import { taskId } from '../../src/core/ids.ts';
import type { Notice } from '../../src/core/notices/ports.ts';
import { startReceiver } from './receiver.ts';

const NOW = Date.parse('2026-11-21T10:00:00.500Z');
const NOTICE: Notice = {
  id: 'evt_7',
  kind: 'failure',
  title: 'a failed',
  text: 'no',
  project: 'shop',
  event: {
    ...{ seq: 7, at: NOW - 1_000, type: 'task.failed', task: taskId.parse('a'), attempt: 2 },
    ...{ outcome: 'permanent', reason: 'x'.repeat(5_000) },
  },
};
const hook = (url: string) => new Webhook({ url, secret: 's3cret', now: () => NOW });

test('a webhook gets the event as JSON, signed over id, time and body', async (t) => {
  const receiver = await startReceiver(t);
  assert.deepEqual(await hook(receiver.url).deliver(NOTICE), { kind: 'delivered' });
  const [{ headers, body }] = receiver.received as [{ headers: Record<string, string>; body: string }];
  const { reason, ...told } = JSON.parse(body) as Record<string, unknown>;
  assert.deepEqual(told, {
    ...{ seq: 7, at: '2026-11-21T09:59:59.500Z', type: 'task.failed', project: 'shop', task: 'a' },
    ...{ attempt: 2, outcome: 'permanent', notice: { kind: 'failure', title: 'a failed', text: 'no' } },
  });
  assert.equal(String(reason).length, 2_000 + '… (3000 more characters)'.length);
  assert.equal(headers['content-type'], 'application/json');
  assert.deepEqual(
    [headers['webhook-id'], headers['webhook-timestamp']],
    ['evt_7', String(Math.floor(NOW / 1_000))],
  );
  const signed = createHmac('sha256', 's3cret').update(`evt_7.${headers['webhook-timestamp']}.${body}`);
  assert.equal(headers['webhook-signature'], `v1,${signed.digest('base64')}`);
});

test('a signature is the one of Standard Webhooks', () => {
  // The example of https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  const message = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: '{"test": 2432232314}',
  };
  assert.equal(
    signatureOf(message, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'),
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

for (const [what, answer, expected] of [
  ['a server that is broken', { status: 503, headers: { 'retry-after': '7' } }, ['again', 7_000]],
  ['a server that has too much to do', { status: 429 }, ['again', undefined]],
  ['a server that cuts the connection', 'nothing', ['again', undefined]],
  ['a server that refuses', { status: 410 }, ['refused', undefined]],
] as const) {
  test(`${what} is ${expected[0] === 'again' ? 'tried again' : 'given up'}`, async (t) => {
    const receiver = await startReceiver(t, () => answer);
    const delivery = await hook(receiver.url).deliver(NOTICE);
    assert.deepEqual([delivery.kind, 'afterMs' in delivery ? delivery.afterMs : undefined], expected);
  });
}

test('a redirect is not followed', async (t) => {
  const elsewhere = await startReceiver(t);
  const receiver = await startReceiver(t, () => ({ status: 307, headers: { location: elsewhere.url } }));
  const delivery = await hook(receiver.url).deliver(NOTICE);
  assert.deepEqual(delivery, { kind: 'refused', reason: 'it answered 307: redirects are not followed' });
  assert.equal(elsewhere.received.length, 0);
});

test('the name of a webhook has no more of its address than the host', () => {
  const { name, key } = hook('https://hooks.example.com/services/T0/secret?token=x');
  assert.equal(name, 'webhook https://hooks.example.com');
  assert.doesNotMatch(key, /secret|token/);
});
