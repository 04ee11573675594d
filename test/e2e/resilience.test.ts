import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type E2eProject, makeProject } from './project.ts';
import type { Action } from './scripted-agent.ts';

const FAILS: readonly Action[] = [{ print: 'no answer' }, { exit: 7 }];

const done = (id: string): readonly Action[] => [
  { write: `${id}.txt`, text: `${id}\n` },
  { result: { status: 'done', summary: id } },
];

/** The scripted agent a second time, as a provider of its own that takes over from the first. */
function addSpare(project: E2eProject): void {
  const path = join(project.repo.root, '.codewalk', 'config.json');
  const config = JSON.parse(readFileSync(path, 'utf8')) as { providers: { scripted: object } };
  const { scripted } = config.providers;
  const providers = { scripted: { ...scripted, fallback: ['spare'] }, spare: scripted };
  project.repo.write('.codewalk/config.json', JSON.stringify({ ...config, providers }));
}

test('S3-58 S3-61 a provider that keeps failing is cut off, and its fallback goes on from what it left', async () => {
  await using project = await makeProject({
    config: {
      breaker: { failures: 2, pauseMs: 3_600_000, maxPauseMs: 3_600_000 },
      retry: { maxAttempts: 5 },
    },
    roadmap: {
      version: 1,
      tasks: [
        { id: 'a', prompt: 'x' },
        { id: 'b', prompt: 'x', depends_on: ['a'] },
      ],
    },
    script: { a: [[{ write: 'half.txt', text: 'half\n' }, ...FAILS], FAILS, done('a')] },
  });
  addSpare(project);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.match(run.stdout, /scripted is cut off until .* after 2 failures in a row: .*no answer/);
  const steps = (await project.events('--type', 'step.started')).map(({ task, provider }) => [
    task,
    provider,
  ]);
  assert.deepEqual(steps, [
    ['a', 'scripted'],
    ['a', 'scripted'],
    ['a', 'spare'],
    ['b', 'spare'],
  ]);
  const [first, , third] = project.starts('a');
  assert.equal(third?.cwd, first?.cwd);
  assert.match(third?.prompt ?? '', /Your work so far is in this directory/);
  assert.equal(project.repo.git('show', 'cw/integration:half.txt'), 'half');

  const list = await project.cw(['provider', 'list']);
  assert.match(list.stdout, /^scripted\s+scripted\s+failing\s+spare\s+for .* more: /m);
  assert.match(list.stdout, /^spare\s+spare\s+works/m);
  const status = JSON.parse((await project.cw(['status', '--json'])).stdout) as { accounts: object[] };
  assert.equal(status.accounts.length, 1);
  const doctor = await project.cw(['doctor']);
  assert.match(doctor.stdout, /accounts\s.*scripted failing/);

  const resumed = await project.cw(['provider', 'resume', 'scripted', '--json']);
  assert.deepEqual(JSON.parse(resumed.stdout), { account: 'scripted', was: 'failing', state: 'works' });
  const closed = await project.events('--type', 'provider.closed');
  assert.equal(closed.length, 1);
  const unknown = await project.cw(['provider', 'resume', 'scriptd']);
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /Did you mean "scripted"\?/);
});

test('a run that may cost nothing starts nothing, says why, and exits with 3', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'a', prompt: 'x' }] },
    script: { a: [done('a')] },
  });
  const run = await project.cw(['run', '--budget-usd', '0']);
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.match(
    run.stdout,
    /The budget of \$0\.00 for this run is spent \(\$0\.00\): nothing more was started\./,
  );
  assert.deepEqual(project.starts(), []);
  assert.equal((await project.events('--type', 'budget.reached')).length, 1);
  const bad = await project.cw(['run', '--budget-usd', 'lots']);
  assert.equal(bad.code, 2);
  assert.match(bad.stderr, /an amount in dollars/);
  assert.equal((await project.cw(['run'])).code, 0);
});
