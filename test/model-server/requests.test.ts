import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:http';
import { test } from 'node:test';
import type { Step } from '../support/model-server/steps.ts';
import { script } from '../support/model-server/steps.ts';
import type { ModelRequest } from '../support/model-server.ts';
import { startModelServer } from '../support/model-server.ts';
import { post } from './ask.ts';

function body(prompt: string, tools: unknown[] = [{ name: 'Read' }]) {
  return { model: 'm', messages: [{ role: 'user', content: prompt }], tools };
}

async function answered(response: Response): Promise<string> {
  const { content } = (await response.json()) as { content: [{ text: string }] };
  return content[0].text;
}

test('every request is recorded as it came in', async () => {
  await using server = await startModelServer();
  await post(`${server.url('500_x1')}/v1/messages?beta=true`, body('hi'));
  await fetch(`${server.origin}/v1/models`);
  assert.deepEqual(
    server.requests.map(({ method, path, scenario, protocol, prompt }) => ({
      method,
      path,
      scenario,
      protocol,
      prompt,
    })),
    [
      { method: 'POST', path: '/v1/messages', scenario: '500_x1', protocol: 'anthropic', prompt: 'hi' },
      { method: 'GET', path: '/v1/models', scenario: undefined, protocol: undefined, prompt: undefined },
    ],
  );
  assert.deepEqual(server.requests[0]?.body, body('hi'));
});

test('a prompt without a marker is answered by the fallback', async () => {
  const asked: ModelRequest[] = [];
  const fallback = (one: ModelRequest): Step[] => {
    asked.push(one);
    return [{ text: one.prompt.includes('task-7') ? 'seven' : 'other' }];
  };
  await using server = await startModelServer({ fallback });
  assert.equal(await answered(await post(`${server.origin}/v1/messages`, body('Do task-7'))), 'seven');
  assert.equal(
    await answered(await post(`${server.origin}/v1/messages`, body(script({ text: 'mine' })))),
    'mine',
  );
  assert.deepEqual(
    asked.map(({ prompt, tools, toolResults }) => ({ prompt, tools, toolResults })),
    [{ prompt: 'Do task-7', tools: ['Read'], toolResults: 0 }],
  );
});

test('without a fallback the model says ok', async () => {
  await using server = await startModelServer();
  assert.equal(await answered(await post(`${server.origin}/v1/messages`, body('hi'))), 'ok');
});

test('a request without tools gets a plain text whatever its script says', async () => {
  await using server = await startModelServer();
  const title = body(`Name this session: ${script({ shell: 'ls' })}`, []);
  assert.equal(await answered(await post(`${server.origin}/v1/messages`, title)), 'Scripted session');
});

test('a bad script is answered with the reason', async () => {
  await using server = await startModelServer();
  const response = await post(`${server.origin}/v1/messages`, body('@@FAKE[{"wrote":1}]@@'));
  assert.equal(response.status, 400);
  assert.match(await response.text(), /Bad steps/);
});

test('a request for another host is refused and recorded as a stray', async () => {
  await using server = await startModelServer();
  const { port } = new URL(server.origin);
  const tunnel = request({ host: '127.0.0.1', port, method: 'CONNECT', path: 'example.com:443' }).end();
  const [response] = (await once(tunnel, 'connect')) as [IncomingMessage];
  assert.equal(response.statusCode, 403);
  const plain = request({ host: '127.0.0.1', port, path: 'http://example.com/news' }).end();
  const [refused] = (await once(plain, 'response')) as [IncomingMessage];
  assert.equal(refused.resume().statusCode, 403);
  assert.deepEqual(
    server.strays.map(({ method, path }) => [method, path]),
    [
      ['CONNECT', 'example.com:443'],
      ['GET', 'http://example.com/news'],
    ],
  );
});
