import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { answerJson, HttpFront, type HttpRoute } from '../../src/surfaces/api/http-front.ts';
import { isToken, makeToken } from '../../src/surfaces/api/tokens.ts';

interface Rig {
  readonly socket: string;
  readonly port: number;
  readonly token: string;
  readonly front: HttpFront<string>;
  readonly errors: unknown[];
}

async function rig(t: TestContext, extra: readonly HttpRoute<string>[] = []): Promise<Rig> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-front-'));
  const { token, record } = makeToken();
  const errors: unknown[] = [];
  const front = new HttpFront<string>({
    authenticate: (given) => (isToken(given, record) ? 'anna' : undefined),
    routes: [
      {
        path: '/echo/',
        allows: () => true,
        handle: async ({ request, response, actor }) => {
          answerJson(response, 200, { actor, url: request.url, body: await text(request) });
        },
      },
      ...extra,
    ],
    onError: (error) => errors.push(error),
  });
  const socket = join(directory, 's');
  await front.listenOnSocket(socket);
  const port = await front.listenOnLoopback(0);
  t.after(async () => {
    await front[Symbol.asyncDispose]();
    await rm(directory, { recursive: true });
  });
  return { socket, port, token, front, errors };
}

async function ask(
  options: RequestOptions,
  body?: string,
): Promise<{ status: number; body: string; headers: IncomingMessage['headers'] }> {
  const request = httpRequest({ agent: false, ...options });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return { status: response.statusCode ?? 0, body: await text(response), headers: response.headers };
}

const by = (token: string) => ({ authorization: `Bearer ${token}` });

test('who has a token is served on the socket and on loopback alike', async (t) => {
  const { socket, port, token } = await rig(t);
  for (const where of [{ socketPath: socket }, { host: '127.0.0.1', port }]) {
    const answer = await ask({ ...where, path: '/echo/a?b', method: 'POST', headers: by(token) }, 'hello');
    assert.equal(answer.status, 200);
    assert.deepEqual(JSON.parse(answer.body), { actor: 'anna', url: '/echo/a?b', body: 'hello' });
  }
});

test('a stream of events ends soon after its token is worth nothing any more', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'cw-front-'));
  const good = new Set(['one', 'two']);
  await using front = new HttpFront<string>({
    authenticate: (given) => (good.has(given) ? given : undefined),
    routes: [
      {
        path: '/events',
        allows: () => true,
        handle: ({ response }) => {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' });
          response.write(':\n\n');
        },
      },
    ],
    onError: (error) => assert.fail(String(error)),
    recheckMs: 5,
  });
  t.after(() => rm(directory, { recursive: true }));
  await front.listenOnSocket(join(directory, 's'));
  const listen = async (token: string): Promise<IncomingMessage> => {
    const request = httpRequest({ socketPath: join(directory, 's'), path: '/events', headers: by(token) });
    request.end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response.on('error', () => {}).resume();
  };
  const [one, two] = [await listen('one'), await listen('two')];
  good.delete('one');
  await closed(one);
  assert.equal(two.closed, false);
  good.clear();
  await closed(two);
});

function closed(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => response.once('close', () => resolve()));
}

test('nobody else hears more than that a token is needed', async (t) => {
  const { socket, port } = await rig(t);
  const strangers = [{}, by('x'), by(makeToken().token), { authorization: 'Basic YTpi' }];
  for (const where of [{ socketPath: socket }, { host: '127.0.0.1', port }]) {
    for (const path of ['/echo/', '/nothing', '/']) {
      for (const headers of strangers) {
        const answer = await ask({ ...where, path, headers });
        assert.equal(answer.status, 401);
        assert.equal(answer.headers['www-authenticate'], 'Bearer');
        assert.equal(JSON.parse(answer.body).error.code, 'NO_TOKEN');
      }
    }
  }
});

test('a preflight of a web page is answered like any stranger, without CORS headers', async (t) => {
  const { port } = await rig(t);
  const headers = {
    origin: 'http://evil.com',
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };
  const answer = await ask({ host: '127.0.0.1', port, path: '/echo/', method: 'OPTIONS', headers });
  assert.equal(answer.status, 401);
  assert.deepEqual(
    Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
    [],
  );
});

test('only this user may open the socket', async (t) => {
  const { socket } = await rig(t);
  assert.equal((await stat(socket)).mode & 0o777, 0o600);
});

test('a body that is too long is refused before it is sent', async (t) => {
  const { socket, token } = await rig(t);
  const headers = { ...by(token), 'content-length': '1048577' };
  const request = httpRequest({ agent: false, socketPath: socket, path: '/echo/', method: 'POST', headers });
  request.on('error', () => undefined);
  request.flushHeaders();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 413);
  response.resume();
  request.destroy();
});

test('a route that does not let this one in says so, and an unknown one is not found', async (t) => {
  const { socket, token } = await rig(t, [
    { path: '/closed', allows: () => false, handle: () => assert.fail('It was let in') },
  ]);
  const status = async (path: string) => (await ask({ socketPath: socket, path, headers: by(token) })).status;
  assert.equal(await status('/closed'), 403);
  assert.equal(await status('/closed/below'), 404);
  assert.equal(await status('/echo'), 404);
});

test('what a handler did not foresee is told to us and not to the client', async (t) => {
  const { socket, token, errors } = await rig(t, [
    {
      path: '/broken',
      allows: () => true,
      handle: () => {
        throw new Error('a private matter');
      },
    },
  ]);
  const answer = await ask({ socketPath: socket, path: '/broken', headers: by(token) });
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body, /private|at .*\.ts/);
  assert.equal(errors.length, 1);
});

test('closing ends streams of events and waits for what is being answered', async (t) => {
  const answering = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { socket, token, front } = await rig(t, [
    {
      path: '/stream',
      allows: () => true,
      handle: ({ response }) => {
        response.writeHead(200, { 'Content-Type': 'text/event-stream' });
        response.write(': here\n\n');
      },
    },
    {
      path: '/slow',
      allows: () => true,
      handle: async ({ response }) => {
        arrived.resolve();
        await answering.promise;
        answerJson(response, 200, 'done');
      },
    },
  ]);
  const stream = httpRequest({ agent: false, socketPath: socket, path: '/stream', headers: by(token) });
  stream.end();
  const [response] = (await once(stream, 'response')) as [IncomingMessage];
  // Cut off in the middle, it also has an error; that it is cut is what counts.
  const { promise: cut, resolve: seeCut } = Promise.withResolvers<void>();
  response
    .on('error', () => undefined)
    .on('close', seeCut)
    .resume();
  const slow = ask({ socketPath: socket, path: '/slow', headers: by(token) });
  await arrived.promise;
  assert.equal(front.calls, 2);
  const closed = front[Symbol.asyncDispose]();
  await cut;
  answering.resolve();
  assert.equal((await slow).status, 200);
  await closed;
  const refused = connect(socket);
  const [error] = (await once(refused, 'error')) as [NodeJS.ErrnoException];
  assert.match(String(error.code), /ENOENT|ECONNREFUSED/);
});
