import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../../core/ports.ts';
import type { TerminalDevice } from './device.ts';
import { InputReader } from './input-reader.ts';

/** A terminal that says what it is told to, and a clock on which time is over when it is told so. */
function reading() {
  let bytes: (bytes: Uint8Array) => void = () => {};
  let over = (): void => {};
  const keys: string[] = [];
  const device: Pick<TerminalDevice, 'read'> = {
    read: (onBytes) => {
      bytes = onBytes;
      return { stop: () => {} };
    },
  };
  const clock: Clock = {
    now: () => 0,
    steady: () => 0,
    sleep: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      over = resolve;
      return promise;
    },
  };
  const onInput = (input: { kind: string; key?: string }): void => void keys.push(input.key ?? input.kind);
  new InputReader({ device: device as TerminalDevice, clock, onInput, onGone: () => {} });
  return { keys, type: (text: string) => bytes(Buffer.from(text)), timeIsOver: () => over() };
}

test('Escape that nothing follows in time is told, and what follows is another key', async () => {
  const { keys, type, timeIsOver } = reading();
  type('\u001b');
  timeIsOver();
  await nextTurn();
  await nextTurn();
  type('j');
  assert.deepEqual(keys, ['esc', 'j']);
});

test('the rest of a key that was there when the time was over belongs to it, however late it is read', async () => {
  const { keys, type, timeIsOver } = reading();
  type('\u001b');
  // As on a busy machine: timers are told first, and then what came meanwhile.
  setImmediate(() => type('[A'));
  timeIsOver();
  await nextTurn();
  await nextTurn();
  assert.deepEqual(keys, ['up']);
});
