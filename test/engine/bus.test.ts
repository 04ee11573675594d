import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import { did } from '../support/fake-backend.ts';
import { Rig, task } from './rig.ts';

test('S3-40 S2-11 the whole life of a task is heard on the bus while it happens', async () => {
  const started = Promise.withResolvers<void>();
  const agent = async () => {
    // So it does not end unless it is heard of.
    await started.promise;
    return did('made');
  };
  await using rig = await Rig.open({ tasks: [task('a')], agent });
  const bus = new LogBus(rig.store);
  const until = new AbortController();
  const heard: LoggedEvent[] = [];
  const hearing = (async () => {
    for await (const events of bus.subscribe({ after: 0, until: until.signal })) {
      heard.push(...events);
      if (events.some(({ type }) => type === 'step.started')) started.resolve();
    }
  })();
  await rig.run();
  until.abort();
  await hearing;
  const ofTask = heard.filter((event) => 'task' in event).map(({ type }) => type);
  assert.deepEqual(
    ofTask.filter((type) => !type.startsWith('agent.')),
    [
      ...['task.claimed', 'task.started', 'step.started', 'task.snapshotted', 'step.finished'],
      ...['merge.queued', 'merge.started', 'merge.intended', 'merge.done', 'task.done'],
    ],
  );
  assert.ok(ofTask.some((type) => type.startsWith('agent.')));
  assert.deepEqual(
    heard.map(({ seq }) => seq),
    Array.from({ length: heard.length }, (_, index) => index + 1),
  );
});
