import assert from 'node:assert/strict';
import { request } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import { EventSource } from 'eventsource';
import { PERSON_ROLES } from '../../src/core/api/actor.ts';
import { OPERATIONS, type Operation } from '../../src/core/api/roles.ts';
import { type ApiRouter, apiRouter } from '../../src/surfaces/api/router.ts';
import { newDirectory } from '../contracts/store-kit.ts';
import { makeProject, type Served, serve } from './rig.ts';

const ALL: readonly Operation[] = Object.values(OPERATIONS);

interface Answer {
  readonly status: number;
  readonly body: {
    readonly result?: { readonly data: unknown };
    readonly error?: {
      readonly message: string;
      readonly data: { readonly error: Record<string, unknown>; readonly stack?: unknown };
    };
  };
}

/** Asks as any HTTP client would. */
function ask(
  { door }: Served,
  path: string,
  { token = 'person', input = {}, project = door.project }: Record<string, unknown> = {},
): Promise<Answer> {
  const body = JSON.stringify(input);
  return new Promise((resolve, reject) => {
    const asked = request(
      {
        socketPath: door.socket,
        path,
        method: 'POST',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
          'codewalk-project': encodeURIComponent(String(project)),
        },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

async function served(t: TestContext): Promise<Served> {
  const { repo, services } = await makeProject(t);
  return await serve(t, { services, root: repo.root });
}

test('S2-12 every operation has the procedure that the table names, and there is no other', () => {
  const procedures = Object.entries(apiRouter._def.procedures).map(([path, procedure]) => {
    const { _def: def } = procedure as unknown as { _def: { type: string; meta: { operation: Operation } } };
    return { ...def.meta.operation, isAt: path, kind: def.type };
  });
  const wanted = ALL.map((operation) => ({ ...operation, isAt: operation.path }));
  const byPath = (a: { path: string }, b: { path: string }) => (a.path < b.path ? -1 : 1);
  assert.deepEqual(procedures.toSorted(byPath), wanted.toSorted(byPath));
});

test('every procedure refuses each role that is below its own, before it looks at the input', async (t) => {
  const server = await served(t);
  const checked: string[] = [];
  for (const { path, role, kind } of ALL) {
    if (kind === 'subscription') continue;
    for (const asking of [...PERSON_ROLES, 'agent']) {
      const may = asking !== 'agent' && PERSON_ROLES.indexOf(asking as never) >= PERSON_ROLES.indexOf(role);
      const { status, body } = await ask(server, `/trpc/${path}`, {
        token: asking,
        input: { no: 'such key' },
      });
      const code = body.error?.data?.error?.['code'];
      if (may) assert.notEqual(status, 403, `${asking} ${path}`);
      else assert.equal(status, 403, `${asking} ${path} ${JSON.stringify(body)}`);
      if (!may && asking !== 'agent') assert.equal(code, 'FORBIDDEN');
      checked.push(`${asking} ${path}`);
    }
  }
  assert.equal(checked.length, (ALL.length - 1) * (PERSON_ROLES.length + 1));
});

test('an answer says what failed in its status, its code and its advice, and never where in the program', async (t) => {
  const server = await served(t);
  const cases = [
    ['task.get', { task: 'biuld' }, 404, 'UNKNOWN_TASK', 'did you mean build?'],
    ['task.get', { task: '' }, 400, 'BAD_INPUT', 'docs/api.md says what it takes.'],
    ['task.get', { task: 'build', more: 1 }, 400, 'BAD_INPUT', undefined],
    ['agent.stop', { task: 'build' }, 409, 'NOT_RUNNING', undefined],
    ['nothing.here', {}, 404, 'NOT_FOUND', undefined],
  ] as const;
  for (const [path, input, status, code, advice] of cases) {
    const answer = await ask(server, `/trpc/${path}`, { input });
    const facts = answer.body.error?.data.error;
    assert.equal(answer.status, status, path);
    assert.equal(facts?.['code'], code);
    if (advice !== undefined) assert.equal(facts?.['advice'], advice);
    assert.equal(answer.body.error?.data.stack, undefined);
  }
  const bad = await ask(server, '/trpc/task.get', { input: { task: 7 } });
  assert.match(String(bad.body.error?.data.error['message']), /^task\.get: task: /);
  assert.deepEqual(server.errors, []);
});

test('what nobody foresaw is told to the server alone', async (t) => {
  const { repo, services } = await makeProject(t);
  const broken = {
    ...services,
    hosted: {
      bus: services.bus,
      as: () => {
        throw new Error('secret path');
      },
    },
  };
  const server = await serve(t, { services: broken, root: repo.root });
  const { status, body } = await ask(server, '/trpc/event.head');
  assert.equal(status, 500);
  assert.doesNotMatch(JSON.stringify(body), /secret/);
  assert.equal(body.error?.data.error['code'], 'UNEXPECTED');
  assert.match(String(server.errors[0]), /secret path/);
});

test('a project that is not served is unknown, and none needs to be named when there is one', async (t) => {
  const server = await served(t);
  const unknown = await ask(server, '/trpc/event.head', { project: '/nowhere' });
  assert.deepEqual([unknown.status, unknown.body.error?.data.error['code']], [404, 'UNKNOWN_PROJECT']);
  const named = await ask(
    server,
    `/trpc/task.list?project=${encodeURIComponent(server.door.project ?? '')}`,
    {
      project: '',
    },
  );
  assert.equal(named.status, 404, 'the header counts first');
});

test('S2-13 a client of tRPC asks, commands and hears events, and goes on where it was after a cut', async (t) => {
  const { repo, services } = await makeProject(t);
  const server = await serve(t, { services, root: repo.root }, join(await newDirectory(t), 'api.sock'));
  const { socket: socketPath, token, project = '' } = server.door;
  const headers = { authorization: `Bearer ${token}`, 'codewalk-project': encodeURIComponent(project) };
  const overSocket = async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { pathname, search } = new URL(String(url));
    const body = init.body === undefined || init.body === null ? undefined : String(init.body);
    return await new Promise((resolve, reject) => {
      const asked = request(
        {
          socketPath,
          // A connection that was kept may be one to the server that is gone.
          agent: false,
          path: pathname + search,
          method: init.method ?? 'GET',
          headers: {
            ...Object.fromEntries(new Headers(init.headers)),
            ...headers,
            ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }),
          },
          ...(init.signal ? { signal: init.signal } : {}),
        },
        (response) => {
          const stream = new ReadableStream({
            start(controller) {
              response.on('data', (piece: Buffer) => controller.enqueue(new Uint8Array(piece)));
              response.on('end', () => controller.close());
              response.on('error', (error) => controller.error(error));
            },
          });
          resolve(
            new Response(stream, {
              status: response.statusCode ?? 0,
              headers: { 'content-type': response.headers['content-type'] ?? '' },
            }),
          );
        },
      );
      asked.on('error', reject);
      asked.end(body);
    });
  };
  class SocketEvents extends EventSource {
    constructor(url: string | URL, init?: object) {
      super(url, { ...init, fetch: overSocket as never });
    }
  }
  const client = createTRPCClient<ApiRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url: 'http://localhost/trpc', EventSource: SocketEvents as never }),
        false: httpLink({ url: 'http://localhost/trpc', fetch: overSocket as never }),
      }),
    ],
  });

  const { tasks } = await client.task.list.query();
  assert.deepEqual(
    tasks.map(({ id }) => id),
    ['build', 'check', 'extra'],
  );
  const heard: number[] = [];
  let [wanted, enough] = [2, Promise.withResolvers<void>()];
  const head = await client.event.head.query();
  const subscription = client.event.follow.subscribe(
    { after: head },
    {
      onData: ({ data }) => {
        heard.push(...data.map(({ seq }) => seq));
        if (heard.length >= wanted) enough.resolve();
      },
    },
  );
  t.after(() => subscription.unsubscribe());
  await client.message.send.mutate({ to: 'build', text: 'one' });
  await client.message.send.mutate({ to: 'build', text: 'two' });
  await enough.promise;
  [wanted, enough] = [4, Promise.withResolvers<void>()];
  await server.close();
  await serve(t, { services, root: project }, socketPath);
  await client.message.send.mutate({ to: 'build', text: 'three' });
  await client.message.send.mutate({ to: 'build', text: 'four' });
  await enough.promise;
  assert.deepEqual(
    heard,
    heard.map((_, index) => head + 1 + index),
  );
});
