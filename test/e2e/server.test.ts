import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { processTable } from '../../src/adapters/process/process-table.ts';
import type { ServerInfo } from '../../src/core/server/ports.ts';
import { isRunning } from './processes.ts';
import { type E2eProject, makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const ROADMAP = { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] };

/** Only a broken program makes a test ask so long. */
const PATIENCE_MS = 60_000;

type Status = ServerInfo & { readonly running: boolean };

async function statusOf(project: E2eProject, home = project.home): Promise<Status> {
  const { stdout, stderr } = await project.cw(['server', 'status', '--json'], { env: { HOME: home } });
  assert.equal(stderr, '');
  return JSON.parse(stdout) as Status;
}

/** Asks again and again, because who was killed cannot say when it is back. */
async function statusWhen(project: E2eProject, holds: (status: Status) => boolean): Promise<Status> {
  const deadline = AbortSignal.timeout(PATIENCE_MS);
  for (;;) {
    const status = await statusOf(project);
    if (holds(status)) return status;
    assert.ok(!deadline.aborted, `It never came to that: ${JSON.stringify(status)}`);
  }
}

/** Resolves when the project's log has a line for which it holds. */
async function untilEvent(
  project: E2eProject,
  wanted: RegExp,
  env: Record<string, string> = {},
): Promise<void> {
  await using events = await project.start(['events', '--follow', '--json'], { env });
  await events.line((line) => wanted.test(line));
}

const run = (home: string): string => join(home, '.codewalk', 'run');

test('S2-02 S2-11 cw --server works in the background, a second one, status and stop find it, and it says so in the log', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const started = await project.cw(['--server', '--port', '0', '--json']);
  assert.equal(started.code, 0, started.stderr);
  const { pid, socket, port, projects } = JSON.parse(started.stdout) as ServerInfo;
  assert.deepEqual(
    projects.map(({ root, runs }) => ({ root, runs })),
    [{ root: project.repo.root, runs: true }],
  );
  assert.ok(isRunning(pid));
  assert.ok((port ?? 0) > 0);
  await untilEvent(project, /"task\.done"/);

  const again = await project.cw(['serve']);
  assert.deepEqual([again.code, again.stderr], [0, '']);
  assert.match(again.stdout, new RegExp(`The server is running\\.\\n {2}process ${pid}, `));
  assert.equal((await statusOf(project)).pid, pid);
  const foreground = await project.cw(['serve', '--foreground']);
  assert.equal(foreground.code, 2);
  assert.match(foreground.stderr, /error: A server is running already\nhelp: /);

  const mode = (path: string): number => statSync(path).mode & 0o777;
  assert.equal(mode(run(project.home)), 0o700);
  for (const name of ['server.sock', 'server.json', 'server.token', 'server.log', 'projects.json']) {
    assert.equal(mode(join(run(project.home), name)), 0o600, name);
  }

  const stopped = await project.cw(['stop']);
  assert.deepEqual([stopped.code, stopped.stderr], [0, '']);
  assert.equal((await project.cw(['server', 'status'])).code, 1);
  assert.equal((await project.cw(['stop'])).code, 0);
  assert.ok(!existsSync(socket));
  const types = (await project.events()).map(({ type }) => type);
  assert.equal(types[0], 'server.started');
  assert.equal(types.at(-1), 'server.stopped');
  const log = await project.cw(['server', 'log']);
  assert.match(log.stdout, /listens on .*server\.sock and http:\/\/127\.0\.0\.1:\d+\n/);
  assert.match(log.stdout, /stops: cw stop\n.* stopped\n$/);
});

/** Half of the work, and the rest when the test lets it. */
const HALF: readonly Action[] = [
  { write: 'one.txt', text: 'half\n' },
  { child: true },
  { tell: 'here' },
  { waitFor: 'go' },
  { write: 'one.txt', text: 'whole\n' },
  { result: { status: 'done', summary: 'whole' } },
];

test('S2-04 a server that gets signal after signal stops its agents, saves their work and ends with 0', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, script: { one: [HALF] }, config: UNCONFINED });
  await using server = await project.start(['serve', '--foreground']);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  for (const signal of ['SIGTERM', 'SIGTERM', 'SIGINT'] as const) server.kill(signal);
  const { code, stdout, stderr } = await server.end;
  assert.deepEqual([code, stderr], [0, '']);
  assert.match(stdout, /stops: stopped by a signal\n/);
  assert.deepEqual(
    project.record().filter(({ pid }) => isRunning(pid)),
    [],
  );
  assert.deepEqual(project.processes(), []);
  assert.equal(project.repo.git('show', 'cw/one:one.txt'), 'half');
  assert.equal((await project.events()).at(-1)?.type, 'server.stopped');
});

