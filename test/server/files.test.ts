import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { takeInstanceLock } from '../../src/adapters/server-files/instance-lock.ts';
import { ProjectList } from '../../src/adapters/server-files/project-list.ts';
import { makePrivate, socketPath } from '../../src/adapters/server-files/run-directory.ts';
import { logPath, readLog, rotateLog } from '../../src/adapters/server-files/server-log.ts';
import { readServer, writeServer } from '../../src/adapters/server-files/server-record.ts';
import { TokenFiles } from '../../src/adapters/server-files/token-files.ts';
import { makeToken } from '../../src/surfaces/api/tokens.ts';

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'cw-run-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const mode = (path: string): number => statSync(path).mode & 0o777;
const code = (wanted: string) => (error: Error) => 'code' in error && error.code === wanted;

test('the run directory is made for its user alone, whatever the umask, and an open one is closed', (t) => {
  const base = directory(t);
  const before = process.umask(0);
  try {
    makePrivate(join(base, 'a', 'run'));
    mkdirSync(join(base, 'open'), { mode: 0o777 });
    makePrivate(join(base, 'open'));
  } finally {
    process.umask(before);
  }
  assert.equal(mode(join(base, 'a', 'run')), 0o700);
  assert.equal(mode(join(base, 'open')), 0o700);
});

test('a link or a file in the place of the run directory is refused', (t) => {
  const base = directory(t);
  mkdirSync(join(base, 'elsewhere'));
  symlinkSync(join(base, 'elsewhere'), join(base, 'link'));
  writeFileSync(join(base, 'file'), '');
  for (const name of ['link', 'file']) {
    assert.throws(() => makePrivate(join(base, name)), code('NOT_PRIVATE'), name);
  }
});

test('a socket is in the run directory as long as its path is short enough, and else in a short one of its own', () => {
  assert.equal(socketPath('/home/user/.codewalk/run'), '/home/user/.codewalk/run/server.sock');
  const long = `/home/${'ü'.repeat(60)}/.codewalk/run`;
  const path = socketPath(long);
  assert.ok(Buffer.byteLength(path) <= 103);
  assert.equal(path, socketPath(long));
  assert.notEqual(path, socketPath(`${long}2`));
  assert.notEqual(dirname(dirname(path)), dirname(path));
});

test('what is written down is for its user alone, and never goes through a link that somebody has put there', (t) => {
  const base = directory(t);
  const victim = join(base, 'victim');
  writeFileSync(victim, 'mine');
  for (const name of ['server.json', 'server.token', `server.token.${process.pid}.next`]) {
    symlinkSync(victim, join(base, name));
  }
  const record = {
    ...{ id: 'srv_1', pid: 1, startTime: '1', bootId: 'b', version: '1.0.0', socket: '/s', startedAt: 1 },
  };
  writeServer(base, { record, token: 'secret' });
  assert.deepEqual(readServer(base), { record, token: 'secret' });
  assert.equal(readFileSync(victim, 'utf8'), 'mine');
  for (const name of ['server.json', 'server.token']) assert.equal(mode(join(base, name)), 0o600);
});

test('what is no record of a server is none', (t) => {
  const base = directory(t);
  assert.equal(readServer(base), undefined);
  writeFileSync(join(base, 'server.token'), 'x');
  for (const text of ['', '[]', 'null', '{"pid":"1"}', '{"id":"a","pid":1.5}']) {
    writeFileSync(join(base, 'server.json'), text);
    assert.equal(readServer(base), undefined, text);
  }
});

test('one process at a time is the server, until it ends', (t) => {
  const base = directory(t);
  const lock = takeInstanceLock(base);
  assert.ok(lock !== undefined);
  assert.equal(takeInstanceLock(base), undefined);
  lock[Symbol.dispose]();
  const next = takeInstanceLock(base);
  assert.ok(next !== undefined);
  next[Symbol.dispose]();
});

test('a token is added, found, listed and taken back, without what it takes to use it', (t) => {
  const tokens = new TokenFiles(directory(t));
  const [one, two] = [makeToken(), makeToken()];
  assert.deepEqual(tokens.list(), []);
  tokens.add({ ...two.record, name: 'phone', role: 'viewer', createdAt: 2 });
  tokens.add({ ...one.record, name: 'page', role: 'operator', createdAt: 1 });
  assert.deepEqual(
    tokens.list().map(({ name, role }) => [name, role]),
    [
      ['page', 'operator'],
      ['phone', 'viewer'],
    ],
  );
  assert.equal(tokens.find(one.record.id)?.sha256, one.record.sha256);
  assert.equal(tokens.remove(one.record.id), true);
  assert.equal(tokens.remove(one.record.id), false);
  assert.equal(tokens.find(one.record.id), undefined);
  for (const odd of ['', '..', '../server', 'x'.repeat(12)]) {
    assert.equal(tokens.find(odd), undefined);
    assert.equal(tokens.remove(odd), false);
  }
});

