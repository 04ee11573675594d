import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { remoteProject } from '../../src/surfaces/api/remote-project.ts';
import { exchange, ServerGoneError } from '../../src/surfaces/api/socket-request.ts';
import { newDirectory } from '../contracts/store-kit.ts';

async function listening(t: TestContext, onConnection: Parameters<Server['on']>[1]): Promise<string> {
  const socket = join(await newDirectory(t), 's');
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  t.after(() => server.close());
  return socket;
}

const gone = (wasSent: boolean) => (error: unknown) => {
  assert.ok(error instanceof ServerGoneError, String(error));
  assert.equal(error.wasSent, wasSent);
  assert.match(error.advice ?? '', /cw status/);
  return true;
};

test('where nobody listens nothing was sent', async (t) => {
  const door = { socket: join(await newDirectory(t), 'nobody'), token: 'x' };
  await assert.rejects(exchange(door, { path: '/', body: '{}', timeoutMs: 1_000 }), gone(false));
  const signal = new AbortController().signal;
  const following = remoteProject(door).follow({ after: 0 }, signal)[Symbol.asyncIterator]();
  await assert.rejects(following.next(), gone(false));
});

test('a server that says nothing, or ends in the middle, may have done what it was asked', async (t) => {
  const silent = await listening(t, (socket) => t.after(() => socket.destroy()));
  const asked = { path: '/', body: '{}', timeoutMs: 50 };
  await assert.rejects(exchange({ socket: silent, token: 'x' }, asked), gone(true));
  const rude = await listening(t, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.destroy());
  });
  await assert.rejects(exchange({ socket: rude, token: 'x' }, { ...asked, timeoutMs: 5_000 }), gone(true));
  const half = await listening(t, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"resu'));
  });
  await assert.rejects(exchange({ socket: half, token: 'x' }, { ...asked, timeoutMs: 5_000 }), gone(true));
});

test('an answer of something else than a server of ours is told as such', async (t) => {
  const other = await listening(t, (socket) => {
    socket.on('error', () => {});
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'));
  });
  await assert.rejects(remoteProject({ socket: other, token: 'x' }).head(), { code: 'SERVER_REFUSED' });
});
