import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { makeProject } from './project.ts';

/** Coders ask while they work, by the `cw` on their PATH. */
const CODER = `
case "$CW_TASK_ID" in
  docs) echo "The port is 4000." > port.txt; echo '{"status":"done","summary":"The port is 4000."}' ;;
  *) prompt=$(cat)
     case "$prompt" in
       *"## Answers"*) answer=$(printf '%s' "$prompt" | grep -A2 'Which port' | tail -1) ;;
       *) answer=$(cw ask "Which port?") || { echo "$answer"; exit 0; } ;;
     esac
     echo "$answer" > "$CW_TASK_ID.txt"; echo '{"status":"done","summary":"wrote it"}' ;;
esac
`;
/** The orchestrator agent answers from the plan and the files, and tries to leave something behind. */
const ADVISER = `
prompt=$(cat)
echo leftover > leftover.txt
case "$prompt" in
  *"Question risky/"*) echo '{"status":"done","answers":[{"id":"risky/q1","leave":"it opens the firewall"}]}' ;;
  *"docs (done)"*) printf '{"status":"done","answers":[{"id":"server/q1","answer":"%s"}]}\\n' "$(cat port.txt)" ;;
esac
`;

function projectWith(id: string, config: ConfigFile = {}) {
  const task = (name: string, needs: readonly string[]) => ({
    id: name,
    title: `Do ${name}`,
    prompt: `Do ${name}.`,
    depends_on: needs,
  });
  return makeProject({
    roadmap: { version: 1, tasks: [task('docs', []), task(id, ['docs'])] },
    config: {
      maxAgents: 1,
      providers: {
        coder: { type: 'command', command: 'sh', args: ['-c', CODER] },
        adviser: { type: 'command', command: 'sh', args: ['-c', ADVISER] },
      },
      agents: { coder: { provider: 'coder' }, orchestrator: { provider: 'adviser' } },
      ...config,
      questions: { orchestrator: true, ...config.questions },
    },
  });
}

test('S3-19 S3-38 the orchestrator agent, on a provider of its own, answers an agent at work from the plan and the files', async () => {
  await using project = await projectWith('server');
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(project.repo.git('show', 'cw/integration:server.txt'), 'The port is 4000.');
  const [consulted] = await project.events('--type', 'agent.consulted');
  assert.deepEqual(
    [consulted?.['agent'], consulted?.['provider'], consulted?.['questions'], consulted?.['reason']],
    ['orchestrator', 'adviser', ['server/q1'], ''],
  );
  const answered = await project.events('--type', 'task.answered');
  assert.deepEqual(
    answered.map(({ task, by, answer }) => [task, by, answer]),
    [['server', 'orchestrator', 'The port is 4000.']],
  );
  assert.equal((await project.tasks())['server']?.attempts, 1, 'it kept its attempt');
  assert.ok(existsSync(join(project.repo.root, '.codewalk/reading/orchestrator/files/port.txt')));
  assert.equal(project.repo.git('status', '--porcelain'), '?? roadmap.yaml', 'the checkout is as it was');
  assert.deepEqual(project.processes(), []);
});

test('S2-40 S2-42 what it leaves to a person ends the run with 3, and the answer goes to the same session', async () => {
  await using project = await projectWith('risky', { questions: { waitMs: 0 } });
  const run = await project.cw(['run']);
  assert.equal(run.code, 3, run.stdout + run.stderr);
  assert.match(run.stdout, /\? risky asks: Which port\?/);
  const [question] = JSON.parse((await project.cw(['inbox', '--json'])).stdout);
  assert.deepEqual([question.task, question.id, question.stage], ['risky', 'q1', 'person']);
  assert.match(
    (await project.cw(['inbox'])).stdout,
    /the orchestrator agent leaves it to you: it opens the firewall/,
  );
  assert.equal((await project.cw(['inbox', 'answer', 'risky', '80'])).code, 0);
  const again = await project.cw(['run']);
  assert.equal(again.code, 0, again.stdout + again.stderr);
  assert.equal(project.repo.git('show', 'cw/integration:risky.txt'), '80');
});
