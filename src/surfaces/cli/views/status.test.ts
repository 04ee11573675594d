import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTask, someCounts } from '../../../../test/support/cli-records.ts';
import type { StatusSource } from '../../../core/api/ports.ts';
import type { QuestionRecord, StepRecord } from '../../../core/tasks/task.ts';
import { plainPaint } from '../style.ts';
import { textWidth } from '../width.ts';
import { renderStatus, statusJson } from './status.ts';

const NOW = Date.parse('2026-11-21T10:00:00Z');

const step = {
  task: 'api',
  step: 2,
  agent: 'reviewer',
  kind: 'review',
  round: 2,
  state: 'running',
  startedAt: NOW - 125_000,
  costUsd: 0.1,
} as unknown as StepRecord;

const question = {
  task: 'docs',
  id: 'q1',
  question: 'Which\nformat?',
  options: ['md', 'html'],
  attempt: 1,
  step: 1,
  askedAt: NOW - 1_000,
} as unknown as QuestionRecord;

const source: StatusSource = {
  project: 'shop',
  now: NOW,
  counts: someCounts(
    { done: 2, running: 1, waiting_input: 1, pending: 3, failed: 1, blocked: 1 },
    { ready: 2, costUsd: 3.41 },
  ),
  tasks: [
    aTask('api', { state: 'running', attempts: 1, owner: 'orc_1', costUsd: 0.25 }),
    aTask('docs', { state: 'waiting_input' }),
    aTask('routes', { state: 'failed', reason: 'verify exited 1' }),
    aTask('web', { state: 'blocked', reason: 'routes failed' }),
  ],
  steps: [step],
  orchestrators: [],
  heartbeatMs: 3_000,
  accounts: [],
  questions: [question],
  delivery: { branch: 'cw/integration', target: 'main', tasks: ['a', 'b'] },
};

test('S2-37 the status shows counts, running agents, what needs a person and what comes next', () => {
  assert.deepEqual(renderStatus(source, { width: 80, paint: plainPaint }), [
    'shop  2 of 9 tasks done · $3.41 · no orchestrator at work',
    '2 done  1 running  1 asking  2 ready  1 waiting  1 failed  1 blocked',
    '',
    'TASK  AGENT     STEP                FOR   COST  TITLE',
    'api   reviewer  review, round 2  2m 05s  $0.25  Title of api',
    '',
    '? docs asks: Which\\nformat? [1] md [2] html',
    '    cw inbox answer docs "…"',
    '✗ routes failed: verify exited 1',
    '    cw task logs routes   cw task retry routes',
    '■ web is blocked: routes failed',
    '',
    'cw/integration is 2 tasks ahead of main.',
    '    cw deliver',
    '2 tasks can start.',
    '    cw run',
  ]);
});

test('the status fits a narrow terminal', () => {
  const long = aTask('long', { state: 'failed', reason: 'r'.repeat(300) });
  const lines = renderStatus({ ...source, tasks: [long] }, { width: 60, paint: plainPaint });
  for (const line of lines.filter((each) => each.startsWith('✗'))) assert.ok(textWidth(line) <= 60, line);
});

test('the status of a project without tasks says how to add one', () => {
  const empty = {
    ...source,
    counts: someCounts({}),
    tasks: [],
    steps: [],
    questions: [],
    delivery: undefined,
  };
  assert.deepEqual(renderStatus(empty, { width: 80, paint: plainPaint }), [
    'shop  0 of 0 tasks done · $0.00 · no orchestrator at work',
    '',
    'The roadmap has no tasks yet.',
    '    cw task add "…"',
  ]);
});

test('the JSON counts every state, also at zero, and names the agent at work', () => {
  const json = JSON.parse(JSON.stringify(statusJson(source)));
  assert.equal(json.counts.skipped, 0);
  assert.equal(json.counts.ready, 2);
  assert.equal(json.tasks[0].agent, 'reviewer');
  assert.equal(json.questions[0].options.length, 2);
});

test('the status says that new work does not begin while too much waits for an approval', () => {
  const approval = { ...question, kind: 'approval' } as QuestionRecord;
  const tasks = [
    aTask('docs', { state: 'waiting_input', attempts: 1 }),
    aTask('next', {}),
    aTask('begun', { attempts: 1 }),
  ];
  const waiting = { ...source, tasks, questions: [approval, approval], maxWaiting: 1 };
  const lines = renderStatus(waiting, { width: 80, paint: plainPaint });
  assert.ok(lines.includes('? docs waits for your approval'));
  assert.ok(
    lines.includes('! 1 task does not begin: 1 waits for your approval, and review.maxWaiting is 1.'),
    lines.join('\n'),
  );
  const free = renderStatus({ ...waiting, maxWaiting: 2 }, { width: 80, paint: plainPaint });
  assert.ok(!free.join().includes('does not begin'));
});
