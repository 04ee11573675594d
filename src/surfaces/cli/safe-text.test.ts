import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeBlock, safeJson, safeLine } from './safe-text.ts';

test('text from outside reaches the terminal without any control character', () => {
  const nasty = 'a\u001b[2J\u0007b\u009bc\u202ed\r\ne';
  assert.equal(safeLine(nasty), 'a\\x1b[2J\\x07b\\x9bc\\u202ed\\r\\ne');
  assert.equal(safeBlock(nasty), 'a\\x1b[2J\\x07b\\x9bc\\u202ed\ne');
});

test('ordinary text of every language stays as it is', () => {
  const text = 'Grüße, 世界, שלום, 👩‍💻 – “quoted”';
  assert.equal(safeLine(text), text);
});

test('JSON escapes what JSON.stringify lets through, and still means the same', () => {
  const value = { text: 'x\u009b\u202e\u007fy' };
  assert.equal(safeJson(value), '{"text":"x\\u009b\\u202e\\u007fy"}');
  assert.deepEqual(JSON.parse(safeJson(value)), value);
});
