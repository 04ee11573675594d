import assert from 'node:assert/strict';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import type { RunningCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject, type PrintedEvent } from './project.ts';
import type { Action } from './scripted-agent.ts';

const DONE: Action = { result: { status: 'done', summary: 'done' } };
const work = (id: string): readonly Action[] => [{ write: `${id}.txt`, text: id }, DONE];
const tasks = (...ids: string[]) => ({ version: 1, tasks: ids.map((id) => ({ id, prompt: `Do ${id}.` })) });
/** Quick enough for a test, with room for a machine that is busy. */
const QUICK = { debounceMs: 200, stabilityMs: 100, pollMs: 200, safetyMs: 60_000 } as const;
const live = (more: ConfigFile['roadmap'] = {}): ConfigFile => ({ roadmap: { ...QUICK, ...more } });

/** The first event that was or will be printed for which it holds. */
async function event(
  running: RunningCw,
  type: string,
  holds: (event: PrintedEvent) => boolean = () => true,
): Promise<PrintedEvent> {
  const line = await running.line((each) => {
    if (!each.includes(`"type":"${type}"`)) return false;
    return holds(JSON.parse(each) as PrintedEvent);
  });
  return JSON.parse(line) as PrintedEvent;
}

const done = (running: RunningCw, task: string) => event(running, 'task.done', (each) => each.task === task);

async function interrupted(running: RunningCw): Promise<void> {
  process.kill(-running.pid, 'SIGINT');
  const { code, stderr } = await running.end;
  assert.deepEqual([code, stderr], [130, '']);
}

function synced(project: E2eProject): Promise<readonly PrintedEvent[]> {
  return project.events('--type', 'roadmap.synced');
}

test('S0-01 S0-02 S0-19 S0-20 S0-21 S0-46 a task that is added while others run is started at once, and no agent is disturbed', async () => {
  await using project = await makeProject({
    roadmap: tasks('first'),
    script: { first: [[{ print: 'ready' }, { waitFor: 'go' }, ...work('first')]] },
    config: live(),
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready'));
  project.roadmap(tasks('first', 'second'));
  await done(running, 'second');
  assert.equal((await project.tasks())['first']?.state, 'running');
  project.allow('go');
  const { code, stderr } = await running.end;
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal(project.starts('first').length, 1);
  assert.equal(project.repo.git('show', 'cw/integration:second.txt'), 'second');
  const [start, edit] = await synced(project);
  assert.deepEqual(start?.['added'], ['first']);
  assert.deepEqual(
    ['added', 'open', 'total', 'reason', 'idleAgents'].map((key) => edit?.[key]),
    [['second'], 2, 2, 'edit', 3],
  );
});

test('S0-08 S0-17 S0-18 S0-30 cw run --watch stays, takes ten quick edits as one, and a save without a change as none', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live() });
  await using running = await project.start(['run', '--watch', '--json']);
  await done(running, 'a');
  const ids = ['a'];
  for (let edit = 1; edit <= 10; edit += 1) {
    ids.push(`b${edit}`);
    project.roadmap(tasks(...ids));
  }
  await done(running, 'b10');
  // Saved again as it is: the next edit is the next sync.
  project.roadmap(tasks(...ids));
  project.roadmap(`${stringify(tasks(...ids))}\n# only a comment\n`);
  project.roadmap(tasks(...ids, 'last'));
  await done(running, 'last');
  await interrupted(running);
  assert.deepEqual(
    (await synced(project)).map((each) => (each['added'] as string[]).length),
    [1, 10, 1],
  );
});

test('S0-11 S0-57 a file with a mistake is told once with its place, leaves the plan, and is taken when it is mended', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live() });
  await using running = await project.start(['run', '--watch', '--json']);
  await done(running, 'a');
  const broken = 'version: 1\ntasks:\n  - id: a\n    prompt: x\n  - id: b\n    promt: x\n';
  project.roadmap(broken);
  const rejected = await event(running, 'roadmap.rejected');
  assert.deepEqual(
    [rejected['path'], rejected['line'], rejected['col'], rejected['message']],
    ['roadmap.yaml', 6, 5, 'A task has no key "promt".'],
  );
  // Saved once more with the same mistake, and looked at from elsewhere: it is said already.
  project.roadmap(broken);
  const status = await project.cw(['task', 'list']);
  assert.match(status.stderr, /^warning: the last good roadmap is shown\. roadmap\.yaml:6:5: /);
  project.roadmap(tasks('a', 'b'));
  await done(running, 'b');
  await interrupted(running);
  assert.equal((await project.events('--type', 'roadmap.rejected')).length, 1);
  assert.deepEqual((await synced(project)).at(-1)?.['added'], ['b']);
});

test('S0-27 S0-28 S0-30 in poll mode an edit is found, with no other change in behaviour', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live({ sync: 'poll' }) });
  await using running = await project.start(['run', '--watch', '--json']);
  await done(running, 'a');
  project.roadmap(tasks('a', 'b'));
  await done(running, 'b');
  await interrupted(running);
  // The end of the task before it may be what led to the look.
  assert.match(String((await synced(project)).at(-1)?.['reason']), /^(poll|task-done)$/);
});

