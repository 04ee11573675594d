import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import { controlFiles, HOOKS, plantInRepository, SETTINGS } from './plants.ts';
import { gitDirectory, makeHostile } from './rig.ts';

const found = await findAvailability(findOnPath('bwrap', process.env));
const skip = found.kind === 'missing' ? found.reason : false;

test('what a hostile repository carries runs nowhere in a whole run', { skip }, async () => {
  await using hostile = await makeHostile('workspace');
  const { project, evidence } = hostile;
  const { repo } = project;
  for (const [path, text] of Object.entries(controlFiles(evidence.run))) repo.write(path, text);
  repo.commit('Hostile from the start');
  plantInRepository(repo, evidence);
  // Committing above ran nothing: the plants came after it.
  assert.deepEqual(evidence.found(), []);
  const before = gitDirectory(repo.root);

  const run = await project.cw(['run', '--only', 'other']);

  assert.equal(run.code, 0, run.stdout + run.stderr);
  assert.deepEqual(evidence.found(), []);
  assert.deepEqual(gitDirectory(repo.root), before);
});

test('the same repository makes plain git run what it carries', async () => {
  await using hostile = await makeHostile('off');
  const { project, evidence } = hostile;
  const { repo } = project;
  for (const [path, text] of Object.entries(controlFiles(evidence.run))) repo.write(path, text);
  repo.commit('Hostile from the start');
  plantInRepository(repo, evidence);
  const quiet = (...args: string[]) => {
    try {
      repo.git(...args);
    } catch {
      // Many planted programs make git fail; what counts is that they ran.
    }
  };
  repo.write('a.evil', 'changed\n');
  repo.write('README.md', 'changed\n');
  quiet('add', 'a.evil');
  // These stand in the way of the others.
  repo.git('config', '--unset', 'filter.evil.process');
  for (const hidden of ['', 'diff.external', 'diff.evil.command']) {
    if (hidden !== '') repo.git('config', '--unset', hidden);
    quiet('status');
    quiet('diff');
  }
  quiet('add', '-A');
  quiet('commit', '-qm', 'signed', '-S');
  quiet('commit', '-qm', 'with hooks');
  quiet('commit', '--amend', '-q');
  quiet('st');
  quiet('checkout', '-q', 'cw/elsewhere');
  quiet('checkout', '-q', 'main');
  const ran = evidence.found();
  for (const name of [
    'alias.st',
    'core.editor',
    'core.fsmonitor',
    'diff.evil.command',
    'diff.evil.textconv',
    'diff.external',
    'filter.evil.clean',
    'filter.evil.process',
    'filter.evil.smudge',
    'hook-commit-msg',
    'hook-post-checkout',
    'hook-post-commit',
    'hook-post-index-change',
    'hook-pre-commit',
    'hook-prepare-commit-msg',
    'hook-reference-transaction',
  ]) {
    assert.ok(ran.includes(name), `${name} did not run; those did: ${ran.join(' ')}`);
  }
  assert.ok(HOOKS.length >= 10 && SETTINGS.length >= 30);
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
