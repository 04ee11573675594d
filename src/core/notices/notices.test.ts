import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent, NewEvent } from '../events/event.ts';
import { taskId } from '../ids.ts';
import type { Counts } from '../tasks/ports.ts';
import { bounded } from './bounded.ts';
import { finishOf, noticeOf } from './notice-of.ts';
import { MOST_TRIES, retryDelayMs } from './retry-delay.ts';

const A = taskId.parse('a');
const logged = (event: NewEvent): LoggedEvent => ({ seq: 1, at: 0, ...event });
const asked = (stage: 'orchestrator' | 'person', kind?: 'approval') =>
  noticeOf(
    logged({
      ...({ type: 'question.asked', task: A, attempt: 1, step: 1, stage } as const),
      questions: [{ id: 'q', question: 'Which\n ids?', ...(kind === undefined ? {} : { kind }) }],
    }),
  );

test('a person is told of a question when it is theirs to answer', () => {
  assert.deepEqual(asked('person'), { kind: 'question', title: 'a asks', text: 'Which ids?' });
  assert.equal(asked('orchestrator'), undefined);
  assert.equal(
    noticeOf(logged({ type: 'question.escalated', task: A, question: 'q', reason: 'a matter of taste' }))
      ?.kind,
    'question',
  );
});

test('an approval and a failure are told as what they are', () => {
  assert.equal(asked('person', 'approval')?.kind, 'approval');
  const failed = { type: 'task.failed', task: A, attempt: 1, outcome: 'permanent', reason: 'no' } as const;
  assert.deepEqual(noticeOf(logged(failed)), { kind: 'failure', title: 'a failed', text: 'no' });
  assert.equal(noticeOf(logged({ type: 'task.unblocked', task: A })), undefined);
});

test('an account that only a person can bring back is a failure, one that pauses by itself is not', () => {
  const opened = (cause: 'auth' | 'failing') =>
    noticeOf(
      logged({ type: 'provider.opened', provider: 'p', cause, until: 0, failures: 1, reason: 'refused' }),
    );
  assert.equal(opened('auth')?.kind, 'failure');
  assert.equal(opened('failing'), undefined);
});

test('the finish is told when nothing is left that could go on by itself', () => {
  const none = { pending: 0, claimed: 0, running: 0, merging: 0, waiting_input: 0, done: 0, failed: 0 };
  const counts = (some: Partial<Counts['byState']>): Counts => ({
    byState: { ...none, blocked: 0, skipped: 0, cancelled: 0, archived: 0, ...some },
    ...{ ready: 0, paused: 0, total: 0, costUsd: 0 },
  });
  assert.equal(finishOf(counts({ done: 3, pending: 1 })), undefined);
  assert.equal(finishOf(counts({ done: 3, waiting_input: 1 })), undefined);
  assert.equal(finishOf(counts({ done: 3 }))?.text, '3 done');
  assert.equal(finishOf(counts({ done: 3, failed: 1, blocked: 2 }))?.text, '3 done, 1 failed, 2 blocked');
});

test('long texts and lists leave the machine cut, and say so', () => {
  const value = bounded({
    text: 'x'.repeat(3_000),
    list: Array.from({ length: 60 }, () => 1),
    n: 5,
    b: true,
  });
  const { text, list, ...rest } = value as { text: string; list: unknown[] };
  assert.match(text, /^x{2000}… \(1000 more characters\)$/);
  assert.equal(list.length, 51);
  assert.equal(list.at(-1), '… (10 more)');
  assert.deepEqual(rest, { n: 5, b: true });
});

test('tries are made further and further apart, ten minutes at most, with jitter', () => {
  assert.deepEqual([retryDelayMs(1, 0), retryDelayMs(1, 1), retryDelayMs(2, 1)], [500, 1_000, 2_000]);
  assert.equal(retryDelayMs(50, 1), 600_000);
  assert.equal(retryDelayMs(1, 0, 30_000), 30_000);
  const total = Array.from({ length: MOST_TRIES - 1 }, (_, index) => retryDelayMs(index + 1, 1));
  assert.equal(total.reduce((sum, ms) => sum + ms) / 60_000, 17.05);
});
