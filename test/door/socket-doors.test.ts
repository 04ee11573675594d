import assert from 'node:assert/strict';
import { execFileSync, type StdioOptions } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { AgentDesk } from '../../src/core/door/ports.ts';
import { UsageError } from '../../src/core/errors.ts';
import { taskId } from '../../src/core/ids.ts';
import { deskOf } from '../../src/surfaces/door/door-client.ts';
import { SocketDoors } from '../../src/surfaces/door/socket-doors.ts';

const TURN = { task: taskId.parse('build'), attempt: 1, step: 1, role: 'coder' };
const NEVER = new AbortController().signal;

async function rig(t: TestContext) {
  const directory = mkdtempSync(join(tmpdir(), 'cw-door-'));
  const notices: string[] = [];
  const doors = new SocketDoors({
    directory: async () => directory,
    program: { command: ['/bin/echo', "it's"], readable: ['/opt/codewalk'] },
    waitMs: 60_000,
    onNotice: (message) => notices.push(message),
  });
  t.after(async () => {
    await doors[Symbol.asyncDispose]();
    rmSync(directory, { recursive: true, force: true });
  });
  return { doors, directory, notices };
}

/** A desk that writes down what it is told. */
function listening(part: Partial<AgentDesk> = {}) {
  const heard: unknown[] = [];
  const desk: AgentDesk = {
    task: async () => {
      throw new Error('the disk is on fire');
    },
    plan: async () => [],
    ask: async () => ({ kind: 'answered', answers: [] }),
    messages: async () => [],
    send: async (message) => {
      heard.push(message);
      return { id: 'm1' };
    },
    report: async (progress) => {
      heard.push(progress);
    },
    result: async (result) => {
      heard.push(result);
    },
    ...part,
  };
  return { desk, heard };
}

function post(socketPath: string, path: string, headers: Record<string, string>, body = '{}') {
  return new Promise<number>((resolve, reject) => {
    const call = request({ socketPath, path, method: 'POST', headers }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end(body);
  });
}

test('an agent reaches the desk of its own turn, and nobody else does', async (t) => {
  const { doors, directory } = await rig(t);
  const [one, two] = [listening(), listening()];
  await using first = await doors.open(TURN, one.desk);
  const second = await doors.open({ ...TURN, step: 2 }, two.desk);
  await deskOf(first.env).report({ text: 'one' });
  await deskOf(second.env).report({ text: 'two', percent: 20 });
  assert.deepEqual([one.heard, two.heard], [[{ text: 'one' }], [{ text: 'two', percent: 20 }]]);
  assert.notEqual(first.env['CW_TOKEN'], second.env['CW_TOKEN']);

  const socket = first.env['CW_SOCKET'] ?? '';
  assert.equal(statSync(socket).mode & 0o777, 0o600);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
  const report = '/agent/report';
  assert.equal(await post(socket, report, {}), 401, 'no token');
  assert.equal(await post(socket, report, bearer('x'.repeat(43))), 401, 'a wrong one');
  const own = bearer(first.env['CW_TOKEN']);
  assert.equal(await post(socket, report, { ...own, origin: 'null' }), 403, 'from a page');
  assert.equal(await post(socket, '/agent/constructor', own), 400, 'no such call');
  assert.equal(await post(socket, '/trpc/status', own), 404, 'another door');

  await second[Symbol.asyncDispose]();
  await assert.rejects(deskOf(second.env).report({ text: 'late' }), { code: 'TURN_OVER' });
  assert.equal(two.heard.length, 1);
});

test('what is wrong with a call is told with the next step, and what broke without its inside', async (t) => {
  const { doors } = await rig(t);
  const { desk } = listening({
    send: async () => {
      throw new UsageError('UNKNOWN_RECIPIENT', 'there is nobody called bob', { advice: 'ask for the plan' });
    },
  });
  await using door = await doors.open(TURN, desk);
  const agent = deskOf(door.env);
  await assert.rejects(agent.send({ to: 'bob', text: 'hi' }), {
    code: 'UNKNOWN_RECIPIENT',
    message: 'there is nobody called bob',
    advice: 'ask for the plan',
  });
  await assert.rejects(agent.report({ text: '' }), { code: 'BAD_INPUT' });
  await assert.rejects(agent.report({ text: 'x', percent: 101 }), { code: 'BAD_INPUT', message: /percent/ });
  await assert.rejects(agent.task(), { code: 'INTERNAL' });
  const headers = { authorization: `Bearer ${door.env['CW_TOKEN']}` };
  assert.equal(await post(door.env['CW_SOCKET'] ?? '', '/agent/report', headers, 'no json'), 400);
  assert.equal(await post(door.env['CW_SOCKET'] ?? '', '/agent/report', headers, 'x'.repeat(2_000_000)), 413);
});

test('a question is given up when its asker is gone, and when its turn is over', async (t) => {
  const { doors } = await rig(t);
  const asked = [Promise.withResolvers<AbortSignal>(), Promise.withResolvers<AbortSignal>()];
  let calls = 0;
  const { desk } = listening({
    ask: async (_questions, signal) => {
      asked[calls]?.resolve(signal);
      calls += 1;
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
      throw signal.reason;
    },
  });
  const door = await doors.open(TURN, desk);
  const questions = [{ id: 'q1', question: 'Which?' }];
  const gone = new AbortController();
  const first = assert.rejects(deskOf(door.env).ask(questions, gone.signal));
  const signal = (await asked[0]?.promise) as AbortSignal;
  gone.abort();
  await first;
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));

  const second = assert.rejects(deskOf(door.env).ask(questions, NEVER), { code: 'TURN_OVER' });
  await asked[1]?.promise;
  await door[Symbol.asyncDispose]();
  await second;
});

test('agents find a program and its tools, and a way that cannot be made is said once', async (t) => {
  const { doors, directory } = await rig(t);
  await using door = await doors.open(TURN, listening().desk);
  const { PATH, BASH_ENV, ...variables } = door.env;
  assert.deepEqual(door.readable, ['/opt/codewalk']);
  assert.deepEqual(door.mounts, [{ source: directory, target: directory, writable: false }]);
  assert.deepEqual(door.mcp, [
    {
      name: 'codewalk',
      command: join(PATH ?? '', 'cw'),
      args: ['mcp'],
      env: variables,
      callTimeoutMs: 120_000,
    },
  ]);
  assert.equal(execFileSync(join(PATH ?? '', 'cw'), ['so'], { encoding: 'utf8' }), "it's so\n");

  const login = { BASH_ENV, HOME: directory, PATH: process.env['PATH'] };
  // With a socket as its standard input a bash thinks that it was started from afar, and reads other files.
  const stdio: StdioOptions = ['ignore', 'pipe', 'inherit'];
  const said = execFileSync('bash', ['-c', 'cw so'], { env: login, encoding: 'utf8', stdio });
  assert.equal(said, "it's so\n");

  const notices: string[] = [];
  await using broken = new SocketDoors({
    directory: async () => join(directory, 'missing'),
    program: { command: ['/bin/echo'], readable: [] },
    waitMs: 1,
    onNotice: (message) => notices.push(message),
  });
  for (const step of [1, 2]) {
    const none = await broken.open({ ...TURN, step }, listening().desk);
    assert.deepEqual({ env: none.env, mcp: none.mcp }, { env: {}, mcp: [] });
  }
  assert.equal(notices.length, 1);
  assert.match(notices[0] ?? '', /cannot reach/);
});

test('outside of a turn there is no desk, and the error says for whom it is', () => {
  assert.throws(() => deskOf({}), { code: 'NO_DOOR' });
});
