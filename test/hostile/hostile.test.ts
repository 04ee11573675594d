import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import { commitPlants, plantInRepository } from './plants.ts';
import { gitDirectory, makeHostile } from './rig.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));
const skip = found.kind === 'missing' ? found.reason : false;

test('what a hostile repository carries runs nowhere in a whole run', { skip }, async () => {
  await using hostile = await makeHostile('workspace');
  const { project, evidence } = hostile;
  const { repo } = project;
  commitPlants(repo, evidence);
  plantInRepository(repo, evidence);
  // Committing above ran nothing: the plants came after it.
  assert.deepEqual(evidence.found(), []);
  const before = gitDirectory(repo.root);

  const run = await project.cw(['run', '--only', 'other']);

  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(evidence.found(), []);
  assert.deepEqual(gitDirectory(repo.root), before);
});

test('a hostile agent in its sandbox moves no ref, plants nothing and runs nothing outside', {
  skip,
}, async () => {
  await using hostile = await makeHostile('workspace');
  const { project, evidence } = hostile;
  const { repo } = project;
  const before = gitDirectory(repo.root);

  const run = await project.cw(['run']);

  assert.deepEqual(evidence.found(), []);
  assert.deepEqual(gitDirectory(repo.root), before);
  const [first] = await project.events('--task', 'mine', '--type', 'agent.started');
  assert.equal(first?.['sandbox'], 'workspace', run.stdout);
  assert.equal(run.code, 0, run.stdout);
  assert.equal(repo.git('show', 'cw/integration:other.txt'), 'other');
  assert.equal(repo.git('show', 'cw/integration:work.txt'), 'done');
  const modes = repo.git('ls-tree', '-r', '--format=%(objectmode)', 'cw/integration').split('\n');
  assert.deepEqual([...new Set(modes)], ['100644'], 'no link and no repository of another');
  assert.equal(repo.git('fsck', '--connectivity-only', '--no-dangling'), '');
});

test('without a sandbox the same agent reaches the repository', async () => {
  await using hostile = await makeHostile('off');
  const { project } = hostile;
  const { repo } = project;
  const before = gitDirectory(repo.root);
  await project.cw(['run']);
  const after = gitDirectory(repo.root);
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (path) => before[path] !== after[path],
  );
  for (const path of ['HEAD', 'config', 'refs/heads/main', 'refs/heads/cw/elsewhere', 'hooks/pre-commit']) {
    assert.ok(changed.includes(path), `${path} is as it was; changed: ${changed.slice(0, 20).join(' ')}`);
  }
});