test('S2-a a server that is killed is back by itself, takes up its projects and goes on where the tasks were', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, script: { one: [HALF] }, config: UNCONFINED });
  assert.equal((await project.cw(['serve', '--port', '0'])).code, 0);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  const before = await statusOf(project);
  const token = readFileSync(join(run(project.home), 'server.token'), 'utf8');
  process.kill(before.pid, 'SIGKILL');
  const after = await statusWhen(project, ({ running, pid }) => running && pid !== before.pid);
  assert.deepEqual([after.socket, after.port], [before.socket, before.port]);
  assert.notEqual(readFileSync(join(run(project.home), 'server.token'), 'utf8'), token);
  project.allow('go');
  await untilEvent(project, /"task\.done"/);
  assert.equal(project.starts('one').length, 2);
  assert.match((await project.cw(['server', 'log'])).stdout, /note: the server crashed \(SIGKILL\)/);
  assert.equal((await project.cw(['stop'])).code, 0);
});

test('a server that is killed with its guardian leaves nothing running, and cw serve replaces what lies there', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, script: { one: [HALF] }, config: UNCONFINED });
  assert.equal((await project.cw(['serve'])).code, 0);
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  const { pid, socket } = await statusOf(project);
  const guardian = processTable().row(pid)?.ppid ?? 0;
  assert.ok(guardian > 1);
  process.kill(guardian, 'SIGKILL');
  await statusWhen(project, ({ running }) => !running);
  assert.ok(existsSync(socket), 'a dead socket lies there');
  const again = await project.cw(['serve']);
  assert.equal(again.code, 0, again.stderr);
  assert.match(again.stdout, /^The server is started\./);
  project.allow('go');
  await untilEvent(project, /"task\.done"/);
  assert.equal((await project.cw(['stop'])).code, 0);
  assert.deepEqual(project.processes(), []);
});

test('one server looks after two projects, and what is wrong with one is no matter of the other', async () => {
  await using first = await makeProject({ roadmap: ROADMAP });
  await using second = await makeProject({ roadmap: ROADMAP });
  const env = { HOME: first.home };
  const good = readFileSync(join(second.repo.root, '.codewalk', 'config.json'), 'utf8');
  assert.equal((await second.cw(['serve'], { env })).code, 0);
  await untilEvent(second, /"task\.done"/, env);
  // Beside the server, so that it finds out by itself.
  second.repo.write('.codewalk/config.json', '{ "maxAgents": "many" }');
  assert.equal((await first.cw(['server', 'restart'])).code, 0);
  assert.equal((await first.cw(['serve'])).code, 0);
  await untilEvent(first, /"task\.done"/);
  const states = async () =>
    Object.fromEntries((await statusOf(first)).projects.map(({ root, state }) => [root, state]));
  const failed = (await states())[second.repo.root];
  assert.ok(failed?.kind === 'failed');
  assert.match(failed.message, /config\.json.*maxAgents/s);
  assert.match((await first.cw(['server', 'projects'])).stdout, /failed, and is tried again: /);

  const doctor = await second.cw(['doctor'], { env });
  assert.match(doctor.stdout, /server .*it cannot work on this project: /);
  second.repo.write('.codewalk/config.json', good);
  second.roadmap({ version: 1, tasks: [...ROADMAP.tasks, { id: 'two', prompt: 'Do two.' }] });
  assert.equal((await second.cw(['serve'], { env })).code, 0);
  await untilEvent(second, /"task\.done".*"two"/, env);

  assert.equal((await second.cw(['stop', '--project'], { env })).code, 0);
  assert.deepEqual(Object.keys(await states()), [first.repo.root]);
  assert.equal((await second.cw(['stop', '--project'], { env })).code, 2);
  assert.equal((await first.cw(['stop'])).code, 0);
});

