import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskId } from '../../../core/ids.ts';
import { plainPaint } from '../style.ts';
import { historyJson, renderEnding, renderEntry, renderOpening, type SpokenTurn } from './history.ts';

const OPTIONS = { paint: plainPaint, full: false };
const STEP: SpokenTurn = {
  task: 'a' as TaskId,
  step: 3,
  index: 0,
  attempt: 2,
  agent: 'coder',
  round: 1,
  kind: 'fix',
  provider: 'claude',
  account: 'claude',
  model: 'opus',
  sandbox: 'off',
  state: 'finished',
  outcome: 'success',
  verdict: 'done',
  summary: 'mended it\nand more',
  session: 's',
  process: undefined,
  costUsd: 0,
  startedAt: 0,
  finishedAt: 70_000,
  usage: { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0, unpricedTokens: 0 },
  turn: { prompt: 'Mend it.', beganAt: 0, answer: 'Done.', ended: 'finished', endedAt: 65_000, leftOut: 0 },
};

test('a turn is shown with who speaks, its prompt folded, and how it ended', () => {
  const prompt = Array.from({ length: 20 }, (_, line) => `line ${line}`).join('\n');
  const opening = renderOpening({ ...STEP, turn: { ...STEP.turn, prompt } }, OPTIONS);
  assert.equal(opening[0], 'coder (claude opus)  fix, step 3, attempt 2, 1970-01-01T00:00:00.000Z');
  assert.equal(opening[1], '  > line 0');
  assert.equal(opening.at(-1), '  > … 12 more lines (--full)');
  assert.equal(
    renderOpening({ ...STEP, turn: { ...STEP.turn, prompt } }, { ...OPTIONS, full: true }).length,
    21,
  );
  assert.deepEqual(renderEnding(STEP, OPTIONS), ['  finished after 1m 05s: mended it']);
  const cut = {
    ...STEP,
    turn: { ...STEP.turn, ended: 'crashed', answer: 'it is gone', leftOut: 7 },
  } as const;
  assert.deepEqual(renderEnding(cut, OPTIONS), [
    '  7 more were not kept: cw task logs a --step 3',
    '  crashed after 1m 05s: it is gone',
  ]);
});

test('nothing of what agents say acts on a terminal', () => {
  const evil = '\u001b[31mred\u0007\u202e';
  const shown = [
    ...renderEntry({ at: 0, type: 'text', text: evil }, OPTIONS),
    ...renderEntry({ at: 0, type: 'tool', name: evil, detail: evil, status: 'failed' }, OPTIONS),
    ...renderEntry({ at: 0, type: 'notice', message: evil }, OPTIONS),
    ...renderOpening({ ...STEP, turn: { ...STEP.turn, prompt: evil } }, OPTIONS),
    ...renderEnding({ ...STEP, summary: evil }, OPTIONS),
    historyJson(STEP, { at: 0, type: 'text', text: evil }),
  ];
  assert.doesNotMatch(shown.join('\n').replaceAll('\n', ''), /[\p{Cc}\u202e]/u);
});

test('a tool that failed, a retry and tokens without a price are told apart', () => {
  const usage = { inputTokens: 900, outputTokens: 100, cachedTokens: 0, costUsd: 0 };
  assert.deepEqual(
    [
      ...renderEntry({ at: 0, type: 'tool', name: 'shell', detail: 'ls', status: 'started' }, OPTIONS),
      ...renderEntry({ at: 0, type: 'tool', name: 'shell', detail: '', status: 'failed' }, OPTIONS),
      ...renderEntry({ at: 0, type: 'retrying', reason: 'overloaded', attempt: 1 }, OPTIONS),
      ...renderEntry({ at: 0, type: 'usage', usage, totals: usage }, OPTIONS),
    ],
    ['  ⚙ shell ls', '  ✗ shell', '  tries again: overloaded', '  used 1,000 tokens, 1,000 not priced'],
  );
});

test('what was asked is shown, and so is what an agent said with it', () => {
  const result = { status: 'questions' as const, questions: [{ id: 'q', question: 'Which colour?' }] };
  const entry = { at: 0, type: 'outcome', outcome: { kind: 'success', text: '', result } } as const;
  assert.deepEqual(renderEntry(entry, OPTIONS), ['  ? Which colour?']);
  const asked = {
    ...STEP,
    summary: '',
    turn: { ...STEP.turn, ended: 'waiting', answer: 'I need to know.' },
  } as const;
  assert.deepEqual(renderEnding(asked, OPTIONS), ['  asked after 1m 05s: I need to know.']);
});

test('the answer of a turn is in the JSON of its outcome', () => {
  const line = historyJson(STEP, { at: 0, type: 'outcome', outcome: { kind: 'success', text: '' } });
  assert.deepEqual(JSON.parse(line), {
    at: '1970-01-01T00:00:00.000Z',
    type: 'outcome',
    task: 'a',
    step: 3,
    attempt: 2,
    agent: 'coder',
    provider: 'claude',
    outcome: { kind: 'success', text: 'Done.' },
  });
});
