import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerToken, MOST_BODY_BYTES, refusalOf } from './http-checks.ts';

const PORT = 4123;
const asked = (headers: Record<string, string>, port: number | undefined = PORT) =>
  refusalOf({ headers: { host: `127.0.0.1:${PORT}`, ...headers }, url: '/health' }, port)?.code;

test('on loopback the host is one of three names with the very port', () => {
  for (const host of [`localhost:${PORT}`, `127.0.0.1:${PORT}`, `[::1]:${PORT}`]) {
    assert.equal(asked({ host }), undefined, host);
  }
  const evil = [
    ...['localhost', '127.0.0.1', '', 'evil.com', `localhost:${PORT + 1}`, `localhost.evil.com:${PORT}`],
    ...[`127.0.0.1.evil:${PORT}`, `[::ffff:7f00:1]:${PORT}`, `localhost:${PORT}.evil.com`, `0.0.0.0:${PORT}`],
    ...[
      `evil.com@localhost:${PORT}`,
      `localhost:${PORT}@evil.com`,
      `2130706433:${PORT}`,
      `LOCALHOST.:${PORT}`,
    ],
  ];
  for (const host of evil) assert.equal(asked({ host }), 'WRONG_HOST', host);
  assert.equal(refusalOf({ headers: {}, url: '/' }, PORT)?.code, 'WRONG_HOST');
});

test('on the unix socket any host will do, and none', () => {
  assert.equal(refusalOf({ headers: {}, url: '/' }, undefined), undefined);
  assert.equal(refusalOf({ headers: { host: 'whatever' }, url: '/' }, undefined), undefined);
});

test('an origin is the own one or none', () => {
  assert.equal(asked({ origin: `http://127.0.0.1:${PORT}` }), undefined);
  assert.equal(asked({ origin: `http://localhost:${PORT}` }), undefined);
  for (const origin of [
    'null',
    '',
    'http://evil.com',
    `https://localhost:${PORT}`,
    'http://localhost',
    'file://',
  ])
    assert.equal(asked({ origin }), 'WRONG_ORIGIN', origin);
  const onSocket = refusalOf({ headers: { origin: `http://localhost:${PORT}` }, url: '/' }, undefined);
  assert.equal(onSocket?.code, 'WRONG_ORIGIN');
});

test('a body says how long it is, and is not too long', () => {
  assert.equal(asked({ 'content-length': String(MOST_BODY_BYTES) }), undefined);
  assert.equal(asked({ 'content-length': String(MOST_BODY_BYTES + 1) }), 'TOO_LARGE');
  assert.equal(asked({ 'transfer-encoding': 'chunked' }), 'NO_LENGTH');
});

test('an address is a path', () => {
  const headers = { host: `localhost:${PORT}` };
  assert.equal(refusalOf({ headers, url: 'http://evil.com/health' }, PORT)?.code, 'BAD_ADDRESS');
  assert.equal(refusalOf({ headers, url: '*' }, PORT)?.code, 'BAD_ADDRESS');
});

test('a token comes in the header alone', () => {
  assert.equal(bearerToken({ authorization: 'Bearer abc-_' }), 'abc-_');
  assert.equal(bearerToken({ authorization: 'bearer abc' }), 'abc');
  for (const authorization of ['abc', 'Basic abc', 'Bearer ', 'Bearer a b', `Bearer ${'x'.repeat(513)}`]) {
    assert.equal(bearerToken({ authorization }), undefined, authorization);
  }
  assert.equal(bearerToken({}), undefined);
});
