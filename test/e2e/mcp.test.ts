import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { machineNode } from '../house/machine-node.ts';
import { installedCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject } from './project.ts';

const ROADMAP = {
  version: 1,
  phases: [
    {
      id: '1',
      title: 'First',
      tasks: [
        { id: 'schema', title: 'Schema', prompt: 'Make the schema.', priority: 'high' },
        { id: 'api', title: 'API', prompt: 'Make the API.', depends_on: ['schema'] },
      ],
    },
  ],
  tasks: [{ id: 'docs', title: 'Docs', prompt: 'Write the docs.', domain: 'docs' }],
};

/** What somebody's agent CLI is to the project: `cw mcp` started in it, and a client of that. */
async function connect(
  project: E2eProject,
  ...args: string[]
): Promise<AsyncDisposable & { client: Client }> {
  const client = new Client({ name: 'Some Editor', version: '1' });
  await client.connect(
    new StdioClientTransport({
      command: machineNode(),
      args: [await installedCw(), 'mcp', ...args],
      cwd: project.repo.root,
      env: { PATH: process.env['PATH'] ?? '', HOME: project.home },
    }),
  );
  return { client, [Symbol.asyncDispose]: () => client.close() };
}

async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
  const result = await client.callTool({ name, arguments: args });
  const [first] = result.content as { text: string }[];
  return {
    text: first?.text ?? '',
    value: (result.structuredContent ?? {}) as Record<string, unknown>,
    isError: result.isError ?? false,
  };
}

function ids({ value }: { value: Record<string, unknown> }): string[] {
  return (value['tasks'] as { id: string }[]).map(({ id }) => id);
}

test('S0-31 plan_next returns the next tasks for given filters', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  await using open = await connect(project);
  const { client } = open;
  assert.deepEqual(ids(await call(client, 'plan_next')), ['schema', 'docs']);
  assert.deepEqual(ids(await call(client, 'plan_next', { limit: 1 })), ['schema']);
  assert.deepEqual(ids(await call(client, 'plan_next', { domain: 'docs' })), ['docs']);
  assert.deepEqual(ids(await call(client, 'plan_next', { phase: '1', states: ['pending'] })), [
    'schema',
    'api',
  ]);
  assert.deepEqual(ids(await call(client, 'plan_next', { agent: 'nobody' })), []);
  const bad = await call(client, 'plan_next', { limit: 0 });
  assert.equal(bad.isError, true);
  assert.match(bad.text, /limit/);
});

test('S0-32 plan_next answers of the roadmap file as it is now, and says that it has changed', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  await using open = await connect(project);
  const { client } = open;
  const first = await call(client, 'plan_next');
  const known_plan_hash = first.value['plan_hash'];
  assert.equal(typeof known_plan_hash, 'string');
  assert.equal((await call(client, 'plan_next', { known_plan_hash })).value['plan_changed'], false);

  project.roadmap({
    ...ROADMAP,
    tasks: [{ id: 'hotfix', title: 'Hotfix', prompt: 'Fix it.', priority: 'critical' }, ...ROADMAP.tasks],
  });
  const second = await call(client, 'plan_next', { known_plan_hash });
  assert.deepEqual(ids(second), ['hotfix', 'schema', 'docs']);
  assert.equal(second.value['plan_changed'], true);
  assert.match(second.text, /has changed since/);

  project.roadmap('tasks: [');
  const third = await call(client, 'plan_next');
  assert.deepEqual(ids(third), ['hotfix', 'schema', 'docs']);
  assert.match(String(third.value['roadmap_problem']), /roadmap\.yaml:/);
  assert.match(third.text, /^Careful: the last good roadmap is shown\. .*roadmap\.yaml:/);
});

