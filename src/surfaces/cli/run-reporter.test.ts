import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logged, someCounts } from '../../../test/support/cli-records.ts';
import type { NewEvent } from '../../core/events/event.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import { type ReportMode, RunReporter } from './run-reporter.ts';
import { plainPaint } from './style.ts';
import { textWidth } from './width.ts';

const AT = Date.parse('2026-11-21T10:00:00Z');
const task = 'api' as TaskId;
const CLEAR = '\r\u001b[2K';

function reporter(mode: ReportMode, more: { verbose?: boolean; columns?: number } = {}) {
  const written: string[] = [];
  const made = new RunReporter({
    mode,
    verbose: more.verbose ?? false,
    paint: plainPaint,
    startedAt: AT,
    write: (text) => written.push(text),
    columns: () => more.columns ?? 80,
  });
  return { made, written, text: () => written.join('') };
}

const started: NewEvent = {
  type: 'step.started',
  task,
  attempt: 1,
  provider: 'claude',
  account: 'claude',
  kind: 'work',
  step: 1,
  index: 0,
  agent: 'coder',
  round: 1,
};
const done: NewEvent = {
  type: 'task.done',
  task,
  attempt: 1,
  commit: 'abcdef0123' as ObjectId,
  summary: 'All there',
};
const failed: NewEvent = { type: 'task.failed', task, attempt: 1, outcome: 'permanent', reason: 'No way' };
const output: NewEvent = { type: 'agent.output', task, attempt: 1, step: 1, lines: ['hello'], dropped: 0 };

test('plain mode prints one line an event with the running totals', () => {
  const { made, text } = reporter('plain');
  made.events(
    [logged(1, AT + 62_000, done)],
    someCounts({ done: 3, running: 2, pending: 4 }, { ready: 1, costUsd: 0.41 }),
    AT,
  );
  assert.match(
    text(),
    /^\d\d:\d\d:\d\d api done, merged as abcdef0 \[3\/9 done · 2 running · 1 ready · \$0\.41 · 1m 02s\]\n$/,
  );
});

test('failures and blocked tasks are in the totals as soon as there are any', () => {
  const { made, text } = reporter('plain');
  made.events([logged(1, AT, done)], someCounts({ failed: 1, blocked: 2, waiting_input: 1 }), AT);
  assert.match(text(), /1 asking · 1 failed · 2 blocked/);
});

test('what agents print is shown only on demand', () => {
  const quiet = reporter('plain');
  quiet.made.events([logged(1, AT, output)], someCounts({ running: 1 }), AT);
  assert.equal(quiet.text(), '');
  const verbose = reporter('plain', { verbose: true });
  verbose.made.events([logged(1, AT, output)], someCounts({ running: 1 }), AT);
  assert.match(verbose.text(), /api │ hello/);
});

test('json mode prints every event as one line with its number and ISO time', () => {
  const { made, text } = reporter('json');
  made.events([logged(1, AT, output), logged(2, AT, done)], someCounts({ done: 1 }), AT);
  made.tick(AT + 1_000);
  made.end();
  const lines = text()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map((line) => [line.seq, line.at, line.type, line.task]),
    [
      [1, '2026-11-21T10:00:00.000Z', 'agent.output', 'api'],
      [2, '2026-11-21T10:00:00.000Z', 'task.done', 'api'],
    ],
  );
});

test('on a terminal the progress line is redrawn below the events and gone at the end', () => {
  const { made, written } = reporter('terminal');
  made.events([logged(1, AT, started)], someCounts({ running: 1 }), AT);
  made.tick(AT + 42_000);
  made.events([logged(2, AT + 50_000, done)], someCounts({ done: 1 }), AT + 50_000);
  made.end();
  assert.equal(written.length, 4);
  assert.match(
    written[0] ?? '',
    /^\d\d:\d\d:\d\d api work by coder \(claude\)\n0\/1 done · 1 running .* │ api coder 0s$/,
  );
  assert.equal(written[1], `${CLEAR}0/1 done · 1 running · 0 ready · $0.00 · 42s │ api coder 42s`);
  assert.match(written[2] ?? '', /\n1\/1 done · 0 running · 0 ready · \$0\.00 · 50s$/);
  assert.ok(written[2]?.startsWith(CLEAR));
  assert.equal(written[3], CLEAR);
});

test('no line on a terminal is wider than the terminal', () => {
  const columns = 40;
  const { made, text } = reporter('terminal', { columns });
  const long = { ...failed, reason: 'x'.repeat(500) };
  const events = [1, 2, 3, 4].map((n) => logged(n, AT, { ...started, task: `task-number-${n}` as TaskId }));
  made.events([...events, logged(5, AT, long)], someCounts({ running: 4 }), AT);
  for (const line of text().replaceAll(CLEAR, '').split('\n')) assert.ok(textWidth(line) <= columns, line);
});

test('a reason with terminal commands in it prints none of them', () => {
  const { made, text } = reporter('plain');
  made.events(
    [logged(1, AT, { ...failed, reason: 'x\u001b]0;title\u0007\ny' })],
    someCounts({ done: 1 }),
    AT,
  );
  assert.match(text(), /x\\x1b\]0;title\\x07\\ny/);
  assert.equal(text().split('\n').length, 2);
});
