import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { agentClis } from '../support/agent-clis.ts';
import { geminiHome, openCodeEnv } from '../support/cli-env.ts';
import type { Step } from '../support/model-server/steps.ts';
import { type ModelRequest, type ModelServer, startModelServer } from '../support/model-server.ts';
import { makeProject } from './project.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };
const NAMES = ['opencode', 'gemini'] as const;

function answers(root: string, { prompt }: ModelRequest): readonly Step[] {
  const name = NAMES.find((each) => prompt.includes(`Task ${each}:`));
  if (name === undefined) return [{ text: 'I do not know this prompt' }];
  const path = join(root, '.codewalk', 'worktrees', name, `${name}.txt`);
  return [
    { text: 'Writing.', write: { path, content: 'Good morning\n' } },
    { shell: `wc -l < ${name}.txt > lines-of-${name}` },
    { result: { status: 'done', summary: 'wrote it' } },
  ];
}

async function config(server: ModelServer, home: string): Promise<ConfigFile> {
  const clis = await agentClis();
  const role = { tools: ['read' as const, 'edit' as const, 'shell' as const] };
  return {
    providers: {
      opencode: { command: clis.opencode, env: { ...openCodeEnv(server, home) } },
      gemini: {
        command: clis.gemini,
        args: ['--acp', '-m', 'gemini-2.5-flash'],
        env: { ...(await geminiHome(server, home)) },
      },
    },
    agents: {
      opencode: { ...role, provider: 'opencode', permissions: 'ask' },
      gemini: { ...role, provider: 'gemini' },
    },
  };
}

test(
  'the installed program has OpenCode and Gemini CLI work by ACP, asks a person for leave, and merges the work of both',
  LIMIT,
  async () => {
    const tasks = NAMES.map((id) => ({ id, title: `Greet by ${id}`, prompt: 'Greet.', agent: id }));
    await using project = await makeProject({ roadmap: { version: 1, tasks } });
    const { repo, home } = project;
    await using server = await startModelServer({ fallback: (request) => answers(repo.root, request) });
    repo.write('.codewalk/config.json', JSON.stringify(await config(server, home)));

    const asked: string[] = [];
    for (let round = 0; round < 2; round++) {
      const run = await project.cw(['run']);
      assert.equal(run.code, 3, run.stdout + run.stderr);
      const inbox = await project.cw(['inbox', '--json']);
      const [question, ...others] = JSON.parse(inbox.stdout) as { task: string; question: string }[];
      assert.equal(question?.task, 'opencode');
      assert.deepEqual(others, []);
      asked.push(question.question);
      const answer = await project.cw(['inbox', 'answer', 'opencode', 'allow']);
      assert.equal(answer.code, 0, answer.stderr);
    }
    assert.deepEqual(asked, [
      'May opencode edit: opencode.txt',
      'May opencode run: wc -l < opencode.txt > lines-of-opencode',
    ]);

    const last = await project.cw(['run']);
    assert.equal(last.code, 0, last.stdout + last.stderr);
    for (const name of NAMES) {
      assert.equal(repo.git('show', `cw/integration:${name}.txt`), 'Good morning');
      assert.equal(repo.git('show', `cw/integration:lines-of-${name}`).trim(), '1');
    }
    const sessions = (await project.events('--task', 'opencode', '--type', 'agent.session')).map(
      (event) => event['session'],
    );
    assert.equal(sessions.length, 3);
    assert.equal(new Set(sessions).size, 1, 'three processes, one conversation');
    assert.deepEqual(project.processes(), []);
  },
);
