import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usesColour } from './style.ts';

const terminal = { isTerminal: true, noColorFlag: false, env: {} };

test('colours appear on a terminal only', () => {
  assert.equal(usesColour(terminal), true);
  assert.equal(usesColour({ ...terminal, isTerminal: false }), false);
  assert.equal(usesColour({ ...terminal, env: { TERM: 'dumb' } }), false);
});

test('--no-color and NO_COLOR switch colours off everywhere, FORCE_COLOR on for pipes', () => {
  assert.equal(usesColour({ ...terminal, noColorFlag: true }), false);
  assert.equal(usesColour({ ...terminal, env: { NO_COLOR: '1', FORCE_COLOR: '1' } }), false);
  assert.equal(usesColour({ ...terminal, env: { NO_COLOR: '' } }), true);
  assert.equal(usesColour({ ...terminal, isTerminal: false, env: { FORCE_COLOR: '1' } }), true);
});
