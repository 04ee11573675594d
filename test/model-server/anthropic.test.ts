import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Step } from '../support/model-server/steps.ts';
import { script } from '../support/model-server/steps.ts';
import { startModelServer } from '../support/model-server.ts';
import type { Wire } from './ask.ts';
import { eventsOf, post } from './ask.ts';

const TOOLS = [{ name: 'Read' }, { name: 'Write' }, { name: 'Bash' }];

function ask(origin: string, messages: unknown[], rest: object = {}): Promise<Response> {
  return post(`${origin}/v1/messages?beta=true`, {
    model: 'm',
    stream: false,
    tools: TOOLS,
    messages,
    ...rest,
  });
}

function user(...content: unknown[]) {
  return { role: 'user', content };
}

function text(value: string) {
  return { type: 'text', text: value };
}

function call(id: string, name: string, input: object = {}) {
  return { role: 'assistant', content: [{ type: 'tool_use', id, name, input }] };
}

function result(id: string, content: string) {
  return { type: 'tool_result', tool_use_id: id, content };
}

async function content(response: Response): Promise<Wire[]> {
  return ((await response.json()) as { content: unknown[] }).content;
}

test('step n answers n tool results since the prompt', async () => {
  await using server = await startModelServer();
  const prompt = user(text(script({ write: { path: 'a', content: 'b' } }, { shell: 'ls' }, { text: 'bye' })));
  const first = await content(await ask(server.origin, [prompt]));
  assert.deepEqual([first[0].name, first[0].input], ['Write', { file_path: 'a', content: 'b' }]);
  const one = [prompt, call('t1', 'Write'), user(result('t1', 'Done'))];
  const second = await content(await ask(server.origin, one));
  assert.deepEqual([second[0].name, second[0].input], ['Bash', { command: 'ls' }]);
  const two = [...one, call('t2', 'Bash'), user(result('t2', 'Done'))];
  assert.deepEqual(await content(await ask(server.origin, two)), [text('bye')]);
  const three = [...two, call('t3', 'Bash'), user(result('t3', 'Done'))];
  assert.deepEqual(await content(await ask(server.origin, three)), [text('done')]);
});

test('tool results before the last prompt do not count', async () => {
  await using server = await startModelServer();
  const old = [user(text(script({ shell: 'ls' }))), call('t1', 'Bash'), user(result('t1', 'Done'))];
  const answer = await content(await ask(server.origin, [...old, user(text(script({ text: 'again' })))]));
  assert.deepEqual(answer, [text('again')]);
});

test('what Claude Code adds to the messages of the user is not the prompt', async () => {
  await using server = await startModelServer();
  const reminder = text('<system-reminder>\nToday is Saturday.\n</system-reminder>');
  const cut = text('Your response above was cut off mid-stream. Resume directly from where it stops.');
  const prompt = user(reminder, text(script({ shell: 'ls' }, { text: 'bye' })), reminder);
  const messages = [prompt, call('t1', 'Bash'), user(result('t1', 'Done'), reminder), user(cut)];
  assert.deepEqual(await content(await ask(server.origin, messages)), [text('bye')]);
});

test('a file that must be read first is read, and the step is sent once more', async () => {
  await using server = await startModelServer();
  const refused = [
    user(text(script({ write: { path: 'a', content: 'b' } }, { text: 'bye' }))),
    call('t1', 'Write', { file_path: 'a', content: 'b' }),
    user(result('t1', '<tool_use_error>File has not been read yet. Read it first.</tool_use_error>')),
  ];
  const reading = await content(await ask(server.origin, refused));
  assert.deepEqual([reading[0].name, reading[0].input], ['Read', { file_path: 'a' }]);
  const read = [...refused, call('t2', 'Read', { file_path: 'a' }), user(result('t2', 'old'))];
  const again = await content(await ask(server.origin, read));
  assert.deepEqual([again[0].name, again[0].input], ['Write', { file_path: 'a', content: 'b' }]);
  const written = [
    ...read,
    call('t3', 'Write', { file_path: 'a', content: 'b' }),
    user(result('t3', 'Done')),
  ];
  assert.deepEqual(await content(await ask(server.origin, written)), [text('bye')]);
});

test('a result goes to the tool for structured output where it is offered', async () => {
  await using server = await startModelServer();
  const prompt = [user(text(script({ result: { verdict: 'pass' } })))];
  assert.deepEqual(await content(await ask(server.origin, prompt)), [text('{"verdict":"pass"}')]);
  const tools = [...TOOLS, { name: 'StructuredOutput' }];
  const answer = await content(await ask(server.origin, prompt, { tools }));
  assert.deepEqual([answer[0].name, answer[0].input], ['StructuredOutput', { verdict: 'pass' }]);
});

test('a stream carries the same answer in pieces', async () => {
  await using server = await startModelServer();
  const step: Step = { text: 'Looking.', tool: { name: 'Read', input: { file_path: 'a' } } };
  const response = await ask(server.origin, [user(text(script(step)))], { stream: true });
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const events = await eventsOf(response);
  const deltas = events.flatMap((event) => (event.delta && 'index' in event ? [event.delta] : []));
  assert.equal(deltas.map((delta) => delta.text ?? '').join(''), 'Looking.');
  assert.equal(deltas.map((delta) => delta.partial_json ?? '').join(''), '{"file_path":"a"}');
  assert.deepEqual(
    [events[0].type, events.at(-2).delta.stop_reason, events.at(-1).type],
    ['message_start', 'tool_use', 'message_stop'],
  );
});

test('a usage limit names the time it ends in its headers', async () => {
  await using server = await startModelServer({ usageResetsAt: 1_800_000_000 });
  const response = await ask(server.url('usage'), [user(text('hi'))]);
  assert.equal(response.status, 429);
  assert.equal(response.headers.get('anthropic-ratelimit-unified-status'), 'rejected');
  assert.equal(response.headers.get('anthropic-ratelimit-unified-reset'), '1800000000');
});
