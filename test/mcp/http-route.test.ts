import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import type { Actor } from '../../src/core/api/actor.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import { UsageError } from '../../src/core/errors.ts';
import { taskId } from '../../src/core/ids.ts';
import { HttpFront } from '../../src/surfaces/api/http-front.ts';
import { mcpRoute } from '../../src/surfaces/mcp/http-route.ts';

const ACTORS: Readonly<Record<string, Actor>> = {
  looking: { kind: 'client', name: 'phone', role: 'viewer' },
  doing: { kind: 'client', name: 'planner', role: 'operator' },
  working: { kind: 'agent', task: taskId.parse('build'), attempt: 1, step: 1, role: 'coder' },
};

async function serve(): Promise<AsyncDisposable & { url: URL; opened: unknown[]; errors: unknown[] }> {
  const [opened, errors]: [unknown[], unknown[]] = [[], []];
  // Only what the tests ask for.
  const project = {
    next: async () => ({ tasks: [], planHash: 'h1' }),
    send: async ({ to, text }: { to: string; text: string }) => ({ id: 'msg_1', to, text }),
  } as unknown as ProjectApi;
  const front = new HttpFront<Actor>({
    authenticate: (token) => ACTORS[token],
    routes: [
      mcpRoute({
        version: '1.2.3',
        open: async (root, actor) => {
          opened.push([root, actor]);
          if (root === '/nowhere') {
            throw new UsageError('UNKNOWN_PROJECT', 'No project /nowhere is served', { advice: 'cw serve' });
          }
          return project;
        },
        onError: (error) => errors.push(error),
      }),
    ],
    onError: (error) => errors.push(error),
  });
  const port = await front.listenOnLoopback(0);
  return {
    url: new URL(`http://127.0.0.1:${port}/mcp`),
    opened,
    errors,
    [Symbol.asyncDispose]: () => front[Symbol.asyncDispose](),
  };
}

async function connect(
  url: URL,
  token: string,
  options: { version?: 'auto'; project?: string } = {},
): Promise<AsyncDisposable & { client: Client }> {
  const { version, project } = options;
  const client = new Client(
    { name: 'test', version: '1' },
    version === undefined ? {} : { versionNegotiation: { mode: version } },
  );
  const headers: Record<string, string> = {
    authorization: `Bearer ${token}`,
    ...(project === undefined ? {} : { 'codewalk-project': encodeURIComponent(project) }),
  };
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

for (const version of [undefined, 'auto'] as const) {
  test(`a client uses the project's tools over streamable HTTP, protocol ${version ?? 'before 2026'}`, async () => {
    await using server = await serve();
    await using open = await connect(server.url, 'doing', {
      project: '/srv/mön chéri',
      ...(version === undefined ? {} : { version }),
    });
    assert.equal(open.client.getServerVersion()?.version, '1.2.3');
    const next = await open.client.callTool({ name: 'plan_next', arguments: {} });
    assert.deepEqual(next.structuredContent, { tasks: [], plan_hash: 'h1' });
    await open.client.callTool({ name: 'send_message', arguments: { to: 'api', text: 'hi' } });
    assert.deepEqual(server.opened.at(-1), ['/srv/mön chéri', ACTORS['doing']]);
    assert.deepEqual(server.errors, []);
  });
}

test('over HTTP the token says what a client may do', async () => {
  await using server = await serve();
  await using open = await connect(server.url, 'looking');
  const { tools } = await open.client.listTools();
  assert.ok(tools.every(({ annotations }) => annotations?.readOnlyHint));
  await assert.rejects(open.client.callTool({ name: 'send_message', arguments: { to: 'api', text: 'hi' } }));
  await assert.rejects(connect(server.url, 'nobody'), /401|token/i);
  await assert.rejects(connect(server.url, 'working'), /403|allow/i);
});

test('a project that is not served is told as an answer with the next step', async () => {
  await using server = await serve();
  await using open = await connect(server.url, 'doing', { project: '/nowhere' });
  const answer = await open.client.callTool({ name: 'plan_next', arguments: {} });
  assert.equal(answer.isError, true);
  assert.match(JSON.stringify(answer.content), /No project \/nowhere is served\\ncw serve/);
});
