import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { TokenFiles } from '../../src/adapters/server-files/token-files.ts';
import { PERSON_ROLES, type PersonRole } from '../../src/core/api/actor.ts';
import { OPERATIONS, type Operation } from '../../src/core/api/roles.ts';
import type { AgentDesk } from '../../src/core/door/ports.ts';
import type { TaskId } from '../../src/core/ids.ts';
import { SERVER_OPERATIONS } from '../../src/core/server/operations.ts';
import { compose } from '../../src/main/compose.ts';
import { type RouteParts, serverRoutes } from '../../src/main/server/routes.ts';
import { serve } from '../../src/main/server/server.ts';
import { apiRouter } from '../../src/surfaces/api/router.ts';
import { serverRouter } from '../../src/surfaces/api/server-router.ts';
import { makeToken } from '../../src/surfaces/api/tokens.ts';
import { CALL_PATH } from '../../src/surfaces/door/door-names.ts';
import { SocketDoors } from '../../src/surfaces/door/socket-doors.ts';
import { makeRepo } from '../support/repo.ts';

/** What can be asked for, and the least role that may: the tables that the program itself decides by. */
interface Target {
  readonly name: string;
  readonly path: string;
  readonly method: 'GET' | 'POST';
  readonly role: PersonRole | 'nobody';
}

const procedures = (base: string, operations: Readonly<Record<string, Operation>>): readonly Target[] =>
  Object.values(operations)
    .filter(({ kind }) => kind !== 'subscription')
    .map(({ path, kind, role }) => {
      const method = kind === 'query' ? 'GET' : 'POST';
      return { name: `${base}${path}`, path: `${base}${path}`, method, role };
    });

/** Every route, by its path. A route that is missing here has no place in the table, and fails the first test. */
const TARGETS: Readonly<Record<string, readonly Target[]>> = {
  '/health': [{ name: '/health', path: '/health', method: 'GET', role: 'viewer' }],
  '/server/': procedures('/server/', SERVER_OPERATIONS),
  '/trpc/': procedures('/trpc/', OPERATIONS),
  '/events': [{ name: '/events', path: '/events?follow=no', method: 'GET', role: OPERATIONS.follow.role }],
  '/mcp': [{ name: '/mcp', path: '/mcp', method: 'POST', role: 'viewer' }],
  nowhere: [{ name: '/nowhere', path: '/nowhere', method: 'GET', role: 'nobody' }],
};

test('every route and every procedure is in the table with its role', () => {
  const unused = new Proxy({}, { get: () => assert.fail('Nothing is called here') });
  const parts = { version: '', server: unused, host: unused, streams: unused, onError: () => {} };
  const paths = serverRoutes(parts as unknown as RouteParts).map(({ path }) => path);
  assert.deepEqual([...paths, 'nowhere'].sort(), Object.keys(TARGETS).sort());
  const declared = (operations: Readonly<Record<string, Operation>>) =>
    Object.values(operations)
      .map(({ path }) => path)
      .sort();
  assert.deepEqual(Object.keys(apiRouter._def.procedures).sort(), declared(OPERATIONS));
  assert.deepEqual(Object.keys(serverRouter._def.procedures).sort(), declared(SERVER_OPERATIONS));
});

test('only an admin adds and takes away projects, and stops the server', () => {
  const roles = Object.entries(SERVER_OPERATIONS).map(([name, { role }]) => [name, role]);
  const wanted = { info: 'viewer', addProject: 'admin', removeProject: 'admin', stop: 'admin' };
  assert.deepEqual(Object.fromEntries(roles), wanted);
});

/** Who asks. `undefined`: whoever that is may do nothing at all. */
interface Asker {
  readonly authorization: string | undefined;
  readonly role: PersonRole | undefined;
}

/** What a page or a program may say of itself. `{port}` is the one that is listened on. */
const HEADERS: Readonly<
  Record<
    string,
    { readonly host?: string; readonly origin?: string; readonly isEvil: 'host' | 'origin' | '' }
  >
> = {
  'own host': { host: '127.0.0.1:{port}', isEvil: '' },
  localhost: { host: 'localhost:{port}', isEvil: '' },
  IPv6: { host: '[::1]:{port}', isEvil: '' },
  'evil origin': { host: '127.0.0.1:{port}', origin: 'http://evil.com', isEvil: 'origin' },
  'null origin': { host: '127.0.0.1:{port}', origin: 'null', isEvil: 'origin' },
  'another port’s origin': { host: '127.0.0.1:{port}', origin: 'http://127.0.0.1:1', isEvil: 'origin' },
  'evil host': { host: 'evil.com', isEvil: 'host' },
  'a host that begins well': { host: 'localhost.evil.com:{port}', isEvil: 'host' },
  'an address that begins well': { host: '127.0.0.1.evil:{port}', isEvil: 'host' },
  'an address in another guise': { host: '[::ffff:7f00:1]:{port}', isEvil: 'host' },
  'no host': { isEvil: 'host' },
};

