import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { openStore } from '../../src/adapters/store/open.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { afterTurn } from '../../src/core/resilience/breaker.ts';
import type { OutlinePart } from '../../src/core/roadmap/outline.ts';
import { decidePause, decideResume } from '../../src/core/tasks/commands.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { load, type ProjectView } from '../../src/surfaces/tui/project/view.ts';
import { ProjectWatch } from '../../src/surfaces/tui/project/watch.ts';
import { acts, perform, SIZE } from '../contracts/store-acts.ts';
import { type Attempt, id, SOURCE } from '../contracts/store-kit.ts';
import { comparable } from '../support/comparable-view.ts';
import { type Drawn, roadmaps } from './roadmaps.ts';
import { apiOf, cuttable } from './store-api.ts';

const RUNS = 60;

/** What agents, people and processes do besides, and what happens to the connection. */
const others = fc.record({
  kind: fc.constantFrom(
    'step',
    'step-ends',
    'use',
    'report',
    'ask-person',
    'answer',
    'say',
    'read',
    'limit',
    'one-off',
    'register',
    'pause',
    'resume',
    'pause-project',
    'resume-project',
    'look',
    'cut',
  ),
  which: fc.nat(SIZE - 1),
});
type Other = typeof others extends fc.Arbitrary<infer T> ? T : never;

/** The file is changed: tasks and containers come, go, move, and get other names. */
const edits = roadmaps.map((drawn) => ({ kind: 'edit', drawn }) as const);

const everything = fc.oneof(
  { weight: 6, arbitrary: acts },
  { weight: 4, arbitrary: others },
  { weight: 1, arbitrary: edits },
);

/** Time does not wait for the test, and nobody in it for time: what is looked at now and then, is soon. */
const clock = {
  ...systemClock,
  steady: () => systemClock.steady() * 200,
  sleep: (ms: number, signal?: AbortSignal) => systemClock.sleep(Math.min(ms, 1), signal),
};

async function alsoPerform(
  store: Store,
  held: ReadonlyMap<string, Attempt>,
  { kind, which }: Other,
  number: number,
): Promise<void> {
  const attempt = [...held.values()][which % Math.max(1, held.size)];
  switch (kind) {
    case 'step':
      await attempt?.try(attempt.stepStarted(number));
      return;
    case 'step-ends': {
      const open = (await store.steps(attempt?.claim.task ?? id('none'))).findLast(
        ({ state }) => state === 'running',
      );
      if (open !== undefined) await attempt?.try(attempt.stepFinished(open.step));
      return;
    }
    case 'use': {
      const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: 0.25 };
      await attempt?.try({
        ...{ type: 'agent.usage', ...attempt.about, step: 1, agent: 'coder', provider: 'fake' },
        ...{ usage, totals: { ...usage, costUsd: number } },
      });
      return;
    }
    case 'report':
      await attempt?.try({
        type: 'agent.reported',
        ...attempt.about,
        step: 1,
        text: `at ${number}`,
        percent: 50,
      });
      return;
    case 'ask-person':
      await attempt?.try({
        ...{ type: 'question.asked', ...attempt.about, step: 1, stage: 'orchestrator' },
        questions: [{ id: `q${number}`, question: 'Which?' }],
      });
      return;
    case 'answer': {
      const [open] = await store.questions({ open: true });
      if (open === undefined) return;
      await store.command(open.task, () => [
        { type: 'task.answered', task: open.task, question: open.id, answer: 'this', by: 'ann' },
      ]);
      return;
    }
    case 'say':
      await store.send({ id: `m${number}`, from: 'orchestrator', to: 'person', text: 'Hello' });
      return;
    case 'read': {
      const [first] = await store.messages({ unreadBy: 'person' });
      if (first !== undefined) await store.readMessages('person', [first.id]);
      return;
    }
    case 'limit':
      await store.changeAccount('fake', (before, facts) =>
        afterTurn(
          before,
          {
            task: id('t0'),
            report: { kind: 'limited', until: facts.now + 60_000 * number, reason: 'used up' },
            policy: { failures: 3, pauseMs: 1, maxPauseMs: 1, limitMs: 1, spreadMs: 0, random: 0 },
          },
          facts,
        ),
      );
      return;
    case 'one-off':
      await store.addTask(
        {
          ...{ id: id(`extra-${number}`), title: 'Extra', prompt: 'Do', path: {}, dependsOn: [], files: [] },
          ...{ priority: 50, exitCriteria: [], onFailure: 'hard', adHoc: true },
        },
        'ann',
      );
      return;
    case 'register':
      await store.register({
        id: `orc_${number}`,
        host: 'here',
        process: { pid: 1, startTime: '1', bootId: 'b' },
        version: '1',
        maxAgents: 1,
      });
      return;
    case 'pause':
      await store.command(id(`t${which}`), (task) =>
        decidePause(task, { by: 'ann', reason: `why ${number}` }),
      );
      return;
    case 'resume':
      await store.command(id(`t${which}`), (task) => decideResume(task, 'ann'));
      return;
    case 'pause-project':
      await store.pauseProject({ by: 'ann', reason: '', now: which % 2 === 0 });
      return;
    case 'resume-project':
      await store.resumeProject('ann');
      return;
    case 'look':
    case 'cut':
      return;
  }
}