test('a home too long for a socket gets one in a short private directory', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const home = join(project.home, 'a'.repeat(120));
  mkdirSync(home);
  const env = { HOME: home };
  const { code, stdout, stderr } = await project.cw(['serve', '--no-run', '--json'], { env });
  try {
    assert.equal(code, 0, stderr);
    const { socket, pid } = JSON.parse(stdout) as ServerInfo;
    assert.ok(Buffer.byteLength(socket) <= 103);
    assert.equal(statSync(join(socket, '..')).mode & 0o777, 0o700);
    assert.equal(JSON.parse(readFileSync(join(run(home), 'server.json'), 'utf8')).socket, socket);
    assert.equal((await statusOf(project, home)).pid, pid);
  } finally {
    assert.equal((await project.cw(['stop'], { env })).code, 0);
  }
});

test('several cw serve at once come to one server', async () => {
  await using project = await makeProject();
  const all = await Promise.all([1, 2, 3].map(() => project.cw(['serve', '--no-run', '--json'])));
  for (const { code, stderr } of all) assert.equal(code, 0, stderr);
  assert.equal(new Set(all.map(({ stdout }) => (JSON.parse(stdout) as ServerInfo).pid)).size, 1);
  assert.equal((await project.cw(['stop'])).code, 0);
  assert.deepEqual(project.processes(), []);
});

test('what keeps a server from starting is told where it was asked for', async () => {
  await using project = await makeProject();
  mkdirSync(run(project.home), { recursive: true, mode: 0o700 });
  writeFileSync(join(run(project.home), 'projects.json'), '[]');
  const { code, stderr } = await project.cw(['serve']);
  assert.equal(code, 1);
  assert.match(stderr, /^error: the server did not start: it ended with exit code 2\n/);
  assert.match(stderr, /projects\.json is no list of projects\n/);
});

test('cw run --detach hands the project to the server, and a restart keeps its port and takes new settings up', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const { repo, home } = project;
  mkdirSync(join(home, '.codewalk'));
  writeFileSync(join(home, '.codewalk', 'config.json'), '{ "server": { "port": 0 } }');
  const refused = await project.cw(['run', '--detach', '--max-agents', '1']);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /^error: cw run --detach takes no --max-agents\n/);
  const detached = await project.cw(['run', '--detach']);
  assert.deepEqual([detached.code, detached.stderr], [0, '']);
  await untilEvent(project, /"task\.done"/);
  const before = await statusOf(project);
  assert.ok((before.port ?? 0) > 0);
  const config = JSON.parse(readFileSync(join(repo.root, '.codewalk', 'config.json'), 'utf8'));
  repo.write('.codewalk/config.json', JSON.stringify({ ...config, maxAgents: 1 }));
  assert.equal((await project.cw(['server', 'restart'])).code, 0);
  await untilEvent(project, /"orchestrator\.started".*"maxAgents":1\b/);
  const after = await statusOf(project);
  assert.equal(after.port, before.port);
  assert.notEqual(after.pid, before.pid);
  assert.equal((await project.cw(['stop'])).code, 0);
});

test('a token that was given out is shown once, allows what its role does, and nothing when it is taken back', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const { code, stdout, stderr } = await project.cw(['server', 'token', 'add', '--name', 'phone']);
  assert.equal(code, 0);
  const token = stdout.trim();
  const id = /revoke ([\da-f]{12}) /.exec(stderr)?.[1] ?? '';
  assert.match(token, new RegExp(`^cw_${id}_[\\w-]{43}$`));
  assert.match(
    (await project.cw(['server', 'token'])).stdout,
    new RegExp(`^id +role .*\n${id} {2}viewer .* phone +all\n$`),
  );
  assert.equal((await project.cw(['serve', '--no-run', '--port', '0'])).code, 0);
  const { port } = await statusOf(project);
  const ask = async (path: string, method = 'GET'): Promise<number> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const body = method === 'GET' ? {} : { body: '{"reason":"phone"}' };
    return (await fetch(`http://127.0.0.1:${port}${path}`, { method, headers, ...body })).status;
  };
  assert.equal(await ask('/trpc/status'), 200);
  assert.equal(await ask('/server/stop', 'POST'), 403);
  assert.equal((await project.cw(['server', 'token', 'revoke', id])).code, 0);
  assert.equal(await ask('/trpc/status'), 401);
  assert.equal((await project.cw(['server', 'token', 'revoke', id])).code, 2);
  for (const args of [['add'], ['revoke'], ['give']] as const) {
    assert.equal((await project.cw(['server', 'token', ...args])).code, 2, args[0]);
  }
  assert.equal((await project.cw(['stop'])).code, 0);
});
