import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineOf, makeProject, SCRIPTED_AGENT, startCw } from './rig.ts';

function roadmap(
  tasks: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>> = {},
): string {
  const items = Object.entries(tasks).map(
    ([id, prompt]) => `  - id: ${id}\n    title: Title of ${id}\n    prompt: ${prompt}\n${more[id] ?? ''}`,
  );
  return `version: 1\ntasks:\n${items.join('')}`;
}

test('S2-01 a run works through the roadmap and tells what was merged and what comes next', async (t) => {
  const { repo, cw } = await makeProject(t, {
    roadmap: roadmap({ a: 'do a', b: 'do b' }, { b: '    depends_on: [a]\n' }),
    agent: SCRIPTED_AGENT,
  });
  const { code, stdout } = await cw(['run']);
  assert.equal(code, 0, stdout);
  assert.match(stdout, /\d\d:\d\d:\d\d a done, merged as [0-9a-f]{7} \[1\/2 done · /);
  assert.match(stdout, /Ended after \d+s: 2 of 2 tasks done/);
  assert.match(stdout, /Merged into cw\/integration:\n {2}a {2}[0-9a-f]{7} {2}Title of a\n {2}b /);
  assert.match(stdout, /cw\/integration is 2 tasks ahead of main\.\n +cw deliver/);
  assert.equal(repo.git('status', '--porcelain', '--untracked-files=no'), '');
  assert.equal(existsSync(join(repo.root, 'a.txt')), false);
});

test('S2-23 the changes of a task can be read, and go to git apply as they are', async (t) => {
  const { repo, home, cw } = await makeProject(t, { roadmap: roadmap({ a: 'do a' }), agent: SCRIPTED_AGENT });
  const before = await cw(['task', 'diff', 'a']);
  assert.deepEqual([before.stdout, before.code], ['', 0]);
  await cw(['run']);
  assert.equal((await cw(['task', 'diff', 'a', '--stat'])).stdout, 'A a.txt      +1     -0\n1 file, +1 -0\n');
  const { stdout } = await cw(['task', 'diff', 'a']);
  repo.write('a.patch', stdout, home);
  repo.git('apply', join(home, 'a.patch'));
  assert.equal(existsSync(join(repo.root, 'a.txt')), true);
  const told = JSON.parse((await cw(['task', 'diff', 'a', '--json', '--file', 'a.txt'])).stdout);
  const file = { path: 'a.txt', status: 'added', insertions: 1, deletions: 0, binary: false };
  assert.deepEqual([told.files, told.insertions, told.deletions], [[file], 1, 0]);
  assert.equal(told.diff, stdout);
  assert.equal(told.to, JSON.parse((await cw(['task', 'show', 'a', '--json'])).stdout).mergeCommit);
  const wrong = await cw(['task', 'diff', 'a', '--file', 'b.txt']);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /a has not changed "b\.txt"[\s\S]*did you mean a\.txt\?/);
});

test('delivery brings every finished task into the target branch once', async (t) => {
  const { repo, cw } = await makeProject(t, {
    roadmap: roadmap({ a: 'do a', b: 'do b', c: 'do c' }),
    agent: SCRIPTED_AGENT,
  });
  assert.match((await cw(['deliver'])).stdout, /nothing to deliver/);
  await cw(['run']);
  assert.match(
    (await cw(['deliver', '--dry-run'])).stdout,
    /^3 tasks would go from cw\/integration to main:/,
  );
  const delivered = JSON.parse((await cw(['deliver', '--json'])).stdout);
  assert.deepEqual([delivered.kind, [...delivered.tasks].sort()], ['delivered', ['a', 'b', 'c']]);
  assert.equal(repo.git('rev-parse', 'main'), delivered.commit);
  assert.equal(repo.git('show', 'main:c.txt'), 'c');
  assert.match((await cw(['deliver'])).stdout, /nothing to deliver/);
  const { stdout } = await cw(['events', '--type', 'delivery.', '--json']);
  assert.deepEqual(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).type),
    ['delivery.done'],
  );
});

