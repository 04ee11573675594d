import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cw, spawnCw } from '../support/installed-cw.ts';
import { startPostgres } from '../support/postgres.ts';
import { plainGit } from '../support/repo.ts';
import { type E2eProject, makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const DONE: Action = { result: { status: 'done', summary: 'done' } };
const SIDE = ['a', 'b', 'c', 'd', 'e', 'f'];

/** The second host: a clone of its own, with the same settings and the same agents. */
function secondHost(project: E2eProject, origin: string) {
  const root = join(project.directory, 'second');
  plainGit(project.directory, 'clone', '--quiet', origin, root);
  plainGit(root, 'config', 'user.name', 'Grace');
  plainGit(root, 'config', 'user.email', 'grace@example.com');
  mkdirSync(join(root, '.codewalk'));
  for (const file of ['roadmap.yaml', '.codewalk/config.json']) {
    writeFileSync(join(root, file), readFileSync(join(project.repo.root, file)));
  }
  const where = { cwd: root, home: project.home };
  return {
    root,
    cw: (args: readonly string[]) => cw(args, where),
    start: (args: readonly string[]) => spawnCw(args, where),
  };
}

/** What a person's own checkout is: branch, files, index and stash. */
const checkout = (root: string) =>
  ['HEAD', 'stash', 'status', 'branch'].map((what) =>
    what === 'HEAD'
      ? plainGit(root, 'rev-parse', 'HEAD', '--abbrev-ref', 'HEAD')
      : what === 'status'
        ? plainGit(root, 'status', '--porcelain')
        : what === 'stash'
          ? plainGit(root, 'stash', 'list')
          : plainGit(root, 'show-ref', '--heads', 'main'),
  );

test('S0-35 S0-48 S0-58 two hosts share a plan through PostgreSQL and a git remote, and one is killed in the middle of a task that the other goes on with', async () => {
  await using server = await startPostgres();
  const database = await server.freshDatabase();
  await using project = await makeProject({
    roadmap: {
      version: 1,
      project: 'hosts',
      tasks: [
        { id: 'long', prompt: 'x' },
        ...SIDE.map((id) => ({ id, prompt: 'x' })),
        { id: 'last', prompt: 'x', depends_on: ['long', ...SIDE] },
      ],
    },
    config: {
      ...UNCONFINED,
      database,
      maxAgents: 2,
      merge: { remote: 'origin' },
      lease: { leaseMs: 4_000, heartbeatMs: 500 },
      workflows: { two: { steps: [{ agent: 'coder' }, { agent: 'coder' }] } },
      defaults: { workflow: 'two' },
    },
    script: {
      // Its second step begins on one host and is done by the other.
      long: [
        [{ write: 'long.txt', text: 'half\n' }, DONE],
        [{ expect: ['long.txt'] }, { print: 'halfway' }, { hang: true }],
        [{ expect: ['long.txt'] }, { write: 'rest.txt', text: 'rest\n' }, DONE],
      ],
      ...Object.fromEntries(
        SIDE.map((id) => [id, [[{ write: `${id}.txt`, text: `${id}\n` }, DONE], [DONE]]]),
      ),
      last: [
        [
          { expect: ['long.txt', 'rest.txt', ...SIDE.map((id) => `${id}.txt`)] },
          { write: 'last.txt', text: 'l\n' },
          DONE,
        ],
        [DONE],
      ],
    },
  });
  const origin = join(project.directory, 'origin.git');
  plainGit(project.repo.root, 'clone', '--quiet', '--bare', '.', origin);
  project.repo.git('remote', 'add', 'origin', origin);
  const other = secondHost(project, origin);
  project.repo.write('mine.txt', 'not committed\n');
  writeFileSync(join(other.root, 'theirs.txt'), 'not committed\n');
  const before = [checkout(project.repo.root), checkout(other.root)];

  // One task only, so that nothing but what the test is about is under way when it is killed.
  await using first = await project.start(['run', '--json', '--max-agents', '1']);
  await first.line((line) => line.includes('"type":"agent.output"') && line.includes('halfway'));
  await using second = await other.start(['run', '--json']);
  await second.line((line) => line.includes('"type":"merge.done"'));
  // The snapshot of its first step is at the remote by now, or will never be.
  const pushed = plainGit(origin, 'show', 'cw/long:long.txt');
  process.kill(-first.pid, 'SIGKILL');
  await first.end;
  const run = await second.end;
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(pushed, 'half');

  const events = await project.events();
  const long = events.filter(({ task }) => task === 'long');
  const started = long.filter(({ type }) => type === 'task.started');
  assert.deepEqual(
    started.map((event) => event['resumed']),
    [false, true],
  );
  assert.equal(
    new Set(long.filter(({ type }) => type === 'task.claimed').map((event) => event['orchestrator'])).size,
    2,
  );
  assert.equal(project.starts('long').length, 3, 'the step that was done is not done again');

  // The remote has every task once, on one line of merges that were all recorded.
  const line = plainGit(origin, 'log', '--first-parent', '--format=%H', 'main..cw/integration').split('\n');
  const recorded = events.filter(({ type }) => type === 'merge.done').map((event) => event['commit']);
  assert.deepEqual([...line].reverse(), recorded);
  const format = '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x2C)';
  const merged = plainGit(origin, 'log', '--first-parent', format, 'main..cw/integration').split('\n');
  assert.deepEqual([...merged].sort(), ['last', 'long', ...SIDE].sort());
  plainGit(origin, 'fsck', '--strict');
  assert.deepEqual(plainGit(origin, 'for-each-ref', '--format=%(refname)').split('\n'), [
    'refs/heads/cw/integration',
    'refs/heads/main',
  ]);
  assert.deepEqual([checkout(project.repo.root), checkout(other.root)], before, 'checkouts of people');

  // The first host is back: it finds nothing to do, and delivers what the other one merged.
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  const delivered = await project.cw(['deliver', '--push']);
  assert.equal(delivered.code, 0, delivered.stderr);
  assert.match(delivered.stdout, /Delivered 8 tasks to main[\s\S]*main is pushed to origin\./);
  assert.equal(plainGit(origin, 'show', 'main:last.txt'), 'l');
  const doctor = await project.cw(['doctor']);
  assert.match(doctor.stdout, /remote +origin answers and lets this host push/);
});
