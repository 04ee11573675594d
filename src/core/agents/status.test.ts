import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentStatus } from './status.ts';

const running = { state: 'running', attempt: 1, verdict: undefined, ended: undefined } as const;

test('S2-29 an agent works while its step runs in the attempt that holds the task', () => {
  assert.equal(agentStatus(running, { state: 'running', attempts: 1 }), 'working');
  assert.equal(agentStatus(running, { state: 'claimed', attempts: 2 }), 'crashed');
  assert.equal(agentStatus(running, { state: 'pending', attempts: 1 }), 'crashed');
});

test('an agent waits as long as its question is open', () => {
  const asked = { ...running, ended: 'waiting' } as const;
  assert.equal(agentStatus(asked, { state: 'waiting_input', attempts: 1 }), 'waiting');
  assert.equal(agentStatus(asked, { state: 'pending', attempts: 1 }), 'finished');
});

test('a step without a turn is finished by its verdict, and stopped without one', () => {
  const checked = { ...running, state: 'finished', verdict: 'rejected' } as const;
  assert.equal(agentStatus(checked, { state: 'running', attempts: 1 }), 'finished');
  assert.equal(agentStatus({ ...checked, verdict: undefined }, { state: 'pending', attempts: 1 }), 'stopped');
});