test('a run with --json prints one event a line, gapless and with ISO times', async (t) => {
  const { cw } = await makeProject(t, { roadmap: roadmap({ a: 'do a' }), agent: SCRIPTED_AGENT });
  const { code, stdout } = await cw(['run', '--json']);
  assert.equal(code, 0);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    events.map((event) => event.seq),
    events.map((_, i) => i + 1),
  );
  for (const event of events) assert.equal(new Date(event.at).toISOString(), event.at);
  assert.equal(events.find((event) => event.type === 'task.done')?.task, 'a');
});

test('a failed task makes the exit code 1, and is done again by retry', async (t) => {
  const { repo, cw } = await makeProject(t, {
    roadmap: roadmap({ a: 'please fail', b: 'do b' }, { b: '    depends_on: [a]\n' }),
    agent: SCRIPTED_AGENT,
  });
  const first = await cw(['run']);
  assert.equal(first.code, 1, first.stdout);
  assert.match(
    first.stdout,
    /✗ a failed: .*told to fail\n +cw task logs a {3}cw task retry a\n■ b is blocked/,
  );
  assert.equal((await cw(['task', 'retry', 'b'])).code, 1);
  repo.write('roadmap.yaml', roadmap({ a: 'do a', b: 'do b' }, { b: '    depends_on: [a]\n' }));
  assert.equal((await cw(['task', 'retry', 'a'])).stdout, 'a is back in the queue.\n');
  assert.equal((await cw(['run'])).code, 0);
});

test('S2-42 a question ends the run with 3, and its answer goes into the same session', async (t) => {
  const { cw } = await makeProject(t, { roadmap: roadmap({ a: 'please ask' }), agent: SCRIPTED_AGENT });
  const first = await cw(['run']);
  assert.equal(first.code, 3, first.stdout);
  assert.match(
    first.stdout,
    /\? a asks: Which ids\? \[1\] Use UUIDs \[2\] Use numbers\n +cw inbox answer a "…"/,
  );
  assert.match((await cw(['inbox'])).stdout, /Which ids\?\n {2}\[1\] Use UUIDs/);
  assert.equal((await cw(['inbox', 'answer', 'a', '1'])).code, 0);
  assert.equal((await cw(['run'])).code, 0);
  const sessionOf = async (attempt: string) => {
    const { stdout } = await cw(['task', 'logs', 'a', '--attempt', attempt, '--raw']);
    return /^session (\S+)$/m.exec(stdout)?.[1];
  };
  assert.ok(await sessionOf('1'));
  assert.equal(await sessionOf('2'), await sessionOf('1'));
});

test('S2-04 the first interrupt saves the state and ends the run with 130, and the next run goes on', async (t) => {
  const { repo, home, cw } = await makeProject(t, {
    roadmap: roadmap({ a: 'please wait' }),
    agent: SCRIPTED_AGENT,
  });
  const running = startCw(['run', '--plain', '--verbose'], { cwd: repo.root, home });
  t.after(() => running.kill('SIGKILL'));
  await lineOf(running, /waiting now/);
  const ended = once(running, 'close');
  running.stdout?.resume();
  running.kill('SIGINT');
  assert.deepEqual(await ended, [130, null]);
  const { tasks, orchestrators } = JSON.parse((await cw(['status', '--json'])).stdout);
  assert.deepEqual([tasks[0].state, orchestrators], ['pending', []]);
  repo.write('agent.sh', SCRIPTED_AGENT.replace('please wait', 'nothing that is asked'), home);
  assert.equal((await cw(['run'])).code, 0);
});

test('S3-63 a second signal ends a run at once and leaves no agent behind', async (t) => {
  const agent = `cat > /dev/null; trap '' TERM INT; echo "waiting now"; while :; do sleep 1; done`;
  const config = { limits: { graceMs: 600_000 } };
  const { repo, home, cw } = await makeProject(t, { roadmap: roadmap({ a: 'wait' }), agent, config });
  const running = startCw(['run', '--plain', '--verbose'], { cwd: repo.root, home });
  t.after(() => running.kill('SIGKILL'));
  await lineOf(running, /waiting now/);
  const ended = once(running, 'close');
  running.stdout?.resume();
  const [{ pid }] = JSON.parse((await cw(['agent', 'list', '--json'])).stdout);
  // Two different ones, because two of the same kind may arrive as one.
  running.kill('SIGINT');
  running.kill('SIGTERM');
  assert.deepEqual(await ended, [130, null]);
  assert.equal(runs(pid), false);
  repo.write('agent.sh', SCRIPTED_AGENT, home);
  assert.equal((await cw(['run'])).code, 0);
});

