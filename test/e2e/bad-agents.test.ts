import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { makeProject, type PrintedEvent } from './project.ts';
import type { Action } from './scripted-agent.ts';

/** A task beside the bad one shows that nothing else suffers. */
const ROADMAP = {
  version: 1,
  tasks: [
    { id: 'bad', prompt: 'x' },
    { id: 'good', prompt: 'x' },
  ],
};

const BAD: Readonly<Record<string, { turn: readonly Action[]; reason: RegExp }>> = {
  'exits at once': { turn: [{ exit: 1 }], reason: /ended with exit code 1/ },
  'prints garbage': {
    turn: [{ print: '\u0000\u001b[31m{"status": {{{ \uFFFD' }],
    reason: /did no work: it changed no file and reported no result/,
  },
  'prints nothing': { turn: [], reason: /did no work: it changed no file and reported no result/ },
  'prints a result that is none': {
    turn: [{ result: { status: 'questions', questions: 'Why?' } }],
    reason: /malformed: .*questions/,
  },
};

for (const [name, { turn, reason }] of Object.entries(BAD)) {
  test(`an agent that ${name} fails its task with a reason, and no other`, async () => {
    await using project = await makeProject({ roadmap: ROADMAP, script: { bad: [turn] } });
    const run = await project.cw(['run']);
    assert.equal(run.code, 1, run.stderr);
    assert.equal(run.stderr, '');
    // What an agent prints must not reach the terminal as control characters.
    assert.ok([...run.stdout].every((each) => each === '\n' || each >= ' '));
    const { bad, good } = await project.tasks();
    assert.deepEqual([bad?.state, bad?.attempts, good?.state], ['failed', 2, 'done']);
    assert.match(String(bad?.['reason']), reason);
    assert.equal(project.repo.git('show', 'cw/integration:good.txt'), 'good');
  });
}

test('a prompt of a megabyte reaches the agent whole', async () => {
  const prompt = `begin ${'word '.repeat(200_000)}end`;
  // As JSON, which YAML holds: folded lines would make the file larger than a roadmap may be.
  const roadmap = JSON.stringify({ version: 1, tasks: [{ id: 'long', prompt }] });
  await using project = await makeProject({ roadmap });
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stderr);
  // Not `match`: it would print the whole prompt.
  assert.ok(project.starts('long')[0]?.prompt.includes(prompt));
});

test('a hundred megabytes in one line neither end the run nor fill the memory', {
  skip: process.platform === 'linux' ? false : 'the peak of memory is read from /proc',
}, async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'loud', prompt: 'x' }] },
    script: {
      loud: [
        [
          { flood: 100 },
          { tell: 'here' },
          { waitFor: 'measured' },
          { write: 'loud.txt', text: 'loud\n' },
          { result: { status: 'done', summary: 'quiet again' } },
        ],
      ],
    },
  });
  await using running = await project.start(['run', '--json']);
  const started = JSON.parse(await running.line(() => true)) as PrintedEvent;
  await project.untilRecord((record) => record.some(({ kind }) => kind === 'here'));
  const status = readFileSync(`/proc/${Number(started['pid'])}/status`, 'utf8');
  project.allow('measured');
  const run = await running.end;
  assert.equal(run.code, 0, run.stderr);
  const peakMb = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
  assert.ok(peakMb > 0 && peakMb < 300, `${Math.round(peakMb)} MB`);
  assert.ok(run.stdout.length < 1_000_000, 'what it printed is cut in the report');
  assert.equal((await project.tasks())['loud']?.['summary'], 'quiet again');
});
