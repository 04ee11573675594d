import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scrollback } from './scrollback.ts';

const size = { width: 4, height: 3 };

test('S3-42 a window shows the end of the output, also of a line that is not finished', () => {
  const output = new Scrollback();
  output.write('a\nb\nc\nd\nnot');
  assert.deepEqual(output.window(size).rows, ['c   ', 'd   ', 'not ']);
  output.write(' yet\n');
  assert.deepEqual(output.window(size).rows, ['d   ', 'not ', 'yet ']);
});

test('escape sequences may come in pieces', () => {
  const output = new Scrollback();
  for (const piece of ['a\u001b', '[3', '1mb\u001b]0;ti', 'tle\u0007c\n']) output.write(piece);
  assert.equal(output.window({ width: 3, height: 1 }).rows[0], 'a\u001b[31mbc\u001b[0m');
});

test('a place that was scrolled to stays while output comes, and scrolling down ends at the end', () => {
  const output = new Scrollback();
  output.write('1\n2\n3\n4\n5\n6\n');
  const top = output.scrolled(size, undefined, -2);
  assert.deepEqual(top, { line: 1, row: 0 });
  output.write('7\n8\n');
  assert.deepEqual(output.window(size, top).rows, ['2   ', '3   ', '4   ']);
  assert.equal(output.window(size, top).atEnd, false);
  assert.equal(output.scrolled(size, top, 99), undefined);
  assert.deepEqual(output.scrolled(size, undefined, -99), output.start());
});

test('scrolling goes through the rows of a wrapped line', () => {
  const output = new Scrollback();
  output.write('abcdefghij\nx\ny\n');
  assert.deepEqual(output.window(size).rows, ['ij  ', 'x   ', 'y   ']);
  const top = output.scrolled(size, undefined, -1);
  assert.deepEqual(top, { line: 0, row: 1 });
  assert.deepEqual(output.window(size, top).rows, ['efgh', 'ij  ', 'x   ']);
  assert.deepEqual(output.window({ width: 10, height: 2 }, { line: 0, row: 0 }).rows, [
    'abcdefghij',
    `x${' '.repeat(9)}`,
  ]);
});

test('S3-49 only so many lines and bytes are kept, and numbers of lines stay what they are', () => {
  const lines = new Scrollback({ mostLines: 10 });
  for (let line = 0; line < 1_000; line += 1) lines.write(`${line}\n`);
  assert.deepEqual([lines.firstLine, lines.endLine], [990, 1_000]);
  assert.equal(lines.plainLine(995), '995');
  assert.equal(lines.plainLine(5), '');
  assert.deepEqual(lines.window({ width: 3, height: 2 }, { line: 3, row: 0 }).rows, ['990', '991']);

  const bytes = new Scrollback({ mostBytes: 100 });
  for (let line = 0; line < 100; line += 1) bytes.write(`${'x'.repeat(40)}\n`);
  assert.equal(bytes.endLine - bytes.firstLine, 2);
});

test('output without line ends is kept in lines of bounded length', () => {
  const output = new Scrollback();
  for (let piece = 0; piece < 100; piece += 1) output.write('x'.repeat(1_000));
  assert.ok(output.endLine > 1);
  assert.ok(output.window(size).rows.every((row) => row === 'xxxx' || row.trim() !== ''));
});

test('search finds the nearest line down and up, goes round, and minds capitals when the query has some', () => {
  const output = new Scrollback();
  output.write('alpha\nBeta\ngamma\nbeta two\n');
  assert.equal(output.find('beta', 0, 'down'), 1);
  assert.equal(output.find('beta', 2, 'down'), 3);
  assert.equal(output.find('beta', 0, 'up'), 3);
  assert.equal(output.find('Beta', 2, 'down'), 1);
  assert.equal(output.find('delta', 0, 'down'), undefined);
});

test('S3-42 older lines come before the others, which keep their numbers', () => {
  const scrollback = new Scrollback({ mostLines: 5 });
  scrollback.write('c\nd\n');
  assert.equal(scrollback.prepend(['a', '\u001b[2Jb']), true);
  assert.deepEqual(
    [-2, -1, 0, 1].map((line) => scrollback.plainLine(line)),
    ['a', 'b', 'c', 'd'],
  );
  assert.equal(scrollback.firstLine, -2);
  assert.deepEqual(scrollback.window({ width: 2, height: 3 }).rows, ['b ', 'c ', 'd ']);
  assert.deepEqual(scrollback.window({ width: 2, height: 2 }, scrollback.start()).rows, ['a ', 'b ']);
  assert.equal(scrollback.find('a', 1, 'up'), -2);
});

test('older lines are refused when there is no room for them, or what stood between is forgotten', () => {
  const scrollback = new Scrollback({ mostLines: 3 });
  scrollback.write('a\nb\n');
  assert.equal(scrollback.prepend(['x', 'y']), false);
  scrollback.write('c\nd\n');
  assert.equal(scrollback.prepend([]), false);
  assert.deepEqual(scrollback.plainLine(scrollback.firstLine), 'b');
});
