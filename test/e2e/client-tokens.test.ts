import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServerInfo } from '../../src/core/server/ports.ts';
import { type E2eProject, makeProject } from './project.ts';

const ROADMAP = {
  version: 1,
  tasks: [
    { id: 'key', prompt: 'Make the key.', approve: true },
    { id: 'door', prompt: 'Make the door.', workflow: 'careful' },
    { id: 'wall', prompt: 'Build the wall.' },
  ],
};
const CAREFUL = {
  workflows: {
    careful: {
      steps: [
        { agent: 'coder', approve: true },
        { agent: 'reviewer', onReject: 'coder' },
      ],
    },
  },
};

interface Answer {
  readonly status: number;
  readonly text: string;
}

type Call = (path: string, input?: unknown) => Promise<Answer>;

/** Serves the project, without working on it, to the owner of a token with these options. */
async function clientOf(project: E2eProject, options: readonly string[]): Promise<Call> {
  const served = await project.cw(['serve', '--no-run', '--port', '0', '--json']);
  assert.equal(served.code, 0, served.stderr);
  const { port } = JSON.parse(served.stdout) as ServerInfo;
  const made = await project.cw(['server', 'token', 'add', ...options]);
  assert.equal(made.code, 0, made.stderr);
  const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json' };
  return async (path, input) => {
    const how = input === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(input) };
    const response = await fetch(`http://127.0.0.1:${port}${path}`, how);
    return { status: response.status, text: await response.text() };
  };
}

interface Token {
  readonly id: string;
  readonly name: string;
  readonly expired: boolean;
  readonly expiresAt: number | null;
  readonly projects: readonly string[] | null;
  readonly usedAt: number | null;
}

test('a token is for one project and for a time, its use is seen, and taken back it is good for nothing', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, config: CAREFUL });
  const limits = ['--name', 'ci', '--expires', '30d', '--project', '.'];
  const call = await clientOf(project, limits);
  const listed = async (): Promise<Token> => {
    const { stdout } = await project.cw(['server', 'token', 'list', '--json']);
    return (JSON.parse(stdout) as Token[]).find(({ name }) => name === 'ci') ?? assert.fail(stdout);
  };
  const before = await listed();
  assert.deepEqual([before.projects, before.usedAt, before.expired], [[project.repo.root], null, false]);
  assert.ok((before.expiresAt ?? 0) > Date.now() + 29 * 86_400_000);
  assert.match((await call('/trpc/task.list')).text, /"key"/);
  const elsewhere = await call(`/trpc/task.list?project=${encodeURIComponent('/elsewhere')}`);
  assert.equal(elsewhere.status, 404);
  assert.ok(((await listed()).usedAt ?? 0) > 0);
  const shown = await project.cw(['server', 'token']);
  assert.match(shown.stdout, /in 29d 23h +\d+s ago +ci +\//);
  assert.match((await project.cw(['server', 'token', 'revoke', before.id])).stdout, /is not valid any more/);
  assert.equal((await call('/trpc/task.list')).status, 401);
  for (const bad of ['soon', '1s', '99999d']) {
    const refused = await project.cw(['server', 'token', 'add', '--name', 'x', '--expires', bad]);
    assert.deepEqual([refused.code, /is no time that a token/.test(refused.stderr)], [2, true]);
  }
  const nowhere = await project.cw(['server', 'token', 'add', '--name', 'x', '--project', '/']);
  assert.equal(nowhere.code, 2, nowhere.stderr);
  assert.equal((await project.cw(['stop'])).code, 0);
});

test('an operator edits the roadmap through the server, but gets around no approval', async () => {
  await using project = await makeProject({ roadmap: ROADMAP, config: CAREFUL });
  const call = await clientOf(project, ['--role', 'operator', '--name', 'phone']);
  const file = join(project.repo.root, 'roadmap.yaml');
  const before = readFileSync(file, 'utf8');
  const ways: readonly [string, object][] = [
    ['task.edit', { task: 'key', fields: { approve: null } }],
    ['task.edit', { task: 'key', fields: { approve: false } }],
    ['task.edit', { task: 'key', fields: { status: 'done' } }],
    ['task.edit', { task: 'door', fields: { workflow: null } }],
  ];
  const refused = async ([path, input]: (typeof ways)[number]): Promise<void> => {
    const { text } = await call(`/trpc/${path}`, input);
    assert.match(
      text,
      /the approval that it needs: that is not for client:phone to say/,
      JSON.stringify(input),
    );
  };
  for (const way of ways) await refused(way);
  assert.equal(readFileSync(file, 'utf8'), before);
  for (const fields of [{ approve: true }, { title: 'A wall' }]) {
    assert.equal((await call('/trpc/task.edit', { task: 'wall', fields })).status, 200);
  }
  assert.match(readFileSync(file, 'utf8'), /approve: true.*approve: true/s);
  assert.equal((await call('/trpc/task.remove', { task: 'key' })).status, 200);
  await refused(['task.add', { id: 'key', fields: { title: 'Key' } }]);
  await refused(['task.add', { id: 'thief', fields: { title: 'Thief', was: ['key'] } }]);
  assert.equal((await call('/trpc/roadmap.undo', {})).status, 200);
  // The owner may, at the same server.
  assert.equal((await project.cw(['task', 'edit', 'key', '--clear', 'approve'])).code, 0);
  assert.equal((await project.cw(['stop'])).code, 0);
});
