import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textWidth } from '../../core/terminal/width.ts';
import { createTheme, type TaskSign } from './theme.ts';

const STATES: readonly TaskSign[] = [
  'pending',
  'ready',
  'working',
  'paused',
  'waiting',
  'failed',
  'done',
  'limited',
  'blocked',
  'merging',
  'cancelled',
];

test('S3-44 each state has a sign of its own, one column wide, also where only ASCII can be drawn', () => {
  for (const unicode of [true, false]) {
    const theme = createTheme({ colours: 'none', background: 'dark', unicode });
    const signs = STATES.map((state) => theme.sign(state));
    assert.equal(new Set(signs).size, STATES.length);
    for (const sign of signs) assert.equal(textWidth(sign), 1);
    if (!unicode) assert.match(signs.join(''), /^[\x21-\x7e]+$/);
  }
});

test('without colours nothing is coloured, and what matters is bold or inverse', () => {
  const theme = createTheme({ colours: 'none', background: 'light', unicode: true });
  assert.equal(theme.paint('done', 'x'), 'x');
  assert.equal(theme.paint('failed', 'x'), '\u001b[1mx\u001b[0m');
});

test('a selected row keeps its colours on a ground of its own, and is inverse where there is no such ground', () => {
  const look = (colours: '16' | '256', background: 'dark' | 'light'): string =>
    createTheme({ colours, background, unicode: true }).paint('selected', 'x');
  assert.equal(look('256', 'dark'), '\u001b[48;5;237mx\u001b[0m');
  assert.equal(look('256', 'light'), '\u001b[48;5;253mx\u001b[0m');
  assert.equal(look('16', 'dark'), '\u001b[7mx\u001b[0m');
});

test('lines that were added have a ground that goes with the colours of code, where the terminal has one', () => {
  const look = (colours: 'none' | '16' | '256' | 'true'): string =>
    createTheme({ colours, background: 'dark', unicode: true }).paint('addedLine', 'x');
  assert.equal(look('true'), '\u001b[48;2;0;40;0mx\u001b[0m');
  assert.equal(look('256'), '\u001b[48;5;22mx\u001b[0m');
  for (const colours of ['16', 'none'] as const) assert.equal(look(colours), 'x');
});

test('a look goes on behind text that has a look of its own', () => {
  const theme = createTheme({ colours: '16', background: 'dark', unicode: true });
  assert.equal(
    theme.paint('selected', `a${theme.paint('error', 'b')}c`),
    '\u001b[7ma\u001b[31mb\u001b[0m\u001b[7mc\u001b[0m',
  );
});
