import assert from 'node:assert/strict';
import { test } from 'node:test';
import { script } from '../support/model-server/steps.ts';
import { startModelServer } from '../support/model-server.ts';
import { eventsOf, post, type Wire } from './ask.ts';

const TOOLS = [{ functionDeclarations: [{ name: 'write_file' }] }];

function ask(origin: string, contents: unknown[], method = 'generateContent'): Promise<Response> {
  const query = method === 'streamGenerateContent' ? '?alt=sse' : '';
  return post(`${origin}/v1beta/models/flash:${method}${query}`, { contents, tools: TOOLS });
}

const user = (...parts: unknown[]) => ({ role: 'user', parts });

test('step n answers n function responses since the prompt', async () => {
  await using server = await startModelServer();
  const marker = script({ write: { path: 'a', content: 'b' } }, { shell: 'ls' }, { result: { ok: true } });
  const prompt = user({ text: '<session_context>here</session_context>' }, { text: marker });
  const parts = async (contents: unknown[]): Promise<Wire> =>
    ((await (await ask(server.origin, contents)).json()) as Wire).candidates[0].content.parts[0];
  const { functionCall } = await parts([prompt]);
  assert.deepEqual([functionCall.name, functionCall.args], ['write_file', { file_path: 'a', content: 'b' }]);
  const response = user({ functionResponse: { name: 'write_file' } }, { text: 'a note of the agent' });
  const call = { role: 'model', parts: [{ functionCall }] };
  assert.equal((await parts([prompt, call, response])).functionCall.name, 'run_shell_command');
  assert.equal((await parts([prompt, call, response, call, response])).text, '{"ok":true}');
  assert.equal(server.requests[0]?.protocol, 'gemini');
});

test('a stream carries text, call and usage', async () => {
  await using server = await startModelServer();
  const contents = [user({ text: script({ text: 'Looking.', shell: 'ls' }) })];
  const events = await eventsOf(await ask(server.origin, contents, 'streamGenerateContent'));
  const parts = events.flatMap(({ candidates }) => candidates[0].content.parts);
  assert.equal(parts.map(({ text = '' }: Wire) => text).join(''), 'Looking.');
  assert.equal(parts.find(({ functionCall }: Wire) => functionCall).functionCall.args.command, 'ls');
  assert.equal(events.at(-1).candidates[0].finishReason, 'STOP');
  assert.equal(events.at(-1).usageMetadata.totalTokenCount, 120);
});

test('tokens are counted, and refusals worded as Google does', async () => {
  await using server = await startModelServer();
  const counted = await ask(server.origin, [user({ text: 'hi' })], 'countTokens');
  assert.deepEqual(await counted.json(), { totalTokens: 100 });
  const refused = await ask(server.url('429'), [user({ text: 'hi' })]);
  assert.equal(refused.status, 429);
  assert.equal(((await refused.json()) as Wire).error.status, 'RESOURCE_EXHAUSTED');
});
