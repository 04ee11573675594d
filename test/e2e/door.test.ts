import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { type E2eProject, makeProject } from './project.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));

/** A task whose agent is a shell script. */
function scripted(script: string, sandbox: NonNullable<ConfigFile['sandbox']> = {}, more: ConfigFile = {}) {
  return makeProject({
    roadmap: { version: 1, tasks: [{ id: 'build', title: 'Build it', prompt: 'Build.' }] },
    config: {
      providers: { sh: { type: 'command', command: 'sh', args: ['-c', script] } },
      agents: { coder: { provider: 'sh' } },
      sandbox,
      ...more,
    },
  });
}

async function reports(project: E2eProject): Promise<unknown[]> {
  const events = await project.events('--type', 'agent.reported');
  return events.map(({ task, step, text, percent }) => ({ task, step, text, percent }));
}

const AT_WORK = `
  cw report "half of it" --percent 50
  echo made > made.txt
  cw report --result '{"status":"done","summary":"made it by hand"}'
  echo '{"status":"error","reason":"printed, and not meant"}'
`;

for (const sandbox of [
  { mode: 'workspace', network: false },
  { mode: 'strict', network: false },
  { mode: 'off' },
] as const) {
  test(`an agent that is a shell script reports by cw, sandbox ${sandbox.mode}`, {
    skip: sandbox.mode !== 'off' && found.kind === 'missing' ? found.reason : false,
  }, async () => {
    await using project = await scripted(AT_WORK, sandbox);
    const run = await project.cw(['run']);
    assert.equal(run.code, 0, run.stdout + run.stderr);
    assert.deepEqual(await reports(project), [{ task: 'build', step: 1, text: 'half of it', percent: 50 }]);
    const { stdout } = await project.cw(['task', 'show', 'build', '--json']);
    assert.match(stdout, /made it by hand/);
    assert.equal(project.repo.git('show', 'cw/integration:made.txt'), 'made');
  });
}

test('an agent cannot decide by cw what is a person’s to decide, and may look', async () => {
  await using project = await scripted(
    `cat > /dev/null
  project=$(dirname "$(dirname "$(dirname "$CW_WORKTREE")")")
  cw -C "$project" task cancel build 2> said.txt; echo $? > codes.txt
  cw -C "$project" status > /dev/null; echo $? >> codes.txt
  echo '{"status":"done","summary":"tried"}'`,
    { mode: 'off' },
  );
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const file = (name: string) => project.repo.git('show', `cw/integration:${name}`);
  assert.equal(file('codes.txt'), '1\n0');
  assert.match(
    file('said.txt'),
    /^error: cw task cancel is for people.*\nhelp: Ask for what you need: cw ask/,
  );
});

const ASKING = `
  if grep -q "8080"; then echo later > made.txt; echo '{"status":"done","summary":"made it later"}'; exit 0; fi
  cw messages > messages.txt
  cw tell person "I begin" > sent.txt
  cw ask "Which port?" --option 80 8080 > answer.txt; echo $? >> answer.txt
`;
const QUESTIONS = { orchestrator: false, waitMs: 600_000 };

test('an agent that is a shell script asks, reads messages and tells others by cw, without a network', {
  skip: found.kind === 'missing' ? found.reason : false,
}, async () => {
  const questions = QUESTIONS;
  await using project = await scripted(ASKING, { mode: 'strict', network: false }, { questions });
  assert.equal((await project.cw(['roadmap', 'sync'])).code, 0);
  const told = await project.cw(['tell', 'build', 'Mind the port']);
  assert.equal(told.code, 0, told.stderr);
  await using running = await project.start(['run', '--json']);
  await running.line((line) => line.includes('"question.asked"'));
  const answer = await project.cw(['inbox', 'answer', 'build', '1']);
  assert.equal(answer.code, 0, answer.stderr);
  const run = await running.end;
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const read = (name: string) => project.repo.git('show', `cw/integration:${name}`);
  assert.equal(read('answer.txt'), '80\n0');
  assert.match(read('sent.txt'), /^Sent msg_\w+ to person\.$/);
  const sent = await project.events('--type', 'message.sent');
  assert.deepEqual(
    sent.map(({ from, to, text }) => [from, to, text]),
    [
      ['person', 'task:build', 'Mind the port'],
      ['task:build', 'person', 'I begin'],
    ],
  );
});

test('an agent whose answer takes long is told to end, and goes on with it in a later turn', async () => {
  const questions = { ...QUESTIONS, waitMs: 1 };
  await using project = await scripted(ASKING, {}, { questions });
  const asked = await project.cw(['run']);
  assert.equal(asked.code, 3, asked.stdout + asked.stderr);
  const answer = await project.cw(['inbox', 'answer', 'build', '2']);
  assert.equal(answer.code, 0, answer.stderr);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  const read = (name: string) => project.repo.git('show', `cw/integration:${name}`);
  assert.match(read('answer.txt'), /^No answer yet\. End your turn now[^\n]*\n3$/);
  assert.equal(read('made.txt'), 'later');
});

test('a door that a killed orchestrator left is gone after the next run, and its token opens nothing', async () => {
  const script = `
    if [ -e first.txt ]; then cw report again; echo '{"status":"done","summary":"made it"}'; exit 0; fi
    echo "$CW_SOCKET" > first.txt; cw report first; exec tail -f /dev/null
  `;
  await using project = await scripted(script, { mode: 'off' });
  await using running = await project.start(['run', '--json', '--no-restart']);
  await running.line((line) => line.includes('"agent.reported"'));
  const worktree = join(project.repo.root, '.codewalk', 'worktrees', 'build');
  const socket = readFileSync(join(worktree, 'first.txt'), 'utf8').trim();
  assert.equal(existsSync(socket), true);
  process.kill(-running.pid, 'SIGKILL');
  await running.end.catch(() => undefined);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(existsSync(dirname(socket)), false);
  assert.deepEqual(
    (await reports(project)).map((report) => (report as { text: string }).text),
    ['first', 'again'],
  );
});