/** Is it there and no zombie, which only its parent can collect? */
function runs(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return stdout.trim() !== '' && !stdout.startsWith('Z');
}

test('S2-28 S2-29 a running agent is listed with its process, and stopped with its task', async (t) => {
  const { repo, home, cw } = await makeProject(t, {
    roadmap: roadmap({ a: 'please wait' }),
    agent: SCRIPTED_AGENT,
  });
  const running = startCw(['run', '--plain', '--verbose'], { cwd: repo.root, home });
  t.after(() => running.kill('SIGKILL'));
  await lineOf(running, /waiting now/);
  const ended = once(running, 'close');
  running.stdout?.resume();
  const [agent] = JSON.parse((await cw(['agent', 'list', '--json'])).stdout);
  assert.deepEqual([agent.task, agent.agent, agent.kind], ['a', 'coder', 'work']);
  process.kill(agent.pid, 0);
  assert.equal((await cw(['agent', 'stop', 'a'])).code, 0);
  assert.deepEqual(await ended, [0, null]);
  assert.throws(() => process.kill(agent.pid, 0), { code: 'ESRCH' });
  assert.equal(JSON.parse((await cw(['status', '--json'])).stdout).tasks[0].state, 'cancelled');
  assert.match((await cw(['agent', 'stop', 'a'])).stderr, /no agent works on a/);
});

test('S2-27 a one-off agent gets its job done and merged, and no roadmap takes it away', async (t) => {
  const { cw } = await makeProject(t, { roadmap: roadmap({ a: 'do a' }), agent: SCRIPTED_AGENT });
  const spawned = await cw(['agent', 'spawn', 'coder', 'Write a note', '--id', 'note']);
  assert.equal(spawned.code, 0, spawned.stdout + spawned.stderr);
  assert.match(spawned.stdout, /note done, merged as/);
  assert.equal((await cw(['run'])).code, 0);
  const { tasks } = JSON.parse((await cw(['status', '--json'])).stdout);
  assert.deepEqual(
    tasks.map((task: { id: string; state: string }) => [task.id, task.state]),
    [
      ['a', 'done'],
      ['note', 'done'],
    ],
  );
  assert.match(
    (await cw(['agent', 'spawn', 'coder', 'Again', '--id', 'note'])).stderr,
    /there is a task note already/,
  );
  assert.match((await cw(['agent', 'spawn', 'codr', 'x'])).stderr, /no agent "codr"/);
});

test('S2-05 what an agent printed is read from its logs, for people and as it was', async (t) => {
  const { cw } = await makeProject(t, { roadmap: roadmap({ a: 'do a' }), agent: SCRIPTED_AGENT });
  assert.match((await cw(['task', 'logs', 'a'])).stderr, /it has not been started yet/);
  await cw(['run']);
  assert.match((await cw(['task', 'logs', 'a'])).stdout, /working on a/);
  const raw = await cw(['task', 'logs', 'a', '--raw']);
  assert.equal(raw.stdout, 'working on a\n{"status":"done","summary":"wrote the file"}\n');
  assert.equal((await cw(['task', 'logs', 'a', '--raw', '--follow'])).stdout, raw.stdout);
  assert.equal((await cw(['task', 'logs', 'a', '--attempt', '9'])).code, 1);
});

test('--only starts the named tasks and leaves the others alone', async (t) => {
  const { cw } = await makeProject(t, { roadmap: roadmap({ a: 'do a', b: 'do b' }), agent: SCRIPTED_AGENT });
  assert.equal((await cw(['run', '--only', 'b'])).code, 0);
  const { tasks } = JSON.parse((await cw(['status', '--json'])).stdout);
  assert.deepEqual(
    tasks.map((task: { state: string }) => task.state),
    ['pending', 'done'],
  );
  assert.match((await cw(['run', '--only', 'c'])).stderr, /there is no task "c"/);
});
