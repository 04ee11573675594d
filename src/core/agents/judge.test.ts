import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeTurn } from './judge.ts';
import type { AgentResult, TurnOutcome } from './outcome.ts';

const coder = { role: 'coder', verdict: false };
const reviewer = { role: 'reviewer', verdict: true };

function said(text: string, result?: AgentResult): TurnOutcome {
  return { kind: 'success', text, ...(result === undefined ? {} : { result }) };
}

test('a text without a result is done for a coder whose worktree changed', () => {
  assert.deepEqual(judgeTurn({ outcome: said(' did it '), agent: coder, worktreeChanged: true }), {
    verdict: 'done',
    summary: 'did it',
  });
});

test('a coder that changed nothing and reported nothing did no work', () => {
  assert.deepEqual(judgeTurn({ outcome: said('hm'), agent: coder, worktreeChanged: false }), {
    verdict: 'error',
    summary: 'coder did no work: it changed no file and reported no result',
  });
  const outcome = said('', { status: 'done', summary: 'was there already' });
  assert.equal(judgeTurn({ outcome, agent: coder, worktreeChanged: false }).verdict, 'done');
});

test('a reviewer without a structured verdict is an error, never an approval', () => {
  for (const worktreeChanged of [true, false]) {
    const verdict = judgeTurn({ outcome: said('Looks good, approved!'), agent: reviewer, worktreeChanged });
    assert.equal(verdict.verdict, 'error');
  }
});

test('a rejection counts from an agent that judges only', () => {
  const outcome = said('', { status: 'rejected', feedback: 'line 3 is wrong' });
  assert.deepEqual(judgeTurn({ outcome, agent: reviewer, worktreeChanged: false }), {
    verdict: 'rejected',
    summary: 'line 3 is wrong',
  });
  assert.equal(judgeTurn({ outcome, agent: coder, worktreeChanged: true }).verdict, 'error');
});

test('questions, errors and failed turns pass on what they say', () => {
  const questions = [{ id: 'a', question: 'b?' }];
  const ask = said('', { status: 'questions', questions });
  assert.deepEqual(judgeTurn({ outcome: ask, agent: coder, worktreeChanged: true }), {
    verdict: 'questions',
    questions,
  });
  const failed = said('', { status: 'error', reason: 'no compiler' });
  assert.deepEqual(judgeTurn({ outcome: failed, agent: coder, worktreeChanged: true }), {
    verdict: 'error',
    summary: 'no compiler',
  });
  const outcome: TurnOutcome = { kind: 'auth', reason: 'not logged in' };
  assert.deepEqual(judgeTurn({ outcome, agent: reviewer, worktreeChanged: true }), {
    verdict: 'error',
    summary: 'not logged in',
  });
});
