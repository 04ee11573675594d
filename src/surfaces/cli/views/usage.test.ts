import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_USAGE } from '../../../core/agents/usage.ts';
import { plainPaint } from '../style.ts';
import { renderUsage } from './usage.ts';

const OPTIONS = { width: 80, paint: plainPaint };
const claude = { key: 'claude', ...NO_USAGE, turns: 2, inputTokens: 2_000, outputTokens: 400, costUsd: 0.5 };
const codex = {
  key: 'codex',
  ...NO_USAGE,
  turns: 1,
  inputTokens: 12_000,
  outputTokens: 345,
  unpricedTokens: 12_345,
};

test('tokens without a price are named as such, and never shown as free', () => {
  const total = {
    ...NO_USAGE,
    turns: 3,
    inputTokens: 14_000,
    outputTokens: 745,
    costUsd: 0.5,
    unpricedTokens: 12_345,
  };
  const lines = renderUsage(
    {
      by: 'provider',
      report: { rows: [claude, codex], total },
      unpriced: [codex],
      budgets: [{ scope: 'day', limitUsd: 5, spentUsd: 0.5, leftUsd: 4.5 }],
      limit: 100,
    },
    OPTIONS,
  );
  assert.deepEqual(lines, [
    'PROVIDER  STEPS   INPUT  CACHED  OUTPUT   COST',
    'claude        2   2,000       0     400  $0.50',
    'codex         1  12,000       0     345      –',
    'total         3  14,000       0     745  $0.50',
    '',
    'not priced: 12,345 tokens by codex',
    '',
    'today: $0.50 of $5.00 spent, $4.50 left',
  ]);
});

test('a list that is cut says so', () => {
  const report = { rows: [claude], total: claude };
  const lines = renderUsage({ by: 'task', report, unpriced: [], budgets: [], limit: 1 }, OPTIONS);
  assert.equal(lines.at(-1), 'Only 1 lines are shown; the total is of all.');
});
