import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type PostgresServer, startPostgres } from '../support/postgres.ts';
import { type E2eProject, makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

let server: PostgresServer;

before(async () => {
  server = await startPostgres();
});
after(() => server[Symbol.asyncDispose]());

const TURN: readonly Action[] = [
  { print: 'ready' },
  { waitFor: 'go' },
  { write: 'one.txt', text: 'one\n' },
  { result: { status: 'done', summary: 'made it' } },
];

async function projectWith(lease: { leaseMs: number; heartbeatMs: number }): Promise<E2eProject> {
  return await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'x' }] },
    script: { one: [TURN] },
    config: { ...UNCONFINED, database: await server.freshDatabase(), lease },
  });
}

test('S0-35 agents work on while the database is away for less than the lease', async () => {
  await using project = await projectWith({ leaseMs: 60_000, heartbeatMs: 300 });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"agent.output"'));
  await server.outage(1_000);
  project.allow('go');
  const { code, stderr } = await running.end;
  // Of a crash only the end says something.
  assert.deepEqual([code, stderr.slice(-2_000)], [0, '']);
  assert.equal(project.starts().length, 1);
  assert.equal((await project.events('--type', 'orchestrator.fenced')).length, 0);
});

test('S2-57 a run that crashes while the database is away waits for it and goes on', async () => {
  await using project = await projectWith({ leaseMs: 60_000, heartbeatMs: 300 });
  await using running = await project.start(['run', '--json']);
  const started = await running.line((line) => line.includes('"type":"orchestrator.started"'));
  await running.line((line) => line.includes('"type":"agent.output"'));
  const outage = server.outage(2_000);
  process.kill((JSON.parse(started) as { pid: number }).pid, 'SIGKILL');
  await outage;
  project.allow('go');
  const { code, stderr } = await running.end;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /the orchestrator crashed/);
  assert.equal(project.repo.git('show', 'cw/integration:one.txt'), 'one');
});

test('S0-58 when the database is away for longer, they are stopped, and the run goes on by itself', async () => {
  await using project = await projectWith({ leaseMs: 1_000, heartbeatMs: 300 });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"agent.output"'));
  await server.outage(2_500);
  project.allow('go');
  const { code, stderr } = await running.end;
  // Of a crash only the end says something.
  assert.deepEqual([code, stderr.slice(-2_000)], [0, '']);
  assert.deepEqual(
    project.starts().map(({ attempt, beside }) => [attempt, beside]),
    [
      [1, []],
      [2, []],
    ],
  );
  const [fenced] = await project.events('--type', 'orchestrator.fenced');
  assert.match(String(fenced?.['reason']), /^the store did not renew its lease for \d/);
  assert.equal(project.repo.git('show', 'cw/integration:one.txt'), 'one');
});