test('S3-48 after any sequence of events, also across cuts, the view equals one that is loaded anew', async () => {
  let cuts = 0;
  await fc.assert(
    fc.asyncProperty(
      roadmaps,
      fc.array(everything, { minLength: 10, maxLength: 60, size: 'max' }),
      async (first, list) => {
        await using store = await openStore({ url: 'sqlite::memory:', project: 'p' });
        let outline: readonly OutlinePart[] = [];
        const take = async (drawn: Drawn): Promise<void> => {
          outline = drawn.outline;
          await store.sync(drawn.plan, SOURCE, { confirmed: true });
        };
        await take(first);
        const api = { ...apiOf(store), outline: async () => outline };
        const line = cuttable(api);
        const stop = new AbortController();
        const watch = new ProjectWatch(line.api, { clock });
        let newest: ProjectView | undefined;
        let hasChanged = Promise.withResolvers<void>();
        const watching = (async () => {
          for await (const view of watch.views(stop.signal)) {
            newest = view;
            hasChanged.resolve();
            hasChanged = Promise.withResolvers();
          }
        })();
        const settled = async (): Promise<void> => {
          line.mend();
          const head = await store.head();
          const isShown = (view: ProjectView): boolean =>
            view.seq >= head &&
            view.connection === 'live' &&
            isDeepStrictEqual(view.records.outline, outline);
          while (newest === undefined || !isShown(newest)) {
            await Promise.race([hasChanged.promise, watching]);
          }
          assert.deepEqual(comparable(newest), comparable(await load(api)));
        };
        const held = new Map<string, Attempt>();
        try {
          await settled();
          for (const [number, act] of list.entries()) {
            if (act.kind === 'cut') {
              cuts += 1;
              line.cut();
            } else if (act.kind === 'look') await settled();
            else if (act.kind === 'edit') await take(act.drawn);
            else if (act.kind === 'sync') await store.sync(act.plan, SOURCE, { confirmed: true });
            else if (isOther(act)) await alsoPerform(store, held, act, number + 1);
            else await perform(store, held, act);
          }
          await settled();
        } finally {
          stop.abort();
          await watching;
        }
      },
    ),
    { numRuns: RUNS },
  );
  assert.ok(cuts > RUNS / 4, `${cuts} cuts`);
});

const OTHERS: ReadonlySet<string> = new Set([
  'step',
  'step-ends',
  'use',
  'report',
  'ask-person',
  'answer',
  'say',
  'read',
  'limit',
  'one-off',
  'register',
]);

function isOther(act: { readonly kind: string }): act is Other {
  return OTHERS.has(act.kind);
}
