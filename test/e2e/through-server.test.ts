import assert from 'node:assert/strict';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServerInfo } from '../../src/core/server/ports.ts';
import { type E2eProject, makeProject } from './project.ts';

const ROADMAP = {
  version: 1,
  tasks: [
    { id: 'one', prompt: 'Do one.' },
    { id: 'two', prompt: 'Do two.', depends_on: ['one'] },
    { id: 'asks', prompt: 'Ask.' },
    { id: 'fails', prompt: 'Fail.' },
  ],
};

/** Every command that reads; with JSON too where that shows more. */
const READING: readonly (readonly string[])[] = [
  ...['status', 'task show one', 'agent show one', 'inbox list --all', 'usage', 'events'].flatMap(both),
  ...['task list --json', 'task next', 'task show asks', 'task diff one', 'task diff one --stat'].map(words),
  ...['task logs one', 'task logs two --raw', 'task show on', 'agent list --all', 'agent history one'].map(
    words,
  ),
  ...['provider list', 'inbox list', 'message list', 'merge list --json', 'orchestrators list'].map(words),
  ...['usage --by day', 'roadmap show --json', 'roadmap diff', 'deliver --dry-run'].map(words),
];

function words(line: string): readonly string[] {
  return line.split(' ');
}

function both(line: string): readonly (readonly string[])[] {
  return [words(line), [...words(line), '--json']];
}

/** Times that go on between two looks. */
function withoutTimes(text: string): string {
  return text.replace(/(?:\b\d+(?:ms|s|m|h)\b ?)+/g, '<time> ').replace(/ +/g, ' ');
}

/** A person with another home has no server. */
async function looks(project: E2eProject, home: string): Promise<string[]> {
  const seen: string[] = [];
  for (const args of READING) {
    const { code, stdout, stderr } = await project.cw(args, { env: { HOME: home } });
    seen.push(withoutTimes(`cw ${args.join(' ')}\n${code}\n${stdout}\n${stderr}`));
  }
  return seen;
}

test('S2-12 every command that reads says the same through the server as without one', async () => {
  await using project = await makeProject({
    roadmap: ROADMAP,
    script: {
      one: [[{ write: 'one.txt', text: 'one\n' }, { print: 'made one' }]],
      two: [[{ write: 'two.txt', text: 'two\n' }]],
      asks: [[{ result: { status: 'questions', questions: [{ id: 'q1', question: 'Which?' }] } }]],
      fails: [[{ result: { status: 'error', reason: 'it is broken' } }]],
    },
  });
  const run = await project.cw(['run']);
  assert.equal(run.code, 3, run.stderr);
  const started = await project.cw(['serve', '--no-run']);
  assert.equal(started.code, 0, started.stderr);
  const other = join(project.directory, 'nobody');
  const [here, served] = [await looks(project, other), await looks(project, project.home)];
  assert.equal(served.length, READING.length);
  for (const [index, text] of served.entries()) assert.equal(text, here[index]);

  // It was the server that answered: it has the state open, and nobody else finds it.
  const state = join(project.repo.root, '.codewalk', 'state');
  renameSync(state, `${state}-away`);
  const { stdout } = await project.cw(['inbox', 'list', '--json']);
  assert.match(stdout, /Which\?/);
  renameSync(`${state}-away`, state);

  const answered = await project.cw(['inbox', 'answer', 'asks', 'This one']);
  assert.deepEqual([answered.code, answered.stdout], [0, 'Answered asks. It goes on with: cw run\n']);
  const retried = await project.cw(['task', 'retry', 'fails', 'one']);
  assert.deepEqual([retried.code, retried.stdout], [1, 'fails is back in the queue.\n']);
  assert.match(retried.stderr, /^error: one is done\nhelp: /);
  const unknown = await project.cw(['task', 'cancel', 'ones', '--json']);
  assert.equal(unknown.code, 2);
  const { error } = JSON.parse(unknown.stderr) as { error: { code: string; advice: string } };
  assert.deepEqual([error.code, error.advice], ['UNKNOWN_TASK', 'did you mean one?']);
  const added = await project.cw(['task', 'add', 'More', '--prompt', 'Do more.']);
  assert.match(added.stdout, /Added more to the roadmap\./);
  project.repo.write('roadmap.yaml', 'tasks: 7\n');
  const broken = await project.cw(['task', 'list']);
  assert.match(broken.stderr, /^warning: the last good roadmap is shown\. /);
  assert.match(broken.stdout, /more/);
  const wrong = await project.cw(['roadmap', 'show']);
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /^error: roadmap\.yaml:1:/);
  await project.cw(['stop']);
});

test('commands go on without a server that was killed, and say when it is another version', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const started = await project.cw(['serve', '--no-run', '--json']);
  const { pid, socket } = JSON.parse(started.stdout) as ServerInfo;
  await using events = await project.start(['events', '--follow', '--json', '--type', 'message.sent']);
  const told = await project.cw(['message', 'send', 'one', 'first']);
  assert.equal(told.code, 0, told.stderr);
  await events.line((line) => line.includes('"message.sent"'));
  const record = join(project.home, '.codewalk', 'run', 'server.json');
  const known = readFileSync(record, 'utf8');
  await project.cw(['stop']);

  // What a killed one leaves: a record, a token and a socket where nobody listens.
  writeFileSync(record, known);
  writeFileSync(join(project.home, '.codewalk', 'run', 'server.token'), 'cw_x\n');
  writeFileSync(socket, '');
  const after = await project.cw(['message', 'send', 'one', 'second']);
  assert.deepEqual([after.code, after.stderr], [0, '']);
  const seen = await events.line((line) => line.includes('"message.sent"'));
  assert.ok(seen);
  const listed = await project.cw(['message', 'list', '--json']);
  assert.equal((JSON.parse(listed.stdout) as unknown[]).length, 2);

  writeFileSync(
    record,
    known.replace(/"version": "[^"]*"/, '"version": "9.9.9"').replace(String(pid), String(process.pid)),
  );
  const newer = await project.cw(['task', 'list']);
  assert.equal(newer.code, 0);
  assert.match(newer.stderr, /^note: the server is codewalk 9\.9\.9 and this is .*: cw server restart\n$/);
});
