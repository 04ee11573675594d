import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { lineOf, makeProject, SCRIPTED_AGENT, startCw } from './rig.ts';

const ROADMAP = 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: do a\n    workflow: reviewed\n';

/** The coder works; the reviewer, who may not edit, leaves notes in the worktree and is content. */
const MEDDLING_AGENT = `
cat > /dev/null
if [ "$CW_ROLE" = reviewer ]; then
  echo "a note" > notes.txt
  echo '{"status":"done","summary":"fine"}'
else
  echo work > a.txt
  echo '{"status":"done","summary":"wrote it"}'
fi
`;

const REVIEWED = {
  // In a sandbox a reviewer cannot write into the worktree at all.
  sandbox: { mode: 'off' },
  agents: { coder: { provider: 'script' }, reviewer: { provider: 'script' } },
  workflows: { reviewed: { steps: [{ agent: 'coder' }, { agent: 'reviewer' }] } },
};

interface Entry {
  readonly id: string;
  readonly task: string;
  readonly reason: string;
  readonly contained: boolean;
}

test('what a reviewer changed is listed, shown, brought back to a branch and pruned', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: MEDDLING_AGENT, config: REVIEWED });
  assert.equal((await cw(['recover'])).stdout, 'No work had to be saved.\n');
  const run = await cw(['run']);
  assert.equal(run.code, 0, run.stdout + run.stderr);

  const list = JSON.parse((await cw(['recover', 'list', '--json'])).stdout) as Entry[];
  const [entry] = list;
  assert.ok(entry && list.length === 1);
  assert.deepEqual([entry.task, entry.reason, entry.contained], ['a', 'discarded', false]);
  const table = (await cw(['recover'])).stdout;
  assert.match(table, /^ID +TASK +ATTEMPT +AGE +WHY +FILES +\+ +- +IN A BRANCH\n/);
  assert.match(table, new RegExp(`^${entry.id} +a +1 +\\d+s +discarded +1 +1 +0 +no$`, 'm'));

  const short = entry.id.slice(0, 6);
  assert.match((await cw(['recover', 'show', short])).stdout, /^\+a note$/m);
  assert.match(
    (await cw(['recover', 'show', short, '--stat'])).stdout,
    /notes\.txt +\+1 +-0\n1 file, \+1 -0\n/,
  );
  const shown = JSON.parse((await cw(['recover', 'show', short, '--json'])).stdout) as { files: unknown };
  assert.deepEqual(shown.files, [
    { path: 'notes.txt', status: 'added', insertions: 1, deletions: 0, binary: false },
  ]);

  const branch = `recovered/a-${entry.id}`;
  assert.match(
    (await cw(['recover', 'restore', short, '--dry-run'])).stdout,
    new RegExp(`would come .*${branch}`),
  );
  assert.match(
    (await cw(['recover', 'restore', short])).stdout,
    new RegExp(`is on the new branch ${branch}`),
  );
  assert.equal(repo.git('show', `${branch}:notes.txt`), 'a note');
  const late = await cw(['recover', 'restore', short, '--into-task']);
  assert.match(late.stderr, /a is done and merged\nhelp: make a branch/);
  const again = await cw(['recover', 'restore', short]);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /exists already.*\nhelp: .*--to /);
  const event = (await cw(['events', '--type', 'work.restored', '--json'])).stdout;
  assert.equal((JSON.parse(event) as { branch: string }).branch, branch);
  const wrong = await cw(['recover', 'show', 'nothing']);
  assert.deepEqual([wrong.code, wrong.stdout], [2, '']);
  assert.match(wrong.stderr, /no saved work "nothing"\nhelp: cw recover list/);

  assert.match((await cw(['recover', 'prune'])).stdout, /nothing to prune/);
  assert.match(
    (await cw(['recover', 'prune', '--older-than', 'soon'])).stderr,
    /no length of time\nhelp: .*30d/,
  );
  const young = await cw(['recover', 'prune', '--older-than', '1d', '--dry-run', '--json']);
  assert.deepEqual(JSON.parse(young.stdout), { dryRun: true, pruned: [] });
  assert.match(
    (await cw(['recover', 'prune', '--older-than', '0s'])).stdout,
    /1 piece of saved work gone\.$/m,
  );
  assert.equal((await cw(['recover'])).stdout, 'No work had to be saved.\n');
});

test('saved work comes back into its task, and the next attempt goes on from it', async (t) => {
  const { repo, cw, home } = await makeProject(t, {
    roadmap: 'version: 1\ntasks:\n  - id: a\n    title: A\n    prompt: please wait\n',
    agent: SCRIPTED_AGENT.replace('echo "waiting now"', 'echo half > half.txt; echo "waiting now"'),
  });
  const running = startCw(['run', '--json'], { cwd: repo.root, home });
  const ended = once(running, 'close');
  await lineOf(running, /waiting now/);
  // Killed without a word: what the agent wrote lies in the worktree and nowhere else.
  running.kill('SIGKILL');
  await ended;
  const refused = await cw(['recover', 'list']);
  assert.equal(refused.stdout, 'No work had to be saved.\n');
  const cancel = await cw(['task', 'cancel', 'a']);
  assert.match(
    cancel.stdout,
    /^a is cancelled\.\nWhat lay in its worktree is saved: cw recover show \w{12}\n$/,
  );
  const id = /show (\w+)/.exec(cancel.stdout)?.[1] ?? '';
  writeFileSync(join(repo.root, '.codewalk/worktrees/a/half.txt'), 'half\n');

  const dry = await cw(['recover', 'restore', id, '--into-task', '--dry-run']);
  assert.match(dry.stdout, /would come into a, on its branch cw\/a/);
  const both = await cw(['recover', 'restore', id, '--into-task', '--to', 'x']);
  assert.match(both.stderr, /exclude each other/);
  const restored = await cw(['recover', 'restore', id, '--into-task']);
  assert.match(
    restored.stdout,
    /^\w+ is in a again, on its branch cw\/a\.\nThe state before is saved as \w+\.\n/,
  );
  assert.equal(repo.git('show', 'cw/a:half.txt'), 'half');
  const [entry] = (JSON.parse((await cw(['recover', 'list', '--json'])).stdout) as Entry[]).filter(
    (each) => each.id === id,
  );
  assert.equal(entry?.contained, true);
  assert.equal((await cw(['task', 'retry', 'a'])).code, 0);
  assert.match((await cw(['recover', 'prune'])).stdout, /pieces? of saved work gone\.$/m);
});
