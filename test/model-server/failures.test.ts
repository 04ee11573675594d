import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import type { Scenario } from '../support/model-server/scenarios.ts';
import { script } from '../support/model-server/steps.ts';
import { startModelServer } from '../support/model-server.ts';
import { post } from './ask.ts';

const BODIES = {
  '/v1/messages': { messages: [{ role: 'user', content: 'hi' }], tools: [{ name: 'Read' }] },
  '/v1/responses': {
    input: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', name: 'exec_command' }],
  },
  '/v1/chat/completions': {
    messages: [{ role: 'user', content: 'hi' }],
    tools: [{ type: 'function', function: { name: 'write' } }],
  },
};

function ask(url: string, path: keyof typeof BODIES = '/v1/messages', rest: object = {}): Promise<Response> {
  return post(url + path, { model: 'm', ...BODIES[path], ...rest });
}

/** All that comes back until the connection ends; `fetch` drops what it has not read yet when a stream breaks. */
async function rawAnswer(origin: string, path: string, body: unknown): Promise<string> {
  const { hostname, port } = new URL(origin);
  const socket = connect(Number(port), hostname);
  const json = JSON.stringify(body);
  socket.write(`POST ${path} HTTP/1.1\r\nhost: ${hostname}\r\ncontent-length: ${json.length}\r\n\r\n${json}`);
  return text(socket);
}

const STATUSES: Partial<Record<Scenario, number>> = {
  '401': 401,
  '403': 403,
  '404': 404,
  '429': 429,
  '500': 500,
  '503': 503,
  '529': 529,
  usage: 429,
  quota: 429,
  billing: 400,
  context: 400,
};

test('every protocol answers a refusal with its status and an error object', async () => {
  await using server = await startModelServer();
  for (const [scenario, status] of Object.entries(STATUSES) as [Scenario, number][]) {
    for (const path of Object.keys(BODIES) as (keyof typeof BODIES)[]) {
      const response = await ask(server.url(scenario), path);
      assert.equal(response.status, status, `${scenario} ${path}`);
      const body = (await response.json()) as { error: { message: string } };
      assert.equal(typeof body.error.message, 'string', `${scenario} ${path}`);
    }
  }
});

test('a rate limit says when to come back only when asked to', async () => {
  await using server = await startModelServer();
  assert.equal((await ask(server.url('429'))).headers.get('retry-after'), null);
  assert.equal((await ask(server.url('429-after-20'))).headers.get('retry-after'), '20');
});

test('a counted failure befalls that many requests, then they are answered', async () => {
  await using server = await startModelServer();
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await ask(server.url('529_x2'))).status);
  assert.deepEqual(statuses, [529, 529, 200, 200]);
});

test('a request without tools meets a lasting failure and does not use up a counted one', async () => {
  await using server = await startModelServer();
  const aside = { tools: [] };
  assert.equal((await ask(server.url('401'), '/v1/messages', aside)).status, 401);
  assert.equal((await ask(server.url('500_x1'), '/v1/messages', aside)).status, 200);
  assert.equal((await ask(server.url('500_x1'))).status, 500);
});

test('a step may fail before it is answered', async () => {
  await using server = await startModelServer();
  const messages = [{ role: 'user', content: script({ fail: '503_x1', text: 'hello' }) }];
  assert.equal((await ask(server.origin, '/v1/messages', { messages })).status, 503);
  assert.equal((await ask(server.origin, '/v1/messages', { messages })).status, 200);
});

test('a cut stream stops between its first content and its end', async () => {
  await using server = await startModelServer();
  for (const path of Object.keys(BODIES) as (keyof typeof BODIES)[]) {
    const seen = await rawAnswer(server.origin, `/s/cut${path}`, {
      model: 'm',
      ...BODIES[path],
      stream: true,
    });
    assert.match(seen, /^HTTP\/1\.1 200 /);
    assert.match(seen, /"o"/);
    assert.doesNotMatch(seen, /message_stop|response\.completed|"finish_reason":"stop"|DONE/);
  }
});

test('a request without a stream cannot be cut', async () => {
  await using server = await startModelServer();
  assert.equal((await ask(server.url('cut'))).status, 200);
});

test('a reset connection gives no answer', async () => {
  await using server = await startModelServer();
  await assert.rejects(ask(server.url('reset')), TypeError);
});

test('a hanging request is recorded and ends with the server', async () => {
  const { promise: arrived, resolve } = Promise.withResolvers<void>();
  const server = await startModelServer({
    fallback: () => {
      resolve();
      return [{ fail: 'hang', text: 'never' }];
    },
  });
  const hanging = assert.rejects(ask(server.origin), TypeError);
  await arrived;
  await server[Symbol.asyncDispose]();
  await hanging;
  assert.equal(server.requests.length, 1);
});

test('a stalled stream begins and ends with the server', async () => {
  const server = await startModelServer();
  const response = await ask(server.url('stall'), '/v1/messages', { stream: true });
  assert.equal(response.status, 200);
  const body = assert.rejects(response.text());
  await server[Symbol.asyncDispose]();
  await body;
});

test('an unknown scenario is refused', async () => {
  await using server = await startModelServer();
  const response = await ask(`${server.origin}/s/tea`);
  assert.equal(response.status, 400);
  assert.match(await response.text(), /Unknown scenario/);
});