function expected(target: Target, asker: Asker, kind: 'socket' | 'loopback', isEvil: string): string {
  if (asker.role === undefined) return '401';
  if (isEvil === 'origin' || (isEvil === 'host' && kind === 'loopback')) return '403';
  if (target.role === 'nobody') return '404';
  return PERSON_ROLES.indexOf(asker.role) >= PERSON_ROLES.indexOf(target.role) ? 'let in' : '403';
}

/** Whoever is let in is told that there is no such project, or that what was sent means nothing, and does no harm. */
const told = (status: number): string =>
  status === 401 || status === 403 || status >= 500 ? `${status}` : 'let in';

test('who may what is the same on the socket and on loopback, for every route, token, host and origin', async (t) => {
  const { directory, record, agents } = await served(t);
  const doors = [
    { kind: 'socket', where: { socketPath: record.socket } },
    { kind: 'loopback', where: { host: '127.0.0.1', port: record.port } },
  ] as const;
  const tokens = new TokenFiles(directory);
  const issue = (role: PersonRole, limits: { readonly expiresAt?: number } = {}) => {
    const made = makeToken();
    tokens.add({ ...made.record, name: `a ${role}`, role, createdAt: 1, ...limits });
    return { token: made.token, id: made.record.id };
  };
  const revoked = issue('admin');
  tokens.remove(revoked.id);
  const own = readFileSync(join(directory, 'server.token'), 'utf8').trim();
  const askers: Readonly<Record<string, Asker>> = {
    'no token': { authorization: undefined, role: undefined },
    'a wrong token': { authorization: `Bearer ${makeToken().token}`, role: undefined },
    'a token with another secret': {
      authorization: `Bearer ${own.slice(0, -43)}${makeToken().token.slice(-43)}`,
      role: undefined,
    },
    'another scheme': { authorization: `Basic ${btoa(`cw:${own}`)}`, role: undefined },
    'a revoked token': { authorization: `Bearer ${revoked.token}`, role: undefined },
    'a token that is over': {
      authorization: `Bearer ${issue('admin', { expiresAt: Date.now() }).token}`,
      role: undefined,
    },
    'a token that is good for a day': {
      authorization: `Bearer ${issue('operator', { expiresAt: Date.now() + 86_400_000 }).token}`,
      role: 'operator',
    },
    'an agent’s token': { authorization: `Bearer ${agents.token}`, role: undefined },
    ...Object.fromEntries(
      PERSON_ROLES.map((role): [string, Asker] => [
        `a ${role}`,
        { authorization: `Bearer ${issue(role).token}`, role },
      ]),
    ),
    'the command line': { authorization: `Bearer ${own}`, role: 'admin' },
  };
  const wrong: string[] = [];
  let checked = 0;
  for (const { kind, where } of doors) {
    for (const [asked, { authorization, role }] of Object.entries(askers)) {
      for (const [how, { host, origin, isEvil }] of Object.entries(HEADERS)) {
        const headers = {
          // Nobody's project, so that what is let in changes nothing.
          'codewalk-project': '%2Fnobody',
          ...(authorization === undefined ? {} : { authorization }),
          ...(host === undefined ? {} : { host: host.replace('{port}', String(record.port)) }),
          ...(origin === undefined ? {} : { origin }),
        };
        const ask = async (target: Target): Promise<void> => {
          const status = await statusOf({ ...where, ...target, headers });
          const want = expected(target, { authorization, role }, kind, isEvil);
          const got = want === '404' ? `${status}` : told(status);
          checked += 1;
          if (got !== want) wrong.push(`${target.name} on ${kind}, ${asked}, ${how}: ${got}, not ${want}`);
        };
        await Promise.all(Object.values(TARGETS).flat().map(ask));
      }
    }
  }
  t.diagnostic(`${checked} combinations checked, ${wrong.length} not as the table says`);
  assert.deepEqual(wrong, []);
});

