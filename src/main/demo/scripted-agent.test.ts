import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODER_SCRIPTS } from './coder-scripts.ts';
import { LIBRARY } from './library.ts';
import { playTurn } from './scripted-agent.ts';

/** A worktree in memory, the first prompt of each task, and what was said. */
class Stage {
  readonly files = new Map<string, string>(Object.entries(LIBRARY));
  readonly said: string[] = [];

  play(task: string, prompt: string, firstPrompt = prompt) {
    return playTurn({
      task,
      prompt,
      firstPrompt,
      read: (path) => this.files.get(path) ?? '',
      write: (path, text) => this.files.set(path, text),
      say: (line) => this.said.push(line),
      think: async () => {},
    });
  }
}

test('the first thing it says is that no model is called', async () => {
  const stage = new Stage();
  await stage.play('slug', '# Task slug: Slugs\n');
  assert.match(stage.said[0] ?? '', /script.*no model is called/);
});

test('the title case task forgets its test and writes it when the feedback names it', async () => {
  const stage = new Stage();
  await stage.play('title-case', '# Task title-case: Title case\n');
  assert.ok(stage.files.has('src/title-case.mjs'));
  assert.ok(!stage.files.has('test/title-case.test.mjs'));
  const feedback = '## What has to change\n\nadd test/title-case.test.mjs.\n';
  await stage.play(
    'title-case',
    `# Task title-case: Title case: the work came back (round 2)\n\n${feedback}`,
  );
  assert.ok(stage.files.has('test/title-case.test.mjs'));
});

test('a turn that is played again changes nothing', async () => {
  const stage = new Stage();
  for (const task of Object.keys(CODER_SCRIPTS)) await stage.play(task, `# Task ${task}: once\n`);
  const once = new Map(stage.files);
  for (const task of Object.keys(CODER_SCRIPTS)) await stage.play(task, `# Task ${task}: go on\n`);
  assert.deepEqual(stage.files, once);
});

test('the two tasks that share a file get along in either order', async () => {
  for (const order of [
    ['count-words', 'reading-time'],
    ['reading-time', 'count-words'],
  ]) {
    const stage = new Stage();
    for (const task of order) await stage.play(task, `# Task ${task}: stats\n`);
    const stats = stage.files.get('src/stats.mjs') ?? '';
    assert.match(stats, /export function wordCount/);
    assert.match(stats, /export function readingMinutes/);
    assert.equal(stats.match(/^import /gm)?.length, 1);
  }
});

test('the changelog is written from what the earlier tasks say they made, the oldest first', async () => {
  const stage = new Stage();
  const first =
    '# Task changelog: Changelog\n\n## What was done before\n\n### b: Second\n\nmade b\n\n### a: First\n\nmade a\n\n## Rules\n';
  await stage.play('changelog', '# Task changelog: Changelog: go on\n', first);
  assert.equal(
    stage.files.get('CHANGELOG.md'),
    '# Changelog\n\n## 0.2.0\n\n- First: made a\n- Second: made b\n',
  );
});

test('a conflict is resolved in the files that the prompt lists', async () => {
  const stage = new Stage();
  stage.files.set('src/index.mjs', '<<<<<<< a\nours\n=======\ntheirs\n>>>>>>> b\n');
  const prompt =
    '# Task export-stats: Export: the work does not merge yet\n\n## Conflict\n\nThey clash:\n\n- src/index.mjs\n\n## Rules\n';
  const verdict = await stage.play('export-stats', prompt);
  assert.equal(verdict.status, 'done');
  assert.equal(stage.files.get('src/index.mjs'), 'ours\ntheirs\n');
});

test('a check that fails on the merged result is given up, not waved through', async () => {
  const stage = new Stage();
  const prompt =
    '# Task slug: Slugs: the work does not merge yet\n\n## The check failed on the merged result\n\nIt exits with 1.\n';
  assert.equal((await stage.play('slug', prompt)).status, 'error');
});

test('a task that is in no script is written down, and says so', async () => {
  const stage = new Stage();
  const verdict = await stage.play('shout', '# Task shout: Shout\n\nMake it loud.\n');
  assert.match(stage.files.get('notes/shout.md') ?? '', /Make it loud/);
  assert.match(verdict.status === 'done' ? verdict.summary : '', /knows only the demo's own tasks/);
});
