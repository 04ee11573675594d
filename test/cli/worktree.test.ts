import assert from 'node:assert/strict';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject, SCRIPTED_AGENT } from './rig.ts';

const ROADMAP = `
tasks:
  - id: good
    prompt: write it
  - id: bad
    prompt: please fail
`;

test('cw worktree lists what is there and prunes what holds nothing, as its dry run says', async (t) => {
  const { repo, cw } = await makeProject(t, { roadmap: ROADMAP, agent: SCRIPTED_AGENT });
  assert.match((await cw(['worktree'])).stdout, /There are no worktrees/);
  assert.equal((await cw(['run'])).code, 1);
  const entries = JSON.parse((await cw(['worktree', 'list', '--json'])).stdout);
  const byTask = entries.map((entry: Record<string, unknown>) => [entry['task'], entry['standing']]);
  assert.deepEqual(byTask, [
    [null, 'pooled'],
    ['bad', 'failed'],
  ]);
  repo.write('kept.txt', 'by a person\n', join(repo.root, '.codewalk/worktrees/bad'));
  const shown = (await cw(['worktree', 'list'])).stdout;
  assert.match(shown, /bad +failed +cw\/bad .*not committed: kept\.txt/);

  const all = ['worktree', 'prune', '--older-than', '0s', '--pooled', '--json'];
  const planned = JSON.parse((await cw([...all, '--dry-run'])).stdout);
  const places = () => readdirSync(join(repo.root, '.codewalk/worktrees'));
  assert.equal(places().length, 2);
  const done = JSON.parse((await cw(all)).stdout);
  assert.deepEqual({ ...done, dryRun: true }, { ...planned, kept: done.kept, removed: done.removed });
  const names = (report: { removed: { place: string }[] }) => report.removed.map(({ place }) => place);
  assert.deepEqual(names(done), names(planned));
  assert.deepEqual(places(), ['bad']);

  rmSync(join(repo.root, '.codewalk/worktrees/bad/kept.txt'));
  const homes = join(repo.root, '.codewalk/state/homes');
  const shutIn = existsSync(homes);
  if (shutIn) assert.deepEqual(readdirSync(homes), ['bad']);
  const again = (await cw(['worktree', 'prune', '--older-than', '0s'])).stdout;
  assert.match(again, /^Removed bad\n(Removed the private home of bad\n)?Removed 1 worktree, .*\.$/m);
  assert.equal(/private home of bad/.test(again), shutIn);
  if (shutIn) assert.deepEqual(readdirSync(homes), []);
  assert.equal(existsSync(join(repo.root, '.codewalk/worktrees/bad')), false);
  assert.match((await cw(['worktree', 'prune', '--older-than', 'soon'])).stderr, /no length of time/);
});

test('the fence of an attempt that never had a worktree goes with the next run, once its task is done', async (t) => {
  const { repo, cw } = await makeProject(t, {
    roadmap: 'tasks:\n  - id: one\n    prompt: write it\n',
    agent: SCRIPTED_AGENT,
  });
  assert.equal((await cw(['run'])).code, 0);
  const fences = () =>
    repo.git('for-each-ref', '--format=%(refname)', 'refs/codewalk/fences', 'refs/heads/cw');
  const before = fences();
  repo.git('update-ref', 'refs/codewalk/fences/cw/one', 'HEAD');
  repo.git('update-ref', 'refs/codewalk/fences/cw/stranger', 'HEAD');
  assert.equal((await cw(['run'])).code, 0);
  assert.equal(fences(), `refs/codewalk/fences/cw/stranger\n${before}`);
});

test('setup commands and ports reach the agent, and a setup that fails is told once', async (t) => {
  const agent = `cat >/dev/null; cat made.txt > "$CW_TASK_ID.txt"; echo "$CW_PORT_BASE $CW_PORT_COUNT" >> "$CW_TASK_ID.txt"
echo '{"status":"done","summary":"wrote it"}'`;
  const worktrees = { setup: ['echo made by setup > made.txt'], ports: { from: 46_000, perTask: 3 } };
  const { repo, cw } = await makeProject(t, {
    roadmap: 'tasks:\n  - id: one\n    prompt: write it\n',
    agent,
    config: { worktrees },
  });
  assert.equal((await cw(['run'])).code, 0);
  assert.match(repo.git('show', 'cw/integration:one.txt'), /^made by setup\n46\d\d\d 3$/);

  const broken = await makeProject(t, {
    roadmap: 'tasks:\n  - id: one\n    prompt: write it\n  - id: two\n    prompt: write it\n',
    agent,
    config: { worktrees: { setup: ['echo no registry here; exit 9'] } },
  });
  const run = await broken.cw(['run']);
  assert.equal(run.code, 1);
  const told = `${run.stdout}${run.stderr}`.match(/cannot be made ready/g) ?? [];
  assert.equal(told.length, 1);
  const task = JSON.parse((await broken.cw(['task', 'show', 'one', '--json'])).stdout);
  assert.match(JSON.stringify(task), /exited with 9: no registry here/);
});
