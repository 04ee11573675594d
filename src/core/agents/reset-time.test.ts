import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resetTime } from './reset-time.ts';

const NOW = Date.UTC(2026, 10, 21, 1, 40, 30);
const at = (...time: Parameters<typeof Date.UTC>) => Date.UTC(...time);

test('a clock time is the next one in its zone', () => {
  for (const [text, expected] of [
    ["You've hit your 5-hour limit · resets 2:38am (UTC)", at(2026, 10, 21, 2, 38)],
    ['resets 1am (UTC)', at(2026, 10, 22, 1, 0)],
    ['resets 12am (UTC)', at(2026, 10, 22, 0, 0)],
    ['resets at 12:05pm (UTC)', at(2026, 10, 21, 12, 5)],
    // 20:40 the day before in New York.
    ['resets 9pm (America/New_York)', at(2026, 10, 21, 2, 0)],
    ['or try again at Nov 22nd, 2026 2:29 AM (UTC).', at(2026, 10, 22, 2, 29)],
    ['resets Jan 3 at 4am (UTC)', at(2027, 0, 3, 4, 0)],
  ] as const) {
    assert.equal(resetTime(text, NOW), expected, text);
  }
});

test('a clock time without a zone is this machine’s', () => {
  const local = new Date(NOW);
  local.setMinutes(local.getMinutes() + 49, 0, 0);
  const clock = local.toLocaleTimeString('en-US', { hour: 'numeric', minute: '2-digit' });
  assert.equal(
    resetTime(`You’ve hit your usage limit. Visit x to purchase more or try again at ${clock}.`, NOW),
    local.getTime(),
  );
});

test('a time that passed a moment ago means now', () => {
  assert.equal(resetTime('resets 1:38am (UTC)', NOW), NOW);
  assert.equal(resetTime('resets 1:40am (UTC)', NOW), NOW);
});

test('a span counts from now', () => {
  assert.equal(resetTime('Rate limit reached. Please try again in 2.5s.', NOW), NOW + 2_500);
  assert.equal(resetTime('try again in 3 hours 5 minutes', NOW), NOW + 185 * 60_000);
  assert.equal(resetTime('limit resets in 1 day, 2 hours and 3 mins', NOW), NOW + (26 * 60 + 3) * 60_000);
});

test('a text that names no time gives none', () => {
  for (const text of [
    '',
    'rate limited',
    'try again later',
    'resets soon (UTC)',
    'resets 3am (No/Where)',
    'in 5 days',
  ]) {
    assert.equal(resetTime(text, NOW), undefined, text);
  }
});