test('a token of single projects reaches those, and of others and of the server learns and changes nothing', async (t) => {
  const { directory, record, root } = await served(t);
  await using other = await makeRepo();
  const own = readFileSync(join(directory, 'server.token'), 'utf8').trim();
  const made = makeToken();
  const limits = { role: 'admin', projects: [root], createdAt: 1 } as const;
  new TokenFiles(directory).add({ ...made.record, name: 'ci', ...limits });
  const ask = async (path: string, how: { token?: string; project?: string; input?: unknown } = {}) => {
    const { token = made.token, project, input } = how;
    const headers = {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      ...(project === undefined ? {} : { 'codewalk-project': encodeURIComponent(project) }),
    };
    const body = input === undefined ? {} : { method: 'POST', body: JSON.stringify(input) };
    const answer = await fetch(`http://127.0.0.1:${record.port}${path}`, { headers, ...body });
    return { status: answer.status, text: await answer.text() };
  };
  const added = await ask('/server/addProject', { token: own, input: { root: other.root, runs: false } });
  assert.equal(added.status, 200);
  const all = TARGETS['/trpc/'] ?? [];
  for (const { path, method } of [...all, { path: '/events?follow=no', method: 'GET' }]) {
    const input = method === 'POST' ? { input: 'nonsense' } : {};
    const hidden = await ask(path, { project: other.root, ...input });
    const nowhere = await ask(path, { project: '/nobody', ...input });
    assert.ok(hidden.status >= 400, path);
    assert.deepEqual(hidden, { ...nowhere, text: nowhere.text.replaceAll('/nobody', other.root) }, path);
    const reached = await ask(path, { project: root, ...input });
    assert.ok(reached.status !== 401 && reached.status !== 403, path);
    assert.doesNotMatch(reached.text, /does not look after|Which of/, path);
  }
  const tools = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'get_status', arguments: {} },
  };
  const mcp = await ask('/mcp', { project: other.root, input: tools });
  assert.doesNotMatch(mcp.text, new RegExp(other.root.replace(/.*\//, '')));
  // Its own project need not be named, as if there were no other.
  assert.equal((await ask('/trpc/event.head')).status, 200);
  assert.equal((await ask('/trpc/event.head', { token: own })).status, 404);
  const info = await ask('/server/info');
  assert.ok(info.text.includes(root) && !info.text.includes(other.root), info.text);
  for (const [path, input] of [
    ['addProject', { root: other.root, runs: true }],
    ['removeProject', { root }],
    ['stop', { reason: 'gone' }],
  ] as const) {
    assert.equal((await ask(`/server/${path}`, { input })).status, 403, path);
  }
});

test('the door of agents lets in their own tokens, and neither those of people nor those of turns that ended', async (t) => {
  const { directory, agents } = await served(t);
  const own = readFileSync(join(directory, 'server.token'), 'utf8').trim();
  const status = async (token: string | undefined, path = `${CALL_PATH}plan`): Promise<number> =>
    await statusOf({
      ...{ socketPath: agents.socket, path, method: 'POST' },
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
    });
  for (const path of [`${CALL_PATH}plan`, '/health', '/trpc/status', '/server/info', '/events', '/mcp']) {
    for (const token of [undefined, own, makeToken().token]) assert.equal(await status(token, path), 401);
    // Let in, it hears that what was sent means nothing.
    assert.equal(await status(agents.token, path), path === `${CALL_PATH}plan` ? 400 : 404, path);
  }
  await agents.endTurn();
  assert.equal(await status(agents.token), 401);
});

/** A whole server as the program starts it, with one project, and beside it the door of an agent at work. */
async function served(t: TestContext) {
  const home = mkdtempSync(join(tmpdir(), 'cw-matrix-'));
  const before = process.env['HOME'];
  process.env['HOME'] = home;
  const repo = await makeRepo();
  const directory = join(home, 'run');
  const listening = Promise.withResolvers<void>();
  const stop = new AbortController();
  const over = serve({
    ...{ directory, version: '1.2.3', port: 0, signal: stop.signal },
    project: { root: repo.root, runs: false },
    open: (root) => compose({ directory: root, env: process.env, version: '1.2.3' }),
    log: (line) => {
      if (line.endsWith(': serving')) listening.resolve();
    },
  });
  const place = join(home, 'door');
  mkdirSync(place, { mode: 0o700 });
  const doors = new SocketDoors({
    directory: async () => place,
    program: { command: ['true'], readable: [] },
    waitMs: 1_000,
    onNotice: (message) => assert.fail(message),
  });
  const desk = { plan: async () => [] } as Partial<AgentDesk> as AgentDesk;
  const turn = await doors.open({ task: 'one' as TaskId, attempt: 1, step: 1, role: 'coder' }, desk);
  t.after(async () => {
    stop.abort();
    await over;
    await doors[Symbol.asyncDispose]();
    await repo[Symbol.asyncDispose]();
    rmSync(home, { recursive: true, force: true });
    if (before === undefined) delete process.env['HOME'];
    else process.env['HOME'] = before;
  });
  await Promise.race([listening.promise, over]);
  const record = JSON.parse(readFileSync(join(directory, 'server.json'), 'utf8')) as {
    socket: string;
    port: number;
  };
  return {
    directory,
    record,
    root: repo.root,
    agents: {
      socket: turn.env['CW_SOCKET'] ?? '',
      token: turn.env['CW_TOKEN'] ?? '',
      endTurn: () => turn[Symbol.asyncDispose](),
    },
  };
}

/** As whoever wrote the client likes it: no header is added. */
async function statusOf(options: {
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly socketPath?: string;
  readonly host?: string;
  readonly port?: number;
}): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const body = options.method === 'POST' ? '"nonsense"' : undefined;
  const request = httpRequest(
    {
      ...options,
      setHost: false,
      agent: new Agent(),
      headers: {
        ...options.headers,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(body.length) }),
      },
    },
    (response) => {
      resolve(response.statusCode ?? 0);
      // Refused before all of it was sent, a request ends with its connection.
      response.on('error', () => undefined).resume();
    },
  );
  request.on('error', reject);
  request.end(body);
  return await promise;
}
