import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import type { AgentDesk, AskOutcome } from '../../src/core/door/ports.ts';
import { DECIDE_YOURSELF, END_NOW } from '../../src/core/door/words.ts';
import { UsageError } from '../../src/core/errors.ts';
import { taskId } from '../../src/core/ids.ts';
import type { TaskDefinition } from '../../src/core/roadmap/model.ts';
import { SocketDoors } from '../../src/surfaces/door/socket-doors.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const BUILD = taskId.parse('build');

/** An agent CLI's MCP client, connected to what `cw mcp` is in a turn whose desk is `part`. */
async function connect(t: TestContext, part: Partial<AgentDesk>, version?: 'auto'): Promise<Client> {
  const directory = mkdtempSync(join(tmpdir(), 'cw-mcp-'));
  const unused = async () => {
    throw new Error('not asked for');
  };
  const desk: AgentDesk = {
    task: unused,
    plan: unused,
    ask: unused,
    messages: unused,
    send: unused,
    report: unused,
    result: unused,
    ...part,
  };
  const doors = new SocketDoors({
    directory: async () => directory,
    program: { command: [process.execPath, join(ROOT, 'src', 'main', 'cw.ts')], readable: [] },
    waitMs: 60_000,
    onNotice: (message) => assert.fail(message),
  });
  const door = await doors.open({ task: BUILD, attempt: 1, step: 1, role: 'coder' }, desk);
  const [server] = door.mcp;
  assert.ok(server !== undefined);
  const client = new Client(
    { name: 'test', version: '1' },
    version === undefined ? {} : { versionNegotiation: { mode: version } },
  );
  await client.connect(
    new StdioClientTransport({ command: server.command, args: [...server.args], env: { ...server.env } }),
  );
  t.after(async () => {
    await client.close();
    await door[Symbol.asyncDispose]();
    await doors[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });
  return client;
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content as { type: string; text: string }[];
  return { text: first?.text ?? '', value: result.structuredContent, isError: result.isError ?? false };
}

const TOOLS = [
  'ask',
  'check_messages',
  'send_message',
  'report_progress',
  'report_result',
  'get_task',
  'get_plan',
];

for (const version of [undefined, 'auto'] as const) {
  test(`S2-33 an agent has its tools by MCP on standard input and output, protocol ${version ?? 'before 2026'}`, async (t) => {
    const asked: unknown[] = [];
    const client = await connect(
      t,
      {
        ask: async (questions) => {
          asked.push(...questions);
          return {
            kind: 'answered',
            answers: [{ id: 'q1', question: 'Which?', answer: '8080', by: 'person' }],
          };
        },
      },
      version,
    );
    const { tools } = await client.listTools();
    assert.deepEqual(
      tools.map(({ name }) => name),
      TOOLS,
    );
    for (const tool of tools) {
      assert.ok((tool.description?.length ?? 0) > 40, `${tool.name} says what it is for`);
      assert.equal(tool.outputSchema?.type, 'object', `${tool.name} says what it gives`);
    }
    const answer = await call(client, 'ask', {
      questions: [{ question: 'Which?', options: ['80', '8080'] }],
    });
    assert.deepEqual(asked, [{ id: 'q1', question: 'Which?', options: ['80', '8080'] }]);
    assert.match(answer.text, /Which\?\n→ 8080/);
    assert.deepEqual(answer.value, {
      status: 'answered',
      answers: [{ id: 'q1', question: 'Which?', answer: '8080', by: 'person' }],
      waiting: [],
    });
  });
}

test('an asker is told when to end its turn, and what nobody will answer', async (t) => {
  const outcomes: AskOutcome[] = [
    { kind: 'later', waiting: ['q1'], answers: [] },
    { kind: 'answered', answers: [{ id: 'q1', question: 'Which?', answer: undefined, by: 'person' }] },
  ];
  const client = await connect(t, { ask: async () => outcomes.shift() as AskOutcome });
  const questions = [{ question: 'Which?' }];
  const later = await call(client, 'ask', { questions });
  assert.match(later.text, /End your turn now/);
  assert.deepEqual(later.value, { status: 'later', answers: [], waiting: ['q1'], next: END_NOW });
  const withdrawn = await call(client, 'ask', { questions });
  assert.match(withdrawn.text, /decide by yourself/);
  assert.equal((withdrawn.value as { next?: string }).next, DECIDE_YOURSELF);
});

test('messages, progress and the result go through, and a refusal says what to do instead', async (t) => {
  const heard: unknown[] = [];
  const client = await connect(t, {
    messages: async () => [
      { id: 'm1', from: 'task:api', text: 'id is a UUID', sentAt: 0, file: 'a.ts', line: 3 },
    ],
    send: async (message) => {
      if (message.to === 'bob') {
        throw new UsageError('UNKNOWN_RECIPIENT', 'there is nobody called bob', {
          advice: 'Use a task’s id.',
        });
      }
      heard.push(message);
      return { id: 'm2' };
    },
    report: async (progress) => void heard.push(progress),
    result: async (result) => void heard.push(result),
  });
  const unread = await call(client, 'check_messages');
  assert.match(unread.text, /m1 from task:api about a\.ts:3:\nid is a UUID/);
  await call(client, 'send_message', { to: 'api', text: 'thanks', reply_to: 'm1' });
  await call(client, 'report_progress', { text: 'half', percent: 50 });
  await call(client, 'report_result', { status: 'done', summary: 'made it' });
  assert.deepEqual(heard, [
    { to: 'api', text: 'thanks', replyTo: 'm1' },
    { text: 'half', percent: 50 },
    { status: 'done', summary: 'made it' },
  ]);
  const refused = await call(client, 'send_message', { to: 'bob', text: 'hi' });
  assert.deepEqual([refused.isError, refused.text], [true, 'there is nobody called bob\nUse a task’s id.']);
  const bad = await call(client, 'report_result', { status: 'error' });
  assert.equal(bad.isError, true);
  assert.match(bad.text, /reason/);
});

test('an agent reads its task and finds its way in a large plan', async (t) => {
  const definition: TaskDefinition = {
    id: BUILD,
    title: 'Build it',
    prompt: 'Build the thing.',
    path: {},
    dependsOn: ['schema'],
    files: ['src/thing.ts'],
    priority: 50,
    exitCriteria: ['it works'],
    onFailure: 'hard',
  };
  const client = await connect(t, {
    task: async () => ({
      definition,
      attempt: 1,
      step: 1,
      role: 'coder',
      branch: 'cw/build',
      predecessors: [{ id: taskId.parse('schema'), title: 'Schema', summary: 'made the schema' }],
    }),
    plan: async () =>
      Array.from({ length: 500 }, (_, at) => ({
        id: taskId.parse(`t${at}`),
        title: `Task ${at}`,
        state: at % 2 === 0 ? ('done' as const) : ('pending' as const),
        dependsOn: [],
        files: [`src/${at}.ts`],
      })),
  });
  const task = await call(client, 'get_task');
  assert.match(task.text, /Build the thing\.[\s\S]*it works[\s\S]*made the schema/);
  const plan = await call(client, 'get_plan');
  assert.match(plan.text, /and 300 more/);
  const found = await call(client, 'get_plan', { search: 'SRC/41.', states: ['pending'] });
  assert.deepEqual(
    (found.value as { tasks: { id: string }[] }).tasks.map(({ id }) => id),
    ['t41'],
  );
});
