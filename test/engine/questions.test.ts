import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { AgentDesk, AskOutcome } from '../../src/core/door/ports.ts';
import { type TaskId, taskId } from '../../src/core/ids.ts';
import { did, type FakeTurn } from '../support/fake-backend.ts';
import { Desks } from './desks.ts';
import { Rig, type RigOptions, task } from './rig.ts';

const NEVER = new AbortController().signal;
const id = (text: string): TaskId => taskId.parse(text);

/** A rig in which only a person answers. */
async function rigOf(
  options: Omit<RigOptions, 'agent'> & {
    agent: (turn: FakeTurn, desk: AgentDesk) => TurnOutcome | Promise<TurnOutcome>;
    waitMs?: number;
  },
): Promise<Rig> {
  const doors = new Desks();
  return await Rig.open({
    ...options,
    doors,
    config: { questions: { orchestrator: false, answerMs: 60_000, waitMs: options.waitMs ?? 60_000 } },
    agent: (turn) => options.agent(turn, doors.of(turn)),
  });
}

function ended(questions: readonly { id: string; question: string }[]): TurnOutcome {
  return { kind: 'success', text: '', result: { status: 'questions', questions: [...questions] } };
}

async function answer(rig: Rig, of: string, question: string, text: string): Promise<void> {
  await rig.store.command(id(of), () => [
    { type: 'task.answered', task: id(of), question, answer: text, by: 'person' },
  ]);
}

/** Resolves when so many questions are open. */
async function open(rig: Rig, number: number): Promise<readonly string[]> {
  const { promise, resolve } = Promise.withResolvers<readonly string[]>();
  const look = async () => {
    const questions = await rig.store.questions({ open: true });
    if (questions.length === number) resolve(questions.map((each) => each.id));
  };
  const stop = rig.store.onChange(() => void look());
  await look();
  const found = await promise;
  stop();
  return found;
}

test('S2-40 an agent at work asks several questions at once, waits, and goes on with the answers', async () => {
  const heard: AskOutcome[] = [];
  await using rig = await rigOf({
    tasks: [task('a')],
    agent: async (_turn, desk) => {
      heard.push(
        await desk.ask(
          [
            { id: 'q1', question: 'Which ids?', options: ['uuid', 'number'] },
            { id: 'q2', question: 'Which port?' },
          ],
          NEVER,
        ),
      );
      return did('made it');
    },
  });
  const run = rig.run();
  assert.deepEqual(await open(rig, 2), ['q1', 'q2']);
  assert.deepEqual(await rig.states(), { a: 'running' }, 'it keeps its attempt');
  await answer(rig, 'a', 'q1', 'uuid');
  await answer(rig, 'a', 'q2', '4000');
  assert.deepEqual(await run, { kind: 'finished' });
  assert.deepEqual(heard, [
    {
      kind: 'answered',
      answers: [
        { id: 'q1', question: 'Which ids?', answer: 'uuid', by: 'person' },
        { id: 'q2', question: 'Which port?', answer: '4000', by: 'person' },
      ],
    },
  ]);
  assert.equal(rig.backend.turns.length, 1);
  assert.deepEqual(
    (await rig.store.questions({})).map(({ told }) => told),
    [1, 1],
  );
});

test('S3-39 while one agent waits for an answer, others begin and finish', async () => {
  await using rig = await rigOf({
    tasks: [task('a'), task('b'), task('c', { needs: ['b'] })],
    maxAgents: 2,
    agent: async (turn, desk) => {
      if (turn.task === 'a') await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
      return did(turn.task);
    },
  });
  const run = rig.run();
  const both = async () => {
    const states = await rig.states();
    return states['b'] === 'done' && states['c'] === 'done' && states['a'] === 'running';
  };
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = rig.store.onChange(() => void both().then((are) => are && resolve()));
  await promise;
  stop();
  await answer(rig, 'a', 'q', 'this');
  assert.deepEqual(await run, { kind: 'finished' });
});

