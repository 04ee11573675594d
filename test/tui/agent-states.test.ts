import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openStore } from '../../src/adapters/store/open.ts';
import { afterTurn } from '../../src/core/resilience/breaker.ts';
import { decidePause } from '../../src/core/tasks/commands.ts';
import { load } from '../../src/surfaces/tui/project/view.ts';
import { Attempt, id, planOf, SOURCE } from '../contracts/store-kit.ts';
import { apiOf } from './store-api.ts';

const POLICY = { failures: 3, pauseMs: 1, maxPauseMs: 1, limitMs: 1, spreadMs: 0, random: 0 };

test('S3-44 each agent shows whether it works, waits and for whom, is limited until when, is paused by whom, failed or is complete', async () => {
  await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
  const names = ['works', 'asks', 'approval', 'limited', 'released', 'merges', 'fails', 'done', 'never'];
  await store.sync(planOf(Object.fromEntries(names.map((name) => [name, {}]))), SOURCE);
  const attempts = new Map<string, Attempt>();
  for (const name of names.slice(0, -1)) {
    const attempt = await Attempt.start(store, name);
    await attempt.tell(attempt.stepStarted(1));
    attempts.set(name, attempt);
  }
  const of = (name: string) => attempts.get(name) ?? assert.fail(name);
  await of('works').tell({
    type: 'agent.reported',
    ...of('works').about,
    step: 1,
    text: 'half',
    percent: 50,
  });
  await of('asks').tell({
    ...{ type: 'question.asked', ...of('asks').about, step: 1, stage: 'orchestrator' },
    questions: [{ id: 'q', question: 'Which colour?' }],
  });
  await of('approval').tell(of('approval').stepFinished(1), {
    ...{ type: 'task.asked', ...of('approval').about, step: 1 },
    questions: [{ id: 'approval', question: 'May it be merged?', kind: 'approval' }],
  });
  await of('limited').tell({ type: 'task.released', ...of('limited').about, reason: 'its limit is used up' });
  await of('released').tell({
    ...{ type: 'task.retried', ...of('released').about, outcome: 'transient', reason: 'no answer' },
    ...{ retryAt: 4_000_000_000_000, failures: 1 },
  });
  await of('merges').tell({
    ...{ type: 'merge.queued', ...of('merges').about, head: '1'.repeat(40) as never },
    ...{ files: 1, insertions: 1, deletions: 0 },
  });
  await of('fails').tell(of('fails').failed('it broke'));
  await of('done').tell(of('done').stepFinished(1), of('done').done('made'));

  const panes = async () => new Map((await load(apiOf(store))).agents.map((pane) => [pane.task, pane]));
  const before = await panes();
  assert.deepEqual(
    [...before.values()].map(({ task, state }) => [task, state]),
    [
      ['works', 'working'],
      ['asks', 'waiting'],
      ['approval', 'waiting'],
      ['limited', 'paused'],
      ['released', 'paused'],
      ['merges', 'merging'],
      ['fails', 'failed'],
      ['done', 'complete'],
    ],
  );
  assert.deepEqual(before.get('works')?.progress?.percent, 50);
  assert.deepEqual([before.get('works')?.role, before.get('works')?.provider], ['coder', 'fake']);
  assert.equal(before.get('asks')?.asked, 'orchestrator');
  assert.equal(before.get('approval')?.asked, 'person');
  assert.deepEqual(
    [before.get('released')?.until, before.get('released')?.reason],
    [4_000_000_000_000, 'no answer'],
  );
  assert.equal(before.get('fails')?.reason, 'it broke');
  assert.notEqual(before.get('done')?.endedAt, undefined);

  await store.command(id('released'), (task) => decidePause(task, { by: 'ann', reason: 'not yet' }));
  const rested = (await panes()).get('released');
  assert.deepEqual(
    [rested?.state, rested?.reason, rested?.until],
    ['paused', 'paused by ann: not yet', undefined],
  );
  await store.pauseProject({ by: 'ben', reason: '', now: false });
  const all = await panes();
  assert.equal(all.get('limited')?.reason, 'the project is paused by ben');
  assert.equal(all.get('works')?.state, 'working');
  await store.resumeProject('ben');

  const until = 4_100_000_000_000;
  await store.changeAccount('fake', (standing, facts) =>
    afterTurn(
      standing,
      { task: id('limited'), report: { kind: 'limited', until, reason: 'five hours' }, policy: POLICY },
      facts,
    ),
  );
  const after = (await panes()).get('limited');
  assert.deepEqual([after?.state, after?.until, after?.reason], ['limited', until, 'five hours']);
});
