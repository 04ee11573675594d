import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { Onlooker } from '../../src/core/dispatch/onlooker.ts';
import { decideAnswer, decideRetry } from '../../src/core/tasks/commands.ts';
import type { TaskState } from '../../src/core/tasks/states.ts';
import { did } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

/** Somebody at a terminal, until they leave. */
class Person implements Onlooker {
  readonly #listeners = new Set<() => void>();
  #isThere = true;

  isThere(): boolean {
    return this.#isThere;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  leave(): void {
    this.#isThere = false;
    for (const listener of this.#listeners) listener();
  }
}

const asks: TurnOutcome = {
  kind: 'success',
  text: '',
  result: { status: 'questions', questions: [{ id: 'q1', question: 'Which?' }] },
};

const fails: TurnOutcome = { kind: 'permanent', reason: 'no', cause: 'request' };

/** The task ends its first turn in that way, and its work in the second. */
async function rigWith(first: TurnOutcome, onlooker?: Onlooker): Promise<Rig> {
  let turns = 0;
  return await Rig.open({
    tasks: [task('a')],
    agent: () => {
      turns += 1;
      return turns === 1 ? first : did('made');
    },
    ...(onlooker === undefined ? {} : { onlooker }),
  });
}

/** Resolves when the task is in that state. */
async function reached(rig: Rig, state: TaskState): Promise<void> {
  for (;;) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = rig.store.onChange(resolve);
    try {
      if ((await rig.states())['a'] === state) return;
      await promise;
    } finally {
      end();
    }
  }
}

test('while somebody looks on, a run waits for an answer, goes on with it, and ends when all is done', async () => {
  await using rig = await rigWith(asks, new Person());
  const run = rig.run();
  await reached(rig, 'waiting_input');
  const open = await rig.store.questions({ open: true });
  await rig.store.command(task('a').id, (found) =>
    decideAnswer(found, { open, questionId: undefined, answer: 'this one', by: 'ann' }),
  );
  assert.deepEqual(await run, { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done' });
});

test('while somebody looks on, a run waits after a failure, which may be retried', async () => {
  await using rig = await rigWith(fails, new Person());
  const run = rig.run();
  await reached(rig, 'failed');
  await rig.store.command(task('a').id, (found) => decideRetry(found, 'ann'));
  assert.deepEqual(await run, { kind: 'finished' });
  assert.deepEqual(await rig.states(), { a: 'done' });
});

test('a run ends with what it waits for when the person who looked on leaves', async () => {
  for (const [first, end] of [
    [asks, 'waiting'],
    [fails, 'finished'],
  ] as const) {
    const person = new Person();
    await using rig = await rigWith(first, person);
    const run = rig.run();
    await reached(rig, first === asks ? 'waiting_input' : 'failed');
    person.leave();
    assert.equal((await run).kind, end);
  }
});
