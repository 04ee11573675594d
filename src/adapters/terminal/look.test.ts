import assert from 'node:assert/strict';
import { test } from 'node:test';
import { background, canDraw, colourDepth, drawsUnicode } from './look.ts';

test('colours are as many as the terminal says that it has', () => {
  for (const [env, depth] of [
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'true'],
    [{ TERM: 'tmux-256color' }, '256'],
    [{ TERM: 'xterm-kitty' }, '256'],
    [{ TERM: 'linux' }, '16'],
    [{ TERM: 'vt100' }, 'none'],
    [{ TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '1' }, 'none'],
    [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
    [{ TERM: 'vt100', FORCE_COLOR: '2' }, '256'],
  ] as const) {
    assert.equal(colourDepth(env, false), depth, JSON.stringify(env));
    assert.equal(colourDepth(env, true), 'none');
  }
});

test('the background is what the terminal answers, else what COLORFGBG says, else dark', () => {
  const white = { red: 1, green: 1, blue: 0.9 };
  assert.equal(background({ COLORFGBG: '15;0' }, white), 'light');
  assert.equal(background({}, { red: 0.1, green: 0.1, blue: 0.4 }), 'dark');
  assert.equal(background({ COLORFGBG: '0;15' }, undefined), 'light');
  assert.equal(background({ COLORFGBG: '15;default;0' }, undefined), 'dark');
  assert.equal(background({}, undefined), 'dark');
});

test('only ASCII is drawn on the Linux console and where the locale has another encoding', () => {
  assert.equal(drawsUnicode({ TERM: 'xterm', LANG: 'de_DE.UTF-8' }), true);
  assert.equal(drawsUnicode({ TERM: 'xterm' }), true);
  assert.equal(drawsUnicode({ TERM: 'linux', LANG: 'de_DE.UTF-8' }), false);
  assert.equal(drawsUnicode({ TERM: 'xterm', LANG: 'de_DE.UTF-8', LC_ALL: 'C' }), false);
});

test('a terminal that is dumb, or that nobody names, cannot be drawn on', () => {
  assert.equal(canDraw({ TERM: 'dumb' }), false);
  assert.equal(canDraw({}), false);
  assert.equal(canDraw({ TERM: 'screen' }), true);
});
