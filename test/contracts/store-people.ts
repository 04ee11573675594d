import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { objectId } from '../../src/core/ids.ts';
import { NO_TASK } from '../../src/core/tasks/ports.ts';
import {
  Attempt,
  type Databases,
  finish,
  id,
  person,
  planOf,
  projectOf,
  ready,
  SOURCE,
  states,
} from './store-kit.ts';

export function peopleContract(databases: Databases): void {
  describe('people', () => {
    async function asked(t: Parameters<typeof projectOf>[1]) {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      await a.tell(a.stepStarted(1), {
        type: 'agent.session',
        ...a.about,
        step: 1,
        agent: 'coder',
        provider: 'fake',
        session: 's-1',
      });
      await a.tell(a.stepFinished(1), {
        type: 'task.asked',
        ...a.about,
        step: 1,
        questions: [
          { id: 'q1', question: 'Which colour?', options: ['red', 'blue'] },
          { id: 'q2', question: 'How big?' },
        ],
      });
      const answer = (question: string, text: string) =>
        store.command(id('a'), (task) => [
          { type: 'task.answered', task: task.id, question, answer: text, by: 'ann' },
        ]);
      return { store, a, answer };
    }

    test('S2-40 an approval is kept with what it is about', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const approves = { gate: 1, commit: objectId.parse('1'.repeat(40)), changes: 'f1' };
      const asked = { id: 'approve-1', question: 'May it?', kind: 'approval', approves } as const;
      await a.tell({ type: 'task.asked', ...a.about, step: 1, questions: [asked] });
      const [kept] = await store.questions({ open: true });
      assert.deepEqual([kept?.kind, kept?.stage, kept?.approves], ['approval', 'person', approves]);
      const seen: (number | undefined)[] = [];
      const look = (wantsApprovals?: boolean) =>
        store.claim({
          orchestrator: 'orc_1',
          freeSlots: 1,
          leaseMs: 60_000,
          ...(wantsApprovals === undefined ? {} : { wantsApprovals }),
          decide: ({ approvals, ready: tasks }) => {
            seen.push(approvals, ...tasks.map(({ begun }) => Number(begun)));
            return { claims: [], wakeAt: undefined };
          },
        });
      await look(true);
      await look();
      await store.command(id('a'), () => [
        { type: 'task.answered', task: id('a'), question: 'approve-1', answer: 'approve', by: 'ann' },
      ]);
      await look(true);
      assert.deepEqual(seen, [1, 0, undefined, 0, 0, 1, 0]);
    });

    test('a question gives the slot back, and the last answer sends the task on with its session', async (t) => {
      const { store, a, answer } = await asked(t);
      const waiting = await store.task(id('a'));
      assert.deepEqual(
        [waiting?.state, waiting?.owner, waiting?.reason],
        ['waiting_input', undefined, 'Which colour?'],
      );
      assert.equal((await a.try(a.done())).kind, 'lease-lost');
      const open = await store.questions({ open: true });
      assert.deepEqual(
        open.map(({ askedAt, ...question }) => question),
        [
          {
            task: 'a',
            id: 'q1',
            attempt: 1,
            step: 1,
            question: 'Which colour?',
            options: ['red', 'blue'],
            stage: 'person',
            state: 'open',
            answer: undefined,
            answeredAt: undefined,
            answeredBy: undefined,
          },
          {
            task: 'a',
            id: 'q2',
            attempt: 1,
            step: 1,
            question: 'How big?',
            stage: 'person',
            state: 'open',
            answer: undefined,
            answeredAt: undefined,
            answeredBy: undefined,
          },
        ],
      );
      await answer('q1', 'red');
      assert.deepEqual(await ready(store), []);
      await answer('q2', 'huge');
      assert.deepEqual(await ready(store), ['a']);
      assert.deepEqual(await store.questions({ open: true }), []);
      const answered = await store.questions({ task: id('a') });
      assert.deepEqual(
        answered.map((question) => [question.answer, question.answeredBy]),
        [
          ['red', 'ann'],
          ['huge', 'ann'],
        ],
      );
      assert.equal((await store.sessions(id('a')))[0]?.session, 's-1');
      assert.equal((await Attempt.start(store, 'a')).claim.attempt, 2);
    });

    test('an id that an agent uses again is a new question', async (t) => {
      const { store, answer } = await asked(t);
      await answer('q1', 'red');
      await answer('q2', 'huge');
      const again = await Attempt.start(store, 'a');
      await again.tell({
        type: 'task.asked',
        ...again.about,
        step: 2,
        questions: [{ id: 'q1', question: 'Really red?' }],
      });
      await answer('q1', 'yes');
      assert.deepEqual(
        (await store.questions({ task: id('a') })).map((question) => question.answer),
        ['red', 'huge', 'yes'],
      );
      assert.deepEqual(await ready(store), ['a']);
    });

    /** An attempt at work whose agent has asked, and waits. */
    async function asking(t: Parameters<typeof projectOf>[1]) {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const a = await Attempt.start(store, 'a');
      const questions = [{ id: 'q', question: 'Which?' }];
      const asked = { ...a.about, step: 1, questions };
      await a.tell(a.stepStarted(1), { type: 'question.asked', ...asked, stage: 'orchestrator' });
      const close = (type: 'task.answered' | 'question.withdrawn') =>
        store.command(id('a'), (task, found) =>
          found.map((question) =>
            type === 'task.answered'
              ? { type, task: task.id, question: question.id, answer: 'this', by: 'ann' }
              : { type, task: task.id, question: question.id, reason: 'either', by: 'ann' },
          ),
        );
      return { store, a, asked, close };
    }

    test('S2-40 whatever becomes of an attempt, its task waits while a question is open, and goes on then', async (t) => {
      for (const end of ['task.released', 'task.retried', 'reclaim'] as const) {
        for (const type of ['task.answered', 'question.withdrawn'] as const) {
          const { store, a, close } = await asking(t);
          assert.deepEqual(await states(store), { a: 'running' });
          if (end === 'reclaim') await store.deregister('orc_test', 'gone');
          else if (end === 'task.released') await a.tell({ type: end, ...a.about, reason: 'stopped' });
          else {
            const failed = { outcome: 'transient', reason: 'x', retryAt: 0, failures: 1 } as const;
            await a.tell({ type: end, ...a.about, ...failed });
          }
          assert.deepEqual(await states(store), { a: 'waiting_input' }, end);
          assert.equal((await store.task(id('a')))?.reason, 'Which?');
          await close(type);
          assert.deepEqual(await ready(store), ['a'], `${end} ${type}`);
        }
      }
    });

    test('an answer that came before its attempt ended with the question sends the task on at once', async (t) => {
      const { store, a, asked, close } = await asking(t);
      await close('task.answered');
      await a.tell(a.stepFinished(1), { type: 'task.asked', ...asked });
      assert.deepEqual(await ready(store), ['a']);
      assert.deepEqual(
        (await store.questions()).map(({ state, told }) => [state, told]),
        [['answered', undefined]],
      );
    });

    test('what an agent was told is remembered, and asked again it is a new question', async (t) => {
      const { store, a, asked, close } = await asking(t);
      await close('task.answered');
      await a.tell(a.stepFinished(1, ['q', 'other']));
      assert.equal((await store.questions())[0]?.told, 1);
      await a.tell(a.stepStarted(2), { type: 'task.asked', ...asked, step: 2 });
      assert.deepEqual(
        (await store.questions()).map(({ state, told }) => [state, told]),
        [
          ['answered', 1],
          ['open', undefined],
        ],
      );
    });

    test('what the orchestrator agent leaves to a person, and what is withdrawn, keeps the reason', async (t) => {
      const { store, close } = await asking(t);
      await store.command(id('a'), (task) => [
        { type: 'question.escalated', task: task.id, question: 'q', reason: 'it costs money' },
      ]);
      const [left] = await store.questions({ open: true });
      assert.deepEqual([left?.stage, left?.note], ['person', 'it costs money']);
      await close('question.withdrawn');
      const [withdrawn] = await store.questions();
      assert.deepEqual(
        [withdrawn?.state, withdrawn?.note, withdrawn?.answeredBy],
        ['withdrawn', 'either', 'ann'],
      );
    });

    test('a task that is done leaves no question open', async (t) => {
      const { store, a } = await asking(t);
      await a.tell(a.done());
      assert.deepEqual(
        (await store.questions()).map(({ state }) => state),
        ['dropped'],
      );
    });

    test('a turn that belongs to no task is in the log with its cost, and its session is kept', async (t) => {
      const { store } = await asking(t);
      const totals = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, costUsd: 0.5 };
      const event = {
        type: 'agent.consulted',
        agent: 'orchestrator',
        provider: 'fake',
        questions: ['a/q'],
        how: 'finished',
        reason: '',
        usage: totals,
        durationMs: 1,
      } as const;
      const session = { task: NO_TASK, agent: 'orchestrator', provider: 'fake', session: 's', totals };
      await store.consulted({ event, session });
      await store.consulted({ event, session: { ...session, session: 's2' } });
      assert.deepEqual(await store.sessions(NO_TASK), [{ ...session, session: 's2' }]);
      assert.equal(await store.spent(), 1);
      assert.deepEqual(await store.sessions(id('a')), []);
      await store.consulted({ event, session: undefined });
      assert.deepEqual(await store.sessions(NO_TASK), []);
    });

    test('questions of a task that was cancelled are not open any more', async (t) => {
      const { store } = await asked(t);
      await person(store, 'a', 'cancelled');
      assert.deepEqual(await store.questions({ open: true }), []);
      assert.deepEqual(await states(store), { a: 'cancelled', b: 'blocked' });
      await person(store, 'a', 'reset');
      assert.deepEqual(await states(store), { a: 'pending', b: 'pending' });
    });

    test('cancelling a running task takes it from its orchestrator', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      const a = await Attempt.start(store, 'a');
      await person(store, 'a', 'cancelled');
      const task = await store.task(id('a'));
      assert.deepEqual(
        [task?.state, task?.owner, task?.fence, task?.reason],
        ['cancelled', undefined, a.claim.fence + 1, 'cancelled by ann'],
      );
      assert.equal((await store.task(id('b')))?.reason, 'waits for a, which was cancelled');
      assert.deepEqual(await a.try(a.done()), { kind: 'lease-lost', heldFence: a.claim.fence + 1 });
      const { lostTasks } = await store.heartbeat('orc_test', {
        leases: [a.claim],
        names: [],
        leaseMs: 1_000,
      });
      assert.deepEqual(
        lostTasks.map(({ task: lost }) => lost),
        ['a'],
      );
    });

    test('skipping a task lets those behind it run', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {}, b: { needs: ['a'] } }), SOURCE);
      await person(store, 'a', 'skipped');
      assert.deepEqual(await states(store), { a: 'skipped', b: 'pending' });
      assert.equal((await store.task(id('a')))?.reason, 'not needed');
      await finish(store, 'b');
    });

    test('a command sees the task, may refuse, and knows when there is none', async (t) => {
      const { open } = await projectOf(databases, t);
      const store = await open();
      await store.sync(planOf({ a: {} }), SOURCE);
      const head = await store.head();
      const refused = await store.command(id('a'), (task) => ({
        refused: `${task.id} is ${task.state}`,
        advice: 'Wait.',
      }));
      assert.deepEqual(refused, { kind: 'refused', reason: 'a is pending', advice: 'Wait.' });
      assert.deepEqual(await store.command(id('ghost'), () => assert.fail('there is none')), {
        kind: 'unknown-task',
      });
      assert.deepEqual(await store.command(id('a'), () => []), { kind: 'recorded', seq: head });
      assert.equal(await store.head(), head);
    });
  });
}
