import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '../../../../test/support/simulated-clock.ts';
import { AgentOutputs, type LogsOf } from './outputs.ts';

const PIECE_BYTES = 262_144;

/** One log file for each task, in memory, read in pieces as the API reads them. */
class Logs implements LogsOf {
  readonly texts = new Map<string, string>();
  reads = 0;

  async logs({ task }: { task: string }) {
    const file = { name: '1-1.log', attempt: 1, step: 1, isRaw: false, bytes: this.#text(task).length };
    return { task: task as never, attempts: 1, isOver: false, files: [file] };
  }

  async readLog({ task, from }: { task: string; from: number }) {
    this.reads += 1;
    const text = this.#text(task).slice(from, from + PIECE_BYTES);
    const end = text.lastIndexOf('\n');
    return end < 0
      ? { lines: [], next: from }
      : { lines: text.slice(0, end).split('\n'), next: from + end + 1 };
  }

  async readLogBefore({ task, before }: { task: string; before: number }) {
    const lines = this.#text(task).slice(0, before).split('\n').slice(0, -1);
    return { lines, first: 0, next: before };
  }

  #text(task: string): string {
    return this.texts.get(task) ?? '';
  }
}

function watched(tasks: readonly string[]) {
  const logs = new Logs();
  const clock = new SimulatedClock();
  let changes = 0;
  const outputs = new AgentOutputs(logs, { clock, onChange: () => (changes += 1) });
  for (const task of tasks) logs.texts.set(task, `${task} says hello\n`);
  outputs.show(tasks);
  return { logs, clock, outputs, changes: () => changes };
}

test('S3-49 what all agents have printed is read at one time, and told of once', async () => {
  const tasks = ['a', 'b', 'c', 'd'];
  const { logs, clock, outputs, changes } = watched(tasks);
  await clock.rest();
  const before = changes();
  for (let round = 0; round < 3; round += 1) {
    for (const task of tasks) logs.texts.set(task, `${logs.texts.get(task)}${task} in round ${round}\n`);
    await clock.pass(66);
    await clock.rest();
    for (const task of tasks) {
      const output = outputs.of(task);
      assert.equal(output?.plainLine(output.endLine - 1), `${task} in round ${round}`);
    }
  }
  assert.equal(changes() - before, 3);
});

test('S3-49 who prints faster than one piece holds is caught up with', async () => {
  const { logs, clock, outputs } = watched(['a']);
  await clock.rest();
  const flood = Array.from({ length: 30_000 }, (_line, at) => `line ${at} of a flood\n`).join('');
  assert.ok(flood.length > 2 * PIECE_BYTES);
  logs.texts.set('a', (logs.texts.get('a') ?? '') + flood);
  await clock.pass(66);
  const output = outputs.of('a');
  assert.equal(output?.plainLine(output.endLine - 1), 'line 29999 of a flood');
});

test('S3-49 an agent that prints nothing is not read again and again', async () => {
  const { logs, clock } = watched(['a']);
  await clock.pass(1_000);
  const { reads } = logs;
  await clock.pass(10_000);
  assert.equal(logs.reads, reads);
});
