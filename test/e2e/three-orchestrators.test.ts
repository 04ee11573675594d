import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RunningCw } from '../support/installed-cw.ts';
import { startPostgres } from '../support/postgres.ts';
import { type E2eProject, makeProject, type PrintedEvent, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const TASKS = Array.from({ length: 15 }, (_, index) => `t${String(index).padStart(2, '0')}`);
const CHATTER = 12;
/** Always something to say: whoever is stopped meanwhile has words of theirs to write down when it wakes up. */
const TALK = Array.from({ length: CHATTER }, (_, index): readonly Action[] => [
  { print: `line ${index}` },
  { work: 60 },
]).flat();

test('S0-03 S0-35 S0-41 S0-48 S0-58 S2-57 three orchestrators share a plan on PostgreSQL: one is killed, one is stopped past its lease and wakes up', async () => {
  await using server = await startPostgres();
  const database = await server.freshDatabase();
  await using project = await makeProject({
    roadmap: { version: 1, tasks: TASKS.map((id) => ({ id, prompt: `Write ${id}.txt.` })) },
    script: Object.fromEntries(
      TASKS.map((id) => [
        id,
        [
          [
            ...TALK,
            { write: `${id}.txt`, text: `${id}\n` },
            { result: { status: 'done', summary: `made ${id}` } },
          ],
        ],
      ]),
    ),
    config: { ...UNCONFINED, database, maxAgents: 2, lease: { leaseMs: 2_000, heartbeatMs: 500 } },
  });
  await using killed = await project.start(['run', '--json']);
  const killedId = await idOf(killed);
  await using stopped = await project.start(['run', '--json']);
  const stoppedId = await idOf(stopped, [killedId]);
  await using third = await project.start(['run', '--json']);
  await idOf(third, [killedId, stoppedId]);

  // Every one of them has agents at work when it happens.
  await agentOf(third, killedId);
  const held = await agentOf(third, stoppedId);
  const pid = pidOf(stopped, stoppedId);
  process.kill(pid, 'SIGSTOP');
  process.kill(-killed.pid, 'SIGKILL');
  assert.equal((await killed.end).code, null);
  await third.line((line) => isEvent(line, 'orchestrator.lost', { orchestrator: killedId }));
  await third.line((line) => isEvent(line, 'orchestrator.lost', { orchestrator: stoppedId }));
  await third.line((line) => isEvent(line, 'task.claimed', { task: held, fence: 2 }));
  process.kill(pid, 'SIGCONT');
  await third.line((line) => isEvent(line, 'orchestrator.fenced', { orchestrator: stoppedId }));
  const [woken, last] = [await stopped.end, await third.end];
  assert.deepEqual([woken.code, last.code], [0, 0], woken.stderr + last.stderr);

  const events = await project.events();
  assertEveryTaskOnce(project, events);
  const started = ofType(events, 'orchestrator.started');
  assert.equal(started.length, 4, 'who woke up began anew, in the same process');
  assert.equal(started.filter((event) => event['pid'] === pid).length, 2);
  assert.equal(ofType(events, 'orchestrator.fenced').length, 1);
  const refused = ofType(events, 'write.refused').filter(({ task }) => task === held);
  assert.ok(refused.length > 0, 'what the sleeper still wanted to say was refused');
  assert.deepEqual(
    refused.filter(({ fence, heldFence }) => fence !== 1 || heldFence !== 2),
    [],
    'with both fences',
  );
  assert.deepEqual(project.processes(), []);
});

/** The id of the orchestrator that this run registered. */
async function idOf(running: RunningCw, others: readonly string[] = []): Promise<string> {
  const line = await running.line(
    (each) => each.includes('"orchestrator.started"') && !others.some((other) => each.includes(`"${other}"`)),
  );
  return String((JSON.parse(line) as PrintedEvent)['orchestrator']);
}

function pidOf({ lines }: RunningCw, orchestrator: string): number {
  const started = lines.find((line) => isEvent(line, 'orchestrator.started', { orchestrator }));
  return Number((JSON.parse(started ?? '{}') as PrintedEvent)['pid']);
}

/** The first task of the orchestrator whose agent has said something. */
async function agentOf(watching: RunningCw, orchestrator: string): Promise<string> {
  const tasks = new Set<unknown>();
  const line = await watching.line((each) => {
    if (isEvent(each, 'task.claimed', { orchestrator })) tasks.add((JSON.parse(each) as PrintedEvent).task);
    return [...tasks].some((task) => isEvent(each, 'agent.output', { task }));
  });
  return String((JSON.parse(line) as PrintedEvent).task);
}

function isEvent(line: string, type: string, values: Readonly<Record<string, unknown>>): boolean {
  if (!line.includes(`"${type}"`)) return false;
  const event = JSON.parse(line) as PrintedEvent;
  return event.type === type && Object.entries(values).every(([key, value]) => event[key] === value);
}

function ofType(events: readonly PrintedEvent[], type: string): readonly PrintedEvent[] {
  return events.filter((event) => event.type === type);
}

/** Merged once, never at work twice at the same time, and all of it in a sound tree. */
function assertEveryTaskOnce(project: E2eProject, events: readonly PrintedEvent[]): void {
  const done = ofType(events, 'task.done').map(({ task }) => task);
  assert.deepEqual(done.toSorted(), TASKS);
  const format = '--format=%(trailers:key=Codewalk-Task,valueonly,separator=%x2C)';
  const merged = project.repo.git('log', '--first-parent', format, 'main..cw/integration').split('\n');
  assert.deepEqual(merged.toSorted(), TASKS, 'each task is merged exactly once');
  assert.deepEqual(
    project.starts().filter(({ beside }) => beside.length > 0),
    [],
    'attempts of one task at the same time',
  );
  assert.ok(project.starts().length > TASKS.length, 'some had to begin again');
  const files = project.repo.git('ls-tree', '--name-only', 'cw/integration').split('\n');
  assert.deepEqual(
    files.filter((name) => /^t\d\d\.txt$/.test(name)),
    TASKS.map((id) => `${id}.txt`),
  );
  for (const id of TASKS) assert.equal(project.repo.git('show', `cw/integration:${id}.txt`), id);
  assert.equal(project.repo.git('fsck', '--no-dangling', '--no-progress'), '');
  const fences = new Map<unknown, number>();
  for (const { task, fence } of ofType(events, 'task.claimed')) {
    assert.ok(Number(fence) > (fences.get(task) ?? 0), `the fence of ${task} rises`);
    fences.set(task, Number(fence));
  }
}
