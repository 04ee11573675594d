import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { TurnPart } from '../../src/core/agents/turn.ts';
import type { AttemptEvent } from '../../src/core/events/event.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import {
  Attempt,
  claimOne,
  type Databases,
  id,
  person,
  planOf,
  projectOf,
  SOURCE,
  typesSince,
} from './store-kit.ts';

const NOTHING_USED = {
  turns: 0,
  inputTokens: 0,
  outputTokens: 0,
  cachedTokens: 0,
  costUsd: 0,
  unpricedTokens: 0,
};

export function turnContract(databases: Databases): void {
  describe('turns', () => {
    test('S2-34 a turn is kept with its prompt, what was said in order, its answer and how it ended', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const process = { pid: 4242, startTime: '99', bootId: 'boot' };
      await store.append(
        a.claim,
        [
          a.stepStarted(1),
          { type: 'agent.started', ...a.about, step: 1, process, sandbox: 'strict', resumed: false },
        ],
        [said(1, 0, 'one', { began: { at: 5, prompt: 'Do a' } })],
      );
      const before = await store.head();
      assert.equal((await store.append(a.claim, [], [said(1, 1, 'two')])).kind, 'recorded');
      assert.equal(await store.head(), before, 'what was said is no event');
      await store.append(a.claim, [usage(a, 1)], [said(1, 2, 'three', { ended: ENDED })]);
      await a.tell(a.stepFinished(1));

      const [turn, ...others] = await store.turns(id('a'));
      assert.equal(others.length, 0);
      assert.deepEqual(
        [turn?.account, turn?.model, turn?.sandbox, turn?.process, turn?.verdict],
        ['fake', undefined, 'strict', process, 'done'],
      );
      assert.deepEqual(turn?.turn, {
        prompt: 'Do a',
        beganAt: 5,
        answer: 'made',
        ended: 'finished',
        endedAt: 9,
        leftOut: 3,
      });
      assert.deepEqual(turn?.usage, {
        inputTokens: 10,
        outputTokens: 5,
        cachedTokens: 2,
        costUsd: 0,
        unpricedTokens: 15,
      });
      const parts = await store.said({ task: id('a'), step: 1, after: -1 });
      assert.deepEqual(
        parts.flatMap(({ entries }) => entries.map((entry) => (entry.type === 'text' ? entry.text : entry))),
        ['one', 'two', 'three'],
      );
      assert.deepEqual(
        (await store.said({ task: id('a'), step: 1, after: 1 })).map(({ first }) => first),
        [2],
      );
    });

    test('a turn that begins and ends in one write is whole, and an old fence keeps none of it', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const whole = said(1, 0, 'all', { began: { at: 5, prompt: 'Do a' }, ended: ENDED });
      const stale = { ...a.claim, fence: a.claim.fence - 1 };
      assert.equal((await store.append(stale, [a.stepStarted(1)], [whole])).kind, 'lease-lost');
      assert.deepEqual(await store.turns(id('a')), []);
      await store.append(a.claim, [a.stepStarted(1), a.stepFinished(1)], [whole]);
      assert.equal((await store.turns(id('a')))[0]?.turn?.ended, 'finished');
      assert.equal((await store.said({ task: id('a'), step: 1, after: -1 })).length, 1);
    });

    test('S2-29 S2-34 agents are listed with task, session, worktree and status while their task is not done', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {}, c: {} }), SOURCE);
      const list = async (all = false) =>
        (await store.agents({ all, limit: 10 })).map(({ task, step, status, session, worktree }) => [
          task,
          step.agent,
          status,
          session,
          worktree,
        ]);
      assert.deepEqual(await list(true), []);
      const a = await Attempt.start(store, 'a');
      await begin(store, a, 1);
      await a.tell({
        type: 'agent.session',
        ...a.about,
        step: 1,
        agent: 'coder',
        provider: 'fake',
        session: 's-1',
      });
      assert.deepEqual(await list(), [['a', 'coder', 'working', 's-1', '/worktrees/a']]);
      // Its orchestrator is gone, and what it knows is not.
      await a.tell({ type: 'task.released', ...a.about, reason: 'stopped' });
      assert.deepEqual(await list(), [['a', 'coder', 'stopped', 's-1', '/worktrees/a']]);
      const b = await Attempt.start(store, 'b');
      await begin(store, b, 1);
      await store.append(b.claim, [b.stepFinished(1), b.done()], [said(1, 1, 'ok', { ended: ENDED })]);
      assert.deepEqual((await list()).length, 1);
      assert.deepEqual((await list(true)).map(([task, , status]) => [task, status]).toSorted(), [
        ['a', 'stopped'],
        ['b', 'finished'],
      ]);
      assert.equal((await store.agents({ task: id('b') })).length, 1);
      assert.equal((await store.agents({ all: true, limit: 1 })).length, 1);
    });

    test('S2-35 an agent whose orchestrator is lost has crashed, one whose task is cancelled was stopped', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      for (const name of ['a', 'b']) {
        const claim = await claimOne(store, name, {
          orchestrator: 'orc_old',
          leaseMs: name === 'a' ? 0 : 60_000,
        });
        const attempt = new Attempt(store, claim);
        await attempt.tell(attempt.started());
        await begin(store, attempt, 1);
      }
      const head = await store.head();
      await store.reclaim([]);
      await person(store, 'b', 'cancelled');
      assert.deepEqual(
        (await typesSince(store, head)).filter((type) => type.startsWith('agent.')),
        ['agent.ended', 'agent.ended'],
      );
      const ended = await store.events(head, { types: ['agent.ended'] });
      assert.deepEqual(
        ended.map((event) => event.type === 'agent.ended' && [event.task, event.how]),
        [
          ['a', 'crashed'],
          ['b', 'stopped'],
        ],
      );
      const statuses = (await store.agents({ all: true, limit: 9 })).map(({ task, status }) => [
        task,
        status,
      ]);
      assert.deepEqual(statuses.toSorted(), [
        ['a', 'crashed'],
        ['b', 'stopped'],
      ]);
    });

    test('a session in which its CLI cannot go on is forgotten with the step that found out', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const named = (agent: string) =>
        ({
          type: 'agent.session',
          ...a.about,
          step: 1,
          agent,
          provider: 'fake',
          session: `s-${agent}`,
        }) as const;
      await a.tell(a.stepStarted(1), named('coder'), named('reviewer'));
      await a.tell({ ...a.stepFinished(1), outcome: 'context_limit', verdict: 'error' } as AttemptEvent);
      assert.deepEqual(
        (await store.sessions(id('a'))).map(({ session }) => session),
        ['s-reviewer'],
      );
    });

    test('usage is summed up by task, agent, provider, model and time, and from a time on', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      assert.deepEqual(await store.usage({ by: 'task', limit: 9 }), { rows: [], total: NOTHING_USED });
      const a = await Attempt.start(store, 'a');
      await a.tell(a.stepStarted(1), usage(a, 1, { costUsd: 0.5 }), usage(a, 1, { costUsd: 0.25 }));
      const b = await Attempt.start(store, 'b');
      await b.tell({ ...b.stepStarted(1), model: 'large' } as AttemptEvent, usage(b, 1), b.stepStarted(2));
      const by = async (key: Parameters<Store['usage']>[0]['by'], more = {}) =>
        (await store.usage({ by: key, limit: 9, ...more })).rows.map((row) => [
          row.key,
          row.costUsd,
          row.unpricedTokens,
        ]);
      assert.deepEqual(await by('task'), [
        ['a', 0.75, 0],
        ['b', 0, 15],
      ]);
      assert.deepEqual(await by('agent'), [['coder', 0.75, 15]]);
      assert.deepEqual(await by('provider'), [['fake', 0.75, 15]]);
      assert.deepEqual(await by('model'), [
        [undefined, 0.75, 0],
        ['large', 0, 15],
      ]);
      assert.deepEqual(await by('task', { task: id('b') }), [['b', 0, 15]]);
      const [time] = (await store.usage({ by: 'time', limit: 9 })).rows;
      assert.equal(Number(time?.key) % 900_000, 0);
      assert.deepEqual(await by('task', { since: Number(time?.key) + 2 * 900_000 }), []);
      const few = await store.usage({ by: 'task', limit: 1 });
      assert.equal(few.rows.length, 1);
      assert.deepEqual(await by('account'), [['fake', 0.75, 15]]);
      assert.deepEqual(few.total, {
        turns: 2,
        inputTokens: 30,
        outputTokens: 15,
        cachedTokens: 6,
        costUsd: 0.75,
        unpricedTokens: 15,
      });
    });

    test('whatever is used, by a task or for advice, is in every sum, and all sums are what budgets count', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const attempts = [await Attempt.start(store, 'a'), await Attempt.start(store, 'b')];
      for (const attempt of attempts) await attempt.tell(attempt.stepStarted(1));
      const used = fc.record({
        who: fc.nat({ max: 2 }),
        eighths: fc.nat({ max: 9 }),
        name: fc.nat({ max: 1 }),
      });
      let eighths = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(used, { minLength: 1, maxLength: 5 }), async (all) => {
          for (const { who, eighths: more, name } of all) {
            const costUsd = more / 8;
            eighths += more;
            const attempt = attempts[who];
            if (attempt === undefined) await advise(store, costUsd, `adviser-${name}`);
            else await attempt.tell(usage(attempt, 1, { costUsd }));
          }
          const spent = await store.spent();
          assert.equal(spent, eighths / 8);
          for (const by of ['task', 'agent', 'provider', 'account', 'model', 'time'] as const) {
            const { rows, total } = await store.usage({ by, limit: 99 });
            assert.equal(total.costUsd, spent, by);
            assert.equal(
              rows.reduce((sum, row) => sum + row.costUsd, 0),
              spent,
              by,
            );
          }
        }),
        { numRuns: 10 },
      );
    });

    test('advice is summed up by its role, provider and account, under no task', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await advise(store, 0.5, 'adviser');
      await advise(store, 0.25, 'adviser');
      await advise(store, 0, 'adviser', { inputTokens: 0, outputTokens: 0 });
      const by = async (key: Parameters<Store['usage']>[0]['by']) =>
        (await store.usage({ by: key, limit: 9 })).rows.map(({ key: name, turns, costUsd }) => [
          name,
          turns,
          costUsd,
        ]);
      assert.deepEqual(await by('task'), [[undefined, 2, 0.75]]);
      assert.deepEqual(await by('agent'), [['orchestrator', 2, 0.75]]);
      assert.deepEqual(await by('provider'), [['adviser', 2, 0.75]]);
      assert.deepEqual(await by('account'), [['team', 2, 0.75]]);
      assert.deepEqual(await by('model'), [['large', 2, 0.75]]);
    });
  });
}

