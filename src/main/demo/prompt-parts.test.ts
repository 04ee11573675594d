import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildPrompt, type PromptInput } from '../../core/attempts/prompt.ts';
import { taskId } from '../../core/ids.ts';
import { listed, predecessors, section, whatIsAsked } from './prompt-parts.ts';

const INPUT: PromptInput = {
  definition: {
    id: taskId.parse('slug'),
    title: 'Slugs',
    prompt: 'Create src/slug.mjs.',
    path: {},
    dependsOn: [],
    files: ['src/slug.mjs'],
    priority: 50,
    exitCriteria: ['tested'],
    onFailure: 'hard',
  },
  kind: 'work',
  round: 1,
  verdict: false,
  branch: 'cw/slug',
  base: '0123456789abcdef',
  predecessors: [],
  continued: false,
};
const prompt = (change: Partial<PromptInput>): string =>
  `You finish one task.\n\n${buildPrompt({ ...INPUT, ...change })}`;

test('the kind of each step is read from its prompt', () => {
  assert.equal(whatIsAsked(prompt({})), 'work');
  assert.equal(whatIsAsked(prompt({ kind: 'resume', continued: true })), 'work');
  assert.equal(whatIsAsked(prompt({ kind: 'fix', round: 2, feedback: 'Add a test.' })), 'fix');
  assert.equal(whatIsAsked(prompt({ kind: 'conflict' })), 'conflict');
  assert.equal(whatIsAsked(prompt({ kind: 'review', verdict: true, round: 2 })), 'review');
  assert.equal(whatIsAsked(prompt({ kind: 'test', verdict: true })), 'test');
});

test('a section ends where the next one begins', () => {
  const text = prompt({ kind: 'fix', round: 2, feedback: 'Add test/slug.test.mjs.' });
  assert.equal(section(text, 'What has to change'), 'Add test/slug.test.mjs.');
  assert.equal(section(text, 'The work, as a diff'), undefined);
});

test('the files of a conflict are the ones that the prompt lists', () => {
  const files = ['src/index.mjs', 'test/index.test.mjs'];
  const text = prompt({
    kind: 'conflict',
    conflict: { files, others: [taskId.parse('a')] },
  });
  assert.deepEqual(listed(section(text, 'Conflict') ?? ''), files);
});

test('what earlier tasks left behind is read with title and summary', () => {
  const before = [
    { id: taskId.parse('cli'), title: 'Command line: first', summary: 'Prints.\n\nIn two parts.' },
    { id: taskId.parse('slug'), title: 'Slugs', summary: 'slug(text) makes slugs.' },
  ];
  assert.deepEqual(predecessors(prompt({ predecessors: before })), before);
  assert.deepEqual(predecessors(prompt({})), []);
});
