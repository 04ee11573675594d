import assert from 'node:assert/strict';
import { test } from 'node:test';
import { script } from '../support/model-server/steps.ts';
import { startModelServer } from '../support/model-server.ts';
import type { Wire } from './ask.ts';
import { eventsOf, post } from './ask.ts';

function ask(origin: string, messages: unknown[], rest: object = {}): Promise<Response> {
  const tools = [{ type: 'function', function: { name: 'write' } }];
  return post(`${origin}/v1/chat/completions`, { model: 'm', stream: false, tools, messages, ...rest });
}

async function message(response: Response): Promise<Wire> {
  return ((await response.json()) as { choices: [{ message: unknown }] }).choices[0].message;
}

test('step n answers n tool messages since the prompt', async () => {
  await using server = await startModelServer();
  const marker = script({ write: { path: 'a', content: 'b' } }, { shell: 'ls' }, { result: { ok: true } });
  const prompt = { role: 'user', content: `${marker}\n<info-msg>\nIt is late\n</info-msg>` };
  const first = await message(await ask(server.origin, [prompt]));
  const write = { name: 'write', arguments: '{"path":"a","content":"b"}' };
  assert.deepEqual(first.tool_calls[0].function, write);
  const one = [prompt, { ...first }, { role: 'tool', tool_call_id: 'c', content: 'Created a' }];
  const second = await message(await ask(server.origin, one));
  assert.deepEqual(second.tool_calls[0].function, { name: 'shell', arguments: '{"command":"ls"}' });
  const two = [...one, { ...second }, { role: 'tool', tool_call_id: 'd', content: 'a' }];
  assert.equal((await message(await ask(server.origin, two))).content, '{"ok":true}');
});

test('a stream carries text, call, usage and the end mark', async () => {
  await using server = await startModelServer();
  const prompt = { role: 'user', content: script({ text: 'Looking.', shell: 'ls' }) };
  const response = await ask(server.origin, [prompt], { stream: true });
  const body = await response.clone().text();
  assert.ok(body.endsWith('data: [DONE]\n\n'));
  const events = await eventsOf(response);
  const deltas = events.flatMap(({ choices }) => choices.map(({ delta }: { delta: unknown }) => delta));
  assert.equal(deltas.map(({ content = '' }) => content).join(''), 'Looking.');
  assert.equal(deltas.find(({ tool_calls }) => tool_calls).tool_calls[0].function.name, 'shell');
  assert.equal(events.at(-2).choices[0].finish_reason, 'tool_calls');
  assert.equal(events.at(-1).usage.total_tokens, 120);
});
