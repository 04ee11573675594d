import assert from 'node:assert/strict';
import { test } from 'node:test';
import { script } from '../support/model-server/steps.ts';
import { startModelServer } from '../support/model-server.ts';
import type { Wire } from './ask.ts';
import { eventsOf, post } from './ask.ts';

function ask(origin: string, input: unknown[], rest: object = {}): Promise<Response> {
  const tools = [{ type: 'function', name: 'exec_command' }, { type: 'web_search' }];
  return post(`${origin}/v1/responses`, { model: 'm', stream: false, tools, input, ...rest });
}

function user(text: string) {
  return { type: 'message', role: 'user', content: [{ type: 'input_text', text }] };
}

async function output(response: Response): Promise<Wire[]> {
  return ((await response.json()) as { output: unknown[] }).output;
}

async function command(response: Response): Promise<string> {
  const [call] = await output(response);
  assert.equal(call.name, 'exec_command');
  return JSON.parse(call.arguments).cmd;
}

test('step n answers n tool outputs since the prompt', async () => {
  await using server = await startModelServer();
  const context = user('<environment_context>\n<cwd>/repo</cwd>\n</environment_context>');
  const input = [context, user(script({ shell: 'ls' }, { result: { ok: true } }))];
  assert.equal(await command(await ask(server.origin, input)), 'ls');
  const called = { type: 'function_call', call_id: 'c1', name: 'exec_command', arguments: '{}' };
  const result = { type: 'function_call_output', call_id: 'c1', output: 'a.txt' };
  const [message] = await output(await ask(server.origin, [...input, called, result, context]));
  assert.equal(message.content[0].text, '{"ok":true}');
});

test('whole lines are written by a patch, which Codex reports as a file change', async () => {
  await using server = await startModelServer();
  const prompt = user(script({ write: { path: 'src/a.ts', content: "it's\n\nnew\n" } }));
  assert.equal(
    await command(await ask(server.origin, [prompt])),
    "apply_patch <<'EOF'\n*** Begin Patch\n*** Add File: src/a.ts\n+it's\n+\n+new\n*** End Patch\nEOF",
  );
});

test('a file that does not end in a line break is written by the shell', async () => {
  await using server = await startModelServer();
  const prompt = user(script({ write: { path: 'src/it.txt', content: "it's" } }));
  assert.equal(
    await command(await ask(server.origin, [prompt])),
    "mkdir -p 'src' && printf %s 'it'\\''s' > 'src/it.txt'",
  );
});

test('a stream ends in the completed response', async () => {
  await using server = await startModelServer();
  const events = await eventsOf(
    await ask(server.origin, [user(script({ text: 'hello' }))], { stream: true }),
  );
  const deltas = events.filter(({ type }) => type === 'response.output_text.delta');
  assert.equal(deltas.map(({ delta }) => delta).join(''), 'hello');
  const { type, response } = events.at(-1);
  assert.deepEqual([type, response.output[0].content[0].text], ['response.completed', 'hello']);
});

test('a usage limit names the time it ends in its body', async () => {
  await using server = await startModelServer({ usageResetsAt: 1_800_000_000 });
  const response = await ask(server.url('usage'), [user('hi')]);
  const { error } = (await response.json()) as { error: Record<string, unknown> };
  assert.deepEqual(
    [response.status, error.type, error.resets_at],
    [429, 'usage_limit_reached', 1_800_000_000],
  );
});