test('S2-42 an answer that takes longer than the slot is kept begins the next turn of the same session', async () => {
  await using rig = await rigOf({
    tasks: [task('a')],
    waitMs: 0,
    agent: async (turn, desk) => {
      if (turn.attempt > 1) return did('made it');
      const outcome = await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
      assert.deepEqual(outcome, { kind: 'later', waiting: ['q'], answers: [] });
      // It ends its turn; what it calls that end does not matter.
      return did('waiting for the answer');
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(await rig.states(), { a: 'waiting_input' });
  assert.equal((await rig.store.questions({ open: true })).length, 1, 'it is asked once');
  await answer(rig, 'a', 'q', 'this one');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const [first, second] = rig.backend.turns;
  assert.equal(second?.session, 's1');
  assert.equal(first?.session, undefined);
  assert.match(
    second?.prompt ?? '',
    /your questions are answered\n\n## Answers\n\n\*\*Which\?\*\*\n\nthis one/,
  );
});

test('an answer that comes between being told to wait and the end of the turn is told at once', async () => {
  await using rig = await rigOf({
    tasks: [task('a')],
    waitMs: 0,
    agent: async (turn, desk) => {
      if (turn.session !== undefined) return did('made it');
      await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
      await answer(rig, 'a', 'q', 'this one');
      return ended([{ id: 'q', question: 'Which?' }]);
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(
    rig.backend.turns.map(({ attempt, session }) => [attempt, session]),
    [
      [1, undefined],
      [1, 's1'],
    ],
  );
  assert.match(rig.backend.turns[1]?.prompt ?? '', /this one/);
  assert.equal((await rig.store.questions()).length, 1);
});

test('a withdrawn question lets its agent go on by its own judgement', async () => {
  const withdraw = (rig: Rig, question: string) =>
    rig.store.command(id('a'), () => [
      { type: 'question.withdrawn', task: id('a'), question, by: 'person', reason: 'nobody knows' },
    ]);
  await using rig = await rigOf({
    tasks: [task('a')],
    waitMs: 0,
    agent: async (turn, desk) => {
      if (turn.attempt === 1) {
        await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
        return ended([{ id: 'q', question: 'Which?' }]);
      }
      return did('made it');
    },
  });
  await rig.run();
  await withdraw(rig, 'q');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.match(
    rig.backend.turns[1]?.prompt ?? '',
    /\*\*Which\?\*\*\n\nNobody will answer this \(nobody knows\)\. Decide it yourself/,
  );
});

test('an attempt that is stopped while it waits leaves the task waiting, and nothing is asked again', async () => {
  const control = new AbortController();
  await using rig = await rigOf({
    tasks: [task('a')],
    agent: async (turn, desk) => {
      if (turn.session !== undefined) {
        // One that was cut off asks again what it does not know the answer of: that is no second question.
        const again = await desk.ask([{ id: 'other', question: 'Which?' }], NEVER);
        assert.equal(again.answers[0]?.answer, 'this one');
        return did('made it');
      }
      const asked = desk.ask([{ id: 'q', question: 'Which?' }], turn.signal);
      await open(rig, 1);
      control.abort();
      await asked;
      return { kind: 'killed', byUs: true, reason: '' };
    },
  });
  assert.deepEqual(await rig.run(control.signal), { kind: 'stopped' });
  assert.deepEqual(await rig.states(), { a: 'waiting_input' });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  await answer(rig, 'a', 'q', 'this one');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.equal((await rig.store.questions()).length, 1);
  assert.match(rig.backend.turns[1]?.prompt ?? '', /this one/);
});

test('a question of an orchestrator that died keeps its task waiting until it is answered', async () => {
  let dead = true;
  await using rig = await rigOf({
    tasks: [task('a')],
    agent: async (turn, desk) => {
      if (!dead) return did(turn.prompt.includes('this one') ? 'knows' : 'does not know');
      await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
      return did('too late');
    },
  });
  const lost = await rig.doomed();
  await open(rig, 1);
  dead = false;
  await rig.store.reclaim([lost]);
  assert.deepEqual(await rig.states(), { a: 'waiting_input' });
  await answer(rig, 'a', 'q', 'this one');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.equal((await rig.store.task(id('a')))?.summary, 'knows');
});

test('what an agent did not wait for is asked of nobody any more', async () => {
  await using rig = await rigOf({
    tasks: [task('a')],
    agent: async (_turn, desk) => {
      const cut = new AbortController();
      const asked = desk.ask([{ id: 'q', question: 'Which?' }], cut.signal);
      await open(rig, 1);
      cut.abort();
      assert.equal((await asked).kind, 'later');
      return did('made it anyway');
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const [question] = await rig.store.questions();
  assert.deepEqual([question?.state, question?.answeredBy], ['withdrawn', 'agent']);
});

test('an agent that was told to end its turn and does not is stopped, and goes on with the answer', async () => {
  await using rig = await rigOf({
    tasks: [task('a')],
    waitMs: 0,
    clock: {
      now: () => Date.now(),
      steady: () => performance.now(),
      // The moment to tidy up passes at once; everything else never comes.
      sleep: (ms, signal) =>
        ms === 30_000
          ? Promise.resolve()
          : new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
    },
    agent: async (turn, desk) => {
      if (turn.session !== undefined) return did('made it');
      await desk.ask([{ id: 'q', question: 'Which?' }], NEVER);
      if (!turn.signal.aborted) await once(turn.signal, 'abort');
      return { kind: 'killed', byUs: true, reason: 'stopped' };
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  await answer(rig, 'a', 'q', 'this one');
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.match(rig.backend.turns[1]?.prompt ?? '', /this one/);
});

test('S2-41 a message waits for the next turn of its task, or is read by an agent at work, once', async () => {
  await using rig = await rigOf({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    agent: async (turn, desk) => {
      if (turn.task === 'a') {
        await desk.send({ to: 'b', text: 'The port is 4000.' });
        await desk.send({ to: 'everyone', text: 'Use tabs.' });
        return did('told them');
      }
      const before = await rig.store.send({
        id: 'm9',
        from: 'person',
        to: 'task:b',
        text: 'Hurry up.',
        file: 'a.ts',
        line: 3,
      });
      assert.ok(typeof before === 'object');
      assert.deepEqual(
        (await desk.messages()).map(({ from, text, file, line }) => [from, text, file, line]),
        [['person', 'Hurry up.', 'a.ts', 3]],
      );
      assert.deepEqual(await desk.messages(), []);
      return did('read them');
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.match(
    rig.backend.turns[1]?.prompt ?? '',
    /## Messages\n\n\*\*From task:a\*\* \(msg_\w+\)\n\nThe port is 4000\.\n\n\*\*From task:a\*\* \(msg_\w+\)\n\nUse tabs\./,
  );
  assert.deepEqual(await rig.store.messages({ unreadBy: 'task:b' }), []);
});
