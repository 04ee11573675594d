import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRunning } from './processes.ts';
import { makeProject, UNCONFINED } from './project.ts';
import type { Action } from './scripted-agent.ts';

const DONE = { result: { status: 'done', summary: 'made' } } as const;
const made = (id: string): readonly Action[] => [{ write: `${id}.txt`, text: 'whole\n' }, DONE];
/** Half of the work and a child that does not end, then nothing more. */
const hangs = (id: string): readonly Action[] => [
  { write: `${id}.txt`, text: 'half\n' },
  { child: true },
  { print: `ready ${id}` },
  { hang: true },
];

test('cw task pause ends the agent with all that it started and keeps its work; resumed it goes on in its session and is merged', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ['one', 'two'].map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: { one: [hangs('one'), made('one')], two: [made('two')] },
    config: UNCONFINED,
  });
  const { repo } = project;
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"type":"agent.output"') && line.includes('ready one'));
  const theirs = project.record().flatMap(({ task, pid }) => (task === 'one' ? [pid] : []));
  assert.equal(theirs.filter(isRunning).length, 2, 'the agent and its child run');
  const paused = await project.cw(['task', 'pause', 'one', '--reason', 'the API changes']);
  assert.equal(paused.stdout, 'one is paused. It goes on with: cw task resume one\n', paused.stderr);
  assert.equal((await running.end).code, 3);

  assert.deepEqual(theirs.filter(isRunning), []);
  assert.deepEqual(project.processes(), []);
  assert.equal(repo.git('show', 'cw/one:one.txt'), 'half');
  const { one, two } = await project.tasks();
  assert.deepEqual([one?.state, one?.['failures'], two?.state], ['pending', 0, 'done']);
  const why = one?.['paused'] as Record<string, unknown>;
  assert.deepEqual([why['by'], why['reason']], ['person', 'the API changes']);
  assert.match(
    (await project.cw(['task', 'list'])).stdout,
    /one +paused .*paused by person: the API changes/,
  );
  assert.match((await project.cw(['task', 'show', 'one'])).stdout, /paused +by person .*cw task resume one/);
  assert.match(
    (await project.cw(['status'])).stdout,
    /1 paused[\s\S]*one is paused by person: the API changes\n +cw task resume one/,
  );
  assert.match((await project.cw(['agent', 'list'])).stdout, /coder +one +paused/);
  const held = await project.cw(['run']);
  assert.equal(held.code, 3);
  assert.match(held.stdout, /one is paused by person: the API changes\n +cw task resume one/);
  const again = await project.cw(['task', 'pause', 'one']);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /one is paused already by person[^\n]*\nhelp: cw task resume one/);

  assert.equal((await project.cw(['task', 'resume', 'one'])).code, 0);
  const last = await project.cw(['run']);
  assert.equal(last.code, 0, last.stdout + last.stderr);
  const starts = project.starts('one');
  assert.deepEqual(
    starts.map(({ attempt, beside }) => [attempt, beside]),
    [
      [1, []],
      [2, []],
    ],
  );
  assert.equal(starts[0]?.session, starts[1]?.session);
  assert.match(starts[1]?.prompt ?? '', /You were interrupted/);
  assert.equal(repo.git('show', 'cw/integration:one.txt'), 'whole');
});

test('cw pause holds for two orchestrators, which end with 3; with --now agents are stopped; after cw resume all is merged', async () => {
  const ids = ['a', 'b', 'c', 'd'];
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ids.map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: Object.fromEntries(
      ids.map((id) => [
        id,
        [
          id === 'a'
            ? [{ print: 'ready a' }, { waitFor: 'go' }, ...made(id)]
            : id === 'b'
              ? hangs(id)
              : [{ print: `ready ${id}` }, { hang: true }],
          made(id),
        ],
      ]),
    ),
    config: { ...UNCONFINED, maxAgents: 1 },
  });
  await using first = await project.start(['run', '--json']);
  await first.line((line) => line.includes('ready a'));
  await using second = await project.start(['run', '--json']);
  await project.untilRecord((record) => record.some(({ task, kind }) => task === 'b' && kind === 'child'));
  const paused = await project.cw(['pause', 'out for lunch', '--json']);
  const { stopped, atWork } = JSON.parse(paused.stdout) as Record<string, string[]>;
  assert.deepEqual([stopped, atWork], [[], ['a', 'b']]);
  project.allow('go');
  await first.line((line) => line.includes('"type":"task.done"'));
  assert.match((await project.cw(['orchestrators'])).stdout, /paused[\s\S]*cw resume/);
  const now = await project.cw(['pause', '--now']);
  assert.match(now.stdout, /Stopped, with its work saved: b\n/);
  const ends = [await first.end, await second.end];
  assert.deepEqual(
    ends.map(({ code }) => code),
    [3, 3],
    ends.map(({ stderr }) => stderr).join(),
  );
  assert.deepEqual(project.processes(), []);
  assert.equal(project.repo.git('show', 'cw/b:b.txt'), 'half');
  assert.deepEqual(
    project.starts().map(({ task }) => task),
    ['a', 'b'],
  );
  const status = await project.cw(['status']);
  assert.match(
    status.stdout,
    /The project is paused by person: out for lunch\. Nothing is begun\.\n +cw resume/,
  );
  const next = JSON.parse((await project.cw(['task', 'next', '--json'])).stdout) as { paused: object | null };
  assert.ok(next.paused !== null);
  const held = await project.cw(['run']);
  assert.equal(held.code, 3);
  assert.match(
    held.stdout,
    /The project is paused by person: out for lunch\. Nothing is begun\. 3 tasks wait\./,
  );

  assert.match(
    (await project.cw(['resume'])).stdout,
    /^The project goes on\. 3 tasks can begin\. Start them/,
  );
  project.script(Object.fromEntries(ids.map((id) => [id, [made(id)]])));
  const last = await project.cw(['run']);
  assert.equal(last.code, 0, last.stdout + last.stderr);
  for (const id of ids) assert.equal(project.repo.git('show', `cw/integration:${id}.txt`), 'whole');
  const starts = project.starts('b');
  assert.deepEqual([starts.length, starts[0]?.session === starts[1]?.session], [2, true]);
});