test('S0-29 cw run --watch waits for a roadmap that is not there, and a deleted one cancels nothing', async () => {
  await using project = await makeProject({ config: live() });
  await using running = await project.start(['run', '--watch', '--json']);
  await event(running, 'roadmap.followed');
  project.roadmap(tasks('a'));
  await done(running, 'a');
  renameSync(join(project.repo.root, 'roadmap.yaml'), join(project.repo.root, 'away.yaml'));
  project.roadmap(tasks('a', 'b'));
  await done(running, 'b');
  process.kill(-running.pid, 'SIGINT');
  const { code, stderr } = await running.end;
  assert.deepEqual([code, stderr], [130, 'note: waiting for tasks in roadmap.yaml\n']);
  assert.equal((await project.tasks())['a']?.state, 'done');
});

test('S0-42 S0-45 S0-06 an unchanged file is not read again after a restart', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live() });
  assert.equal((await project.cw(['run'])).code, 0);
  // Saved with the same bytes: another file, the same hash.
  project.roadmap(tasks('a'));
  assert.equal((await project.cw(['run'])).code, 0);
  assert.equal((await synced(project)).length, 1);
});

test('an edit right before the end of a run is still taken', async () => {
  await using project = await makeProject({
    roadmap: tasks('a'),
    script: { a: [[{ print: 'ready' }, { waitFor: 'go' }, ...work('a')]] },
    // So long that only the last look finds it.
    config: live({ debounceMs: 600_000 }),
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready'));
  project.roadmap(tasks('a', 'late'));
  project.allow('go');
  assert.equal((await running.end).code, 0);
  assert.equal((await project.tasks())['late']?.state, 'done');
});

test('a new task that names what the config does not have fails by itself, and the run goes on', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live() });
  await using running = await project.start(['run', '--watch', '--json']);
  await done(running, 'a');
  project.roadmap({
    version: 1,
    tasks: [
      { id: 'a', prompt: 'x' },
      { id: 'ghost', prompt: 'x', agent: 'nobody' },
      { id: 'strange', prompt: 'x', workflow: 'none' },
      { id: 'b', prompt: 'x' },
    ],
  });
  await done(running, 'b');
  const ghost = await event(running, 'task.failed', (each) => each.task === 'ghost');
  assert.match(
    String(ghost['reason']),
    /names agent "nobody", which the config does not have.*Use one of coder/,
  );
  const strange = await event(running, 'task.failed', (each) => each.task === 'strange');
  assert.match(String(strange['reason']), /names workflow "none", which the config does not have.*standard/);
  await interrupted(running);
});

test('S0-01 S0-31 S0-32 S0-47 a task that was added a moment ago is in the very next answer to what is next', async () => {
  await using project = await makeProject({ roadmap: tasks('a', 'b', 'c', 'd', 'e', 'f'), config: live() });
  const next = async (...args: string[]) => {
    const { code, stdout, stderr } = await project.cw(['task', 'next', '--json', ...args]);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as { planHash: string; tasks: { id: string; ready: boolean; agent: string }[] };
  };
  const before = await next();
  assert.deepEqual(
    before.tasks.map(({ id }) => id),
    ['a', 'b', 'c', 'd', 'e'],
  );
  project.roadmap({
    version: 1,
    tasks: [
      { id: 'a', prompt: 'x' },
      { id: 'urgent', prompt: 'x', priority: 'critical', agent: 'reviewer', domain: 'api' },
    ],
    initiatives: [
      { id: 'shop', title: 'Shop', tasks: ['b', 'c', 'd', 'e', 'f'].map((id) => ({ id, prompt: 'x' })) },
    ],
  });
  const after = await next('--limit', '2');
  assert.deepEqual(
    after.tasks.map(({ id, ready, agent }) => [id, ready, agent]),
    [
      ['urgent', true, 'reviewer'],
      ['b', true, 'coder'],
    ],
  );
  assert.notEqual(after.planHash, before.planHash);
  assert.deepEqual(
    (await next('--domain', 'api')).tasks.map(({ id }) => id),
    ['urgent'],
  );
  assert.equal((await next('--initiative', 'shop', '-n', '9')).tasks.length, 5);
  const shown = await project.cw(['task', 'next', '-n', '1']);
  assert.match(shown.stdout, /^TASK +STATE +PRIORITY +AGENT +TITLE\nurgent +ready +100 +reviewer +urgent\n$/);
  assert.equal((await synced(project)).at(-1)?.['reason'], 'plan-next');
});

test('S0-10 S0-23 following begins and ends with the run, and both are in the log', async () => {
  await using project = await makeProject({ roadmap: tasks('a'), config: live() });
  assert.equal((await project.cw(['run'])).code, 0);
  const events = await project.events();
  const seen = events.filter(({ type }) => /^(orchestrator|roadmap)\./.test(type));
  assert.deepEqual(
    seen.map(({ type, path, mode }) => [type, path, mode].filter((each) => each !== undefined).join(' ')),
    [
      'orchestrator.started',
      'roadmap.followed roadmap.yaml watch',
      'roadmap.synced roadmap.yaml',
      'roadmap.unfollowed roadmap.yaml',
      'orchestrator.stopped',
    ],
  );
});

test('S0-30 with sync off a running orchestrator reads the file once', async () => {
  await using project = await makeProject({
    roadmap: tasks('a'),
    script: { a: [[{ print: 'ready' }, { waitFor: 'go' }, ...work('a')]] },
    config: live({ sync: 'off' }),
  });
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('ready'));
  writeFileSync(join(project.repo.root, 'roadmap.yaml'), stringify(tasks('a', 'b')));
  project.allow('go');
  assert.equal((await running.end).code, 0);
  assert.deepEqual(
    project.starts().map(({ task }) => task),
    ['a'],
  );
});
