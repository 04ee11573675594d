import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { machineNode } from '../house/machine-node.ts';
import { startReceiver } from '../notices/receiver.ts';
import { installedCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject } from './project.ts';

const ROADMAP = {
  version: 1,
  tasks: [
    { id: 'menu', title: 'Menu', prompt: 'Write the menu.' },
    { id: 'wine', title: 'Wine', prompt: 'Write the wine list.' },
  ],
};

/** An editor with an agent of its own, which starts `cw mcp` in the project. */
async function editor(project: E2eProject) {
  const client = new Client({ name: 'Some Editor', version: '1' });
  const transport = new StdioClientTransport({
    command: machineNode(),
    args: [await installedCw(), 'mcp', '--role', 'operator'],
    cwd: project.repo.root,
    env: { PATH: process.env['PATH'] ?? '', HOME: project.home },
  });
  await client.connect(transport);
  const call = async (name: string, args: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: args });
    const [first] = result.content as { text: string }[];
    return {
      text: first?.text ?? '',
      ...(result.structuredContent as Record<string, unknown> | undefined),
    } as {
      readonly text: string;
      readonly status?: string;
      readonly claim?: string;
      readonly turn?: number;
      readonly task?: string;
      readonly why?: string;
      readonly worktree?: string;
      readonly files?: readonly string[];
      readonly end?: string;
      readonly commit?: string;
    };
  };
  const complete = async (claim: string | undefined, turn: number | undefined) => {
    for (;;) {
      const answer = await call('complete_task', { claim, turn, summary: 'It is written.' });
      if (answer.status !== 'busy') return answer;
    }
  };
  return { call, complete, transport, [Symbol.asyncDispose]: () => client.close() };
}

test('two editors take tasks by MCP, one mends a conflict, and both are merged', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  await using ann = await editor(project);
  await using bob = await editor(project);
  const menu = await ann.call('claim_task');
  const wine = await bob.call('claim_task');
  assert.deepEqual([menu.task, wine.task], ['menu', 'wine']);
  assert.match(menu.text, /^Claim clm_\w+, turn 1, in .*\n\n# Task menu: Menu\n\nWrite the menu\.\n/);
  assert.equal((await bob.call('claim_task')).claim, wine.claim);
  await writeFile(join(menu.worktree ?? '', 'card.md'), 'Soup\n');
  await writeFile(join(wine.worktree ?? '', 'card.md'), 'Riesling\n');
  const done = await ann.complete(menu.claim, menu.turn);
  assert.deepEqual([done.status, done.end], ['over', 'done'], done.text);
  const back = await bob.complete(wine.claim, wine.turn);
  assert.deepEqual([back.status, back.why, back.files], ['work', 'conflict', ['card.md']], back.text);
  assert.match(await readFile(join(back.worktree ?? '', 'card.md'), 'utf8'), /<<<<<<<[\s\S]*>>>>>>>/);
  await writeFile(join(back.worktree ?? '', 'card.md'), 'Soup\nRiesling\n');
  const mended = await bob.complete(back.claim, back.turn);
  assert.deepEqual([mended.status, mended.end], ['over', 'done'], mended.text);
  assert.equal(project.repo.git('show', `${mended.commit}:card.md`), 'Soup\nRiesling');
  assert.equal((await ann.call('claim_task')).status, 'nothing');
});

test('the task of an editor that ends goes back with its work, also when it is killed', async () => {
  await using project = await makeProject({ roadmap: ROADMAP });
  const first = await editor(project);
  const menu = await first.call('claim_task', { task: 'menu' });
  await writeFile(join(menu.worktree ?? '', 'card.md'), 'Soup\n');
  await first[Symbol.asyncDispose]();
  await using second = await editor(project);
  const again = await second.call('claim_task', { task: 'menu' });
  assert.equal(again.why, 'changes', again.text);
  assert.equal(await readFile(join(again.worktree ?? '', 'card.md'), 'utf8'), 'Soup\n');

  const pid = second.transport.pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await using third = await editor(project);
  const last = await third.call('claim_task', { task: 'menu' });
  assert.ok(existsSync(join(last.worktree ?? '', 'card.md')), last.text);
  const done = await third.complete(last.claim, last.turn);
  assert.equal(done.end, 'done', done.text);
});

test('a server that runs no agents tells the webhooks what clients from outside come to', async (t) => {
  const receiver = await startReceiver(t);
  const config = {
    retry: { maxAttempts: 1 },
    notify: { webhooks: [{ url: receiver.url, secretEnv: 'HOOK_KEY' }] },
  };
  await using project = await makeProject({ roadmap: ROADMAP, config });
  const served = await project.cw(['serve', '--no-run'], { env: { HOOK_KEY: 's3cret' } });
  assert.equal(served.code, 0, served.stderr);
  await using ann = await editor(project);
  const menu = await ann.call('claim_task', { task: 'menu' });
  const failed = await ann.call('fail_task', { claim: menu.claim, reason: 'no paper' });
  assert.deepEqual([failed.status, failed.end], ['over', 'failed'], failed.text);
  await receiver.came(1);
  const told = JSON.parse(receiver.received[0]?.body ?? '') as { type: string; notice: object };
  assert.deepEqual(told.notice, { kind: 'failure', title: 'menu failed', text: 'no paper' });
  assert.equal((await project.cw(['stop'])).code, 0);
});