const ENDED = { at: 9, how: 'finished', answer: 'made', leftOut: 3 } as const;

function said(
  step: number,
  first: number,
  text: string,
  more: Pick<TurnPart, 'began' | 'ended'> = {},
): TurnPart {
  return { step, first, entries: [{ at: 7, type: 'text', text }], ...more };
}

async function begin(store: Store, attempt: Attempt, step: number): Promise<void> {
  const part = said(step, 0, 'hello', { began: { at: 5, prompt: 'Do it' } });
  const outcome = await store.append(attempt.claim, [attempt.stepStarted(step)], [part]);
  assert.equal(outcome.kind, 'recorded');
}

function usage(attempt: Attempt, step: number, more: { costUsd?: number } = {}): AttemptEvent {
  const used = { inputTokens: 10, outputTokens: 5, cachedTokens: 2, costUsd: 0, ...more };
  return {
    type: 'agent.usage',
    ...attempt.about,
    step,
    agent: 'coder',
    provider: 'fake',
    usage: used,
    totals: used,
  };
}

async function advise(
  store: Store,
  costUsd: number,
  provider: string,
  tokens: { readonly inputTokens: number; readonly outputTokens: number } = {
    inputTokens: 3,
    outputTokens: 1,
  },
): Promise<void> {
  await store.consulted({
    event: {
      type: 'agent.consulted',
      ...{ agent: 'orchestrator', provider, account: 'team', model: 'large', questions: ['a/q'] },
      ...{ how: 'finished', reason: '', durationMs: 1 },
      usage: { ...tokens, cachedTokens: 0, costUsd },
    },
    session: undefined,
  });
}
