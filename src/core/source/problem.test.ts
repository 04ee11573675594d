import assert from 'node:assert/strict';
import { test } from 'node:test';
import { excerptOf, ProblemList } from './problem.ts';

test('a problem has its place, its line, a caret and what to do', () => {
  const problems = new ProblemList('roadmap.yaml', 'tasks:\n  - titel: x\n');
  problems.add({ line: 2, col: 5 }, 'unknown-key', 'A task has no key "titel".', 'Did you mean "title"?');
  assert.deepEqual(problems.sorted(), [
    {
      file: 'roadmap.yaml',
      line: 2,
      col: 5,
      code: 'unknown-key',
      message: 'A task has no key "titel".',
      advice: 'Did you mean "title"?',
      excerpt: ['2 |   - titel: x', '        ^'].join('\n'),
    },
  ]);
});

test('problems come in the order of the file, each once, and at most a hundred', () => {
  const problems = new ProblemList('f', 'x');
  for (let line = 5_000; line > 0; line--) problems.add({ line, col: 1 }, 'c', 'm', 'a');
  problems.add({ line: 4_500, col: 1 }, 'c', 'm', 'a');
  const sorted = problems.sorted();
  assert.equal(sorted.length, 100);
  assert.ok(sorted.every((problem, i) => i === 0 || (sorted[i - 1]?.line ?? 0) < problem.line));
});

test('a long line is cut around the place', () => {
  const [line = '', caret = ''] = excerptOf(`${'a'.repeat(500)}X${'b'.repeat(500)}`, {
    line: 1,
    col: 501,
  }).split('\n');
  assert.ok(line.length < 120);
  assert.equal(line[caret.length - 1], 'X');
});

test('control characters and tabs do not reach the terminal', () => {
  const [line = '', caret = ''] = excerptOf('\ta\u001b[31m\u202eb\r', { line: 1, col: 3 }).split('\n');
  assert.equal(line, '1 |  a�[31m�b');
  assert.equal(line[caret.length - 1], '�');
});

test('a line that is not there has no excerpt', () => {
  assert.equal(excerptOf(undefined, { line: 9, col: 1 }), '');
});

test('whatever a message quotes of the file, it is one line that is safe to print', () => {
  const problems = new ProblemList('roadmap.yaml', 'id: s\tch\n');
  problems.add({ line: 1, col: 1 }, 'bad', 'It is s\u001b[31mch.', 'Did you mean "s\tch"?\n');
  const [problem] = problems.sorted();
  assert.deepEqual([problem?.message, problem?.advice], ['It is s�[31mch.', 'Did you mean "s ch"?�']);
});