test('a client from outside adds and edits tasks under its own name, and writes no command lines', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  await using open = await connect(project);
  const { client } = open;
  const dry = await call(client, 'add_task', { title: 'Tests', prompt: 'Test it.', dry_run: true });
  assert.match(dry.text, /^Would add tests:[\s\S]*\+/);
  assert.equal(dry.value['written'], false);
  const added = await call(client, 'add_task', {
    title: 'Tests',
    prompt: 'Test it.',
    depends_on: ['api'],
    files: ['test/**'],
    into: '1',
  });
  assert.equal(added.value['task'], 'tests', added.text);
  const edited = await call(client, 'edit_task', { task: 'tests', priority: 'low' });
  assert.match(edited.text, /\+.*priority: low/);
  const file = readFileSync(join(project.repo.root, 'roadmap.yaml'), 'utf8');
  assert.match(file, /id: tests[\s\S]*priority: low/);
  const refused = await call(client, 'add_task', { title: 'Evil', prompt: 'x', verify: 'touch /tmp/evil' });
  assert.equal(refused.isError, true);
  assert.match(refused.text, /verify/);
  const unknown = await call(client, 'edit_task', { task: 'shema', title: 'x' });
  assert.equal(unknown.isError, true);
  assert.match(unknown.text, /schema/);

  const listed = await call(client, 'list_tasks', { search: 'test' });
  assert.deepEqual(ids(listed), ['tests']);
  assert.match((await call(client, 'get_task', { task: 'tests' })).text, /Test it\./);
  const status = await call(client, 'roadmap_status');
  assert.match(status.text, /4 tasks: 4 pending \(2 ready\)[\s\S]*Nobody works on it now/);
  await call(client, 'send_message', { to: 'schema', text: 'Use UUIDs' });
  const [sent] = await project.events('--type', 'message.sent');
  assert.deepEqual([sent?.['from'], sent?.['to']], ['client:Some-Editor', 'task:schema']);
  assert.equal((await call(client, 'cancel_task', { task: 'docs' })).value['done'], true);
  const [cancelled] = await project.events('--type', 'task.cancelled');
  assert.equal(cancelled?.['by'], 'client:Some-Editor');
  assert.equal((await call(client, 'retry_task', { task: 'docs' })).value['done'], true);
  assert.equal((await call(client, 'pause_task', { task: 'docs' })).value['done'], true);
  assert.equal((await call(client, 'resume_task', { task: 'docs' })).value['done'], true);
  const paused = await call(client, 'pause_project', { reason: 'lunch' });
  assert.deepEqual(paused.value, { paused_by: 'client:Some-Editor', stopped: [], at_work: [] });
  assert.equal((await call(client, 'resume_project')).value['resumed'], true);
  const again = await call(client, 'retry_task', { task: 'docs' });
  assert.deepEqual([again.value['done'], again.isError], [false, false]);
  assert.match(String(again.value['reason']), /in the queue already/);
});

test('a client is offered what its role allows and nothing else', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const toolsOf = async (...args: string[]) => {
    await using open = await connect(project, ...args);
    return (await open.client.listTools()).tools;
  };
  const names = (tools: { name: string }[]) => tools.map(({ name }) => name);
  const looking = ['plan_next', 'roadmap_status', 'list_tasks', 'get_task', 'get_diff', 'list_questions'];
  const viewer = await toolsOf('--role', 'viewer');
  assert.deepEqual(names(viewer), looking);
  assert.ok(viewer.every(({ annotations }) => annotations?.readOnlyHint === true));
  const pausing = ['pause_task', 'resume_task', 'pause_project', 'resume_project'];
  const operating = ['add_task', 'edit_task', 'retry_task', 'cancel_task', 'answer_question', 'send_message'];
  const working = ['claim_task', 'complete_task', 'fail_task'];
  assert.deepEqual(names(await toolsOf()).sort(), [...looking, ...operating, ...pausing, ...working].sort());
  assert.ok(names(await toolsOf('--role', 'approver')).includes('review_task'));
  await using open = await connect(project, '--role', 'viewer');
  await assert.rejects(call(open.client, 'add_task', { title: 'x', prompt: 'y' }), /add_task/);
});

test('a client from outside answers an agent, which goes on with it', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'build', title: 'Build', prompt: 'Build.' }] },
    config: {
      questions: { orchestrator: false },
      providers: {
        sh: {
          type: 'command',
          command: 'sh',
          args: [
            '-c',
            `if grep -q 8080; then echo made > made.txt; echo '{"status":"done","summary":"made"}'; else
             echo '{"status":"questions","questions":[{"id":"q1","question":"Which port?","options":["80","8080"]}]}'; fi`,
          ],
        },
      },
      agents: { coder: { provider: 'sh' } },
    },
  });
  const asked = await project.cw(['run']);
  assert.equal(asked.code, 3, asked.stdout + asked.stderr);
  await using open = await connect(project, '--name', 'planner');
  const questions = await call(open.client, 'list_questions');
  assert.match(questions.text, /build \(.*\): Which port\?\n {2}\[1\] 80\n {2}\[2\] 8080/);
  const answered = await call(open.client, 'answer_question', { task: 'build', answer: '2' });
  assert.deepEqual(answered.value, { task: 'build', open_questions: 0 }, answered.text);
  const [fact] = await project.events('--type', 'task.answered');
  assert.deepEqual([fact?.['by'], fact?.['answer']], ['client:planner', '8080']);
  const run = await project.cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.equal(project.repo.git('show', 'cw/integration:made.txt'), 'made');
});