test('a token is noted as used once in a minute, and a use does not bring one back that was revoked', (t) => {
  const base = directory(t);
  const tokens = new TokenFiles(base);
  const { record } = makeToken();
  const limits = { expiresAt: 5, projects: ['/a'] };
  const issued = { ...record, name: 'phone', role: 'viewer', createdAt: 1, ...limits } as const;
  tokens.add(issued);
  assert.deepEqual(tokens.find(record.id), issued);
  assert.equal(tokens.lastUse(record.id), undefined);
  for (const at of [1_000_000, 1_059_999]) tokens.use(record.id, at);
  assert.equal(new TokenFiles(base).lastUse(record.id), 1_000_000);
  tokens.use(record.id, 1_060_000);
  assert.equal(tokens.lastUse(record.id), 1_060_000);
  tokens.remove(record.id);
  assert.deepEqual(readdirSync(join(base, 'tokens')), []);
  tokens.use(record.id, 2_000_000);
  assert.deepEqual([tokens.find(record.id), tokens.list()], [undefined, []]);
  tokens.add({ ...makeToken().record, name: 'page', role: 'viewer', createdAt: 1 });
  assert.equal(readdirSync(join(base, 'tokens')).length, 1, 'what is noted of no token goes');
});

test('a file of tokens that was changed into something else lets nobody in', (t) => {
  const base = directory(t);
  const tokens = new TokenFiles(base);
  const { record } = makeToken();
  const issued = { ...record, name: 'phone', role: 'viewer', createdAt: 1 } as const;
  tokens.add(issued);
  const path = join(base, 'tokens', `${record.id}.json`);
  assert.equal(mode(path), 0o600);
  assert.deepEqual(tokens.find(record.id), issued);
  for (const text of [
    '',
    '{}',
    JSON.stringify({ ...issued, role: 'owner' }),
    JSON.stringify({ ...issued, id: '0'.repeat(12) }),
    JSON.stringify({ ...issued, more: true }),
    JSON.stringify({ ...issued, expiresAt: 'never' }),
    JSON.stringify({ ...issued, projects: [] }),
  ]) {
    writeFileSync(path, text);
    assert.equal(tokens.find(record.id), undefined, text);
  }
});

test('the list of projects is kept as it was written, and a spoilt one is named', (t) => {
  const base = directory(t);
  const list = new ProjectList(base);
  assert.deepEqual(list.read(), []);
  const projects = [
    { root: '/a', runs: true },
    { root: '/b', runs: false },
  ] as const;
  list.write(projects);
  assert.deepEqual(list.read(), projects);
  assert.deepEqual(readdirSync(base), ['projects.json']);
  for (const text of ['', '[]', '{"projects":[{"root":"a","runs":true}]}']) {
    writeFileSync(join(base, 'projects.json'), text);
    assert.throws(() => list.read(), code('PROJECTS_UNREADABLE'), text);
  }
});

test('a long log is put aside, and whoever has it open writes on in the new one', (t) => {
  const base = directory(t);
  writeFileSync(logPath(base), 'one\n');
  rotateLog(base, 100);
  assert.deepEqual(readdirSync(base), ['server.log']);
  writeFileSync(logPath(base), `${'x'.repeat(100)}\n`, { flag: 'a' });
  const { next } = readLog(base);
  rotateLog(base, 100);
  writeFileSync(logPath(base), 'two\nhal', { flag: 'a' });
  assert.deepEqual(readLog(base), { lines: ['two'], next: 4 });
  assert.deepEqual(readLog(base, next).lines, ['two']);
  assert.deepEqual(readLog(base, 4), { lines: [], next: 4 });
  assert.match(readFileSync(`${logPath(base)}.1`, 'utf8'), /^one\nx{100}\n$/);
});

test('without a log it is said why there may be none', (t) => {
  const base = directory(t);
  assert.throws(() => readLog(base), code('NO_SERVER_LOG'));
});
