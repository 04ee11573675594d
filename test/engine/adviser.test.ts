import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { AgentDesk } from '../../src/core/door/ports.ts';
import { type TaskId, taskId } from '../../src/core/ids.ts';
import { NO_TASK } from '../../src/core/tasks/ports.ts';
import { did, type FakeTurn } from '../support/fake-backend.ts';
import { Desks } from './desks.ts';
import { providerNamed, Rig, type RigOptions, task } from './rig.ts';

const NEVER = new AbortController().signal;
const id = (text: string): TaskId => taskId.parse(text);

/** A rig whose orchestrator agent says `advice`, and whose other agents do `work`. */
async function advised(
  options: Omit<RigOptions, 'agent'> & {
    advice: (turn: FakeTurn) => TurnOutcome | Promise<TurnOutcome>;
    work: (turn: FakeTurn, desk: AgentDesk) => TurnOutcome | Promise<TurnOutcome>;
    waitMs?: number;
  },
): Promise<Rig> {
  const doors = new Desks();
  const { advice, work, waitMs = 60_000, config, ...rest } = options;
  return await Rig.open({
    ...rest,
    doors,
    config: { questions: { orchestrator: true, answerMs: 60_000, waitMs }, ...config },
    agent: (turn) => (turn.role === 'orchestrator' ? advice(turn) : work(turn, doors.of(turn))),
  });
}

function says(answers: unknown): TurnOutcome {
  return { kind: 'success', text: '', result: { status: 'done', summary: '', answers } };
}

function asks(...questions: readonly { id: string; question: string }[]): TurnOutcome {
  return { kind: 'success', text: '', result: { status: 'questions', questions: [...questions] } };
}

const roles = (rig: Rig) => rig.backend.turns.map(({ role, task: of }) => `${role} ${of}`.trim());

test('S3-38 an agent at work asks and is answered by the orchestrator agent, from the whole plan', async () => {
  let answered: string | undefined;
  await using rig = await advised({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    maxAgents: 1,
    advice: ({ prompt, cwd, task: of }) => {
      assert.match(prompt, /## Question b\/q\n\n> Which port\?/);
      assert.match(prompt, /- a \(done\).*made: The port is 4000\.\n- b \(running\)/);
      assert.deepEqual([cwd, of], ['/reading/orchestrator', '']);
      return says([{ id: 'b/q', answer: '4000, as a made it' }]);
    },
    work: async (turn, desk) => {
      if (turn.task === 'a') return did('The port is 4000.');
      const outcome = await desk.ask([{ id: 'q', question: 'Which port?' }], NEVER);
      answered = outcome.answers[0]?.answer;
      return did('made it');
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' }, 'no person was needed, and no second slot');
  assert.equal(answered, '4000, as a made it');
  assert.deepEqual(roles(rig), ['coder a', 'coder b', 'orchestrator']);
  const [question] = await rig.store.questions();
  assert.deepEqual([question?.answeredBy, question?.stage], ['orchestrator', 'orchestrator']);
});

test('questions at the end of a turn are answered at once, and the same session goes on in the same attempt', async () => {
  await using rig = await advised({
    tasks: [task('a')],
    advice: () =>
      says([
        { id: 'a/q1', answer: 'red' },
        { id: 'a/q2', answer: 'big' },
      ]),
    work: (turn) =>
      turn.session === undefined
        ? asks({ id: 'q1', question: 'Which colour?' }, { id: 'q2', question: 'How big?' })
        : did('made it'),
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(
    rig.backend.turns.map(({ role, attempt, session }) => [role, attempt, session]),
    [
      ['coder', 1, undefined],
      ['orchestrator', Number.NaN, undefined],
      ['coder', 1, 's1'],
    ],
  );
  assert.match(
    rig.backend.turns[2]?.prompt ?? '',
    /\*\*Which colour\?\*\*\n\nred\n\n\*\*How big\?\*\*\n\nbig/,
  );
});

test('what the orchestrator agent leaves open goes to a person with its reason, and the slot is free', async () => {
  await using rig = await advised({
    tasks: [task('a'), task('b')],
    maxAgents: 1,
    advice: () =>
      says([
        { id: 'a/q1', answer: 'red' },
        { id: 'a/q2', leave: 'it costs money' },
      ]),
    work: (turn) =>
      turn.task === 'a'
        ? asks({ id: 'q1', question: 'Which colour?' }, { id: 'q2', question: 'May I buy it?' })
        : did('made b'),
  });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.deepEqual(await rig.states(), { a: 'waiting_input', b: 'done' });
  const [open] = await rig.store.questions({ open: true });
  assert.deepEqual([open?.id, open?.stage, open?.note], ['q2', 'person', 'it costs money']);
});

test('without an answer that can be read, a person is asked: a failure, silence, nonsense', async () => {
  const cases: readonly [TurnOutcome, RegExp][] = [
    [says('nothing'), /cannot be read/],
    [says([{ id: 'other/q', answer: 'x' }]), /said nothing about this question/],
    [says([{ id: 'a/q', answer: '' }]), /cannot be read/],
    [{ kind: 'success', text: 'words' }, /cannot be read/],
    [{ kind: 'success', text: '', result: { status: 'error', reason: 'I cannot' } }, /I cannot/],
    [{ kind: 'permanent', cause: 'config', reason: 'no such model' }, /no such model/],
    [{ kind: 'stalled', limit: 'totalMs', reason: 'took too long' }, /took too long/],
  ];
  for (const [outcome, reason] of cases) {
    await using rig = await advised({
      tasks: [task('a')],
      advice: () => outcome,
      work: () => asks({ id: 'q', question: 'Which?' }),
    });
    assert.deepEqual(await rig.run(), { kind: 'waiting' });
    const [open] = await rig.store.questions({ open: true });
    assert.equal(open?.stage, 'person');
    assert.match(open?.note ?? '', reason);
    assert.equal(roles(rig).filter((role) => role === 'orchestrator').length, 1, 'it is asked once');
  }
});

test('an account that takes no work sends the question straight to a person', async () => {
  await using rig = await advised({
    tasks: [task('a')],
    providers: [providerNamed('fake')],
    advice: () => says([]),
    work: async (turn) => {
      await rig.store.changeAccount('fake', (before) => ({
        standing: { ...before, cause: 'auth', until: Date.now() + 60_000, reason: 'log in again' },
        events: [],
      }));
      await rig.accountsRead();
      return turn.session === undefined ? asks({ id: 'q', question: 'Which?' }) : did('made it');
    },
  });
  await rig.run();
  const [open] = await rig.store.questions({ open: true });
  assert.deepEqual([open?.stage, open?.note], ['person', 'fake takes no work: log in again']);
  assert.deepEqual(roles(rig), ['coder a']);
});

test('its conversation goes on from question to question, also in the next run, and begins anew when it is full', async () => {
  let full = false;
  await using rig = await advised({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    costUsd: 0.5,
    advice: (turn) => {
      if (full && turn.session !== undefined) return { kind: 'context_limit', reason: 'full' };
      return says([
        { id: 'a/q', answer: 'this' },
        { id: 'b/q', answer: 'that' },
      ]);
    },
    work: (turn) => {
      if (turn.session !== undefined) return did('made it');
      full = turn.task === 'b';
      return asks({ id: 'q', question: 'Which?' });
    },
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const sessions = rig.backend.turns
    .filter(({ role }) => role === 'orchestrator')
    .map(({ session }) => session);
  assert.deepEqual(sessions, [undefined, 's2', undefined]);
  const [kept] = await rig.store.sessions(NO_TASK);
  assert.deepEqual([kept?.agent, kept?.session], ['orchestrator', 's4']);
  assert.equal(await rig.store.spent(), 0.5 * rig.backend.turns.length, 'what it costs is spent money');
});

test('a spent budget asks a person instead', async () => {
  await using rig = await advised({
    tasks: [task('a')],
    costUsd: 1,
    config: { budget: { runUsd: 1 } },
    advice: () => says([{ id: 'a/q', answer: 'this' }]),
    work: () => asks({ id: 'q', question: 'Which?' }),
  });
  await rig.run();
  const [open] = await rig.store.questions({ open: true });
  assert.deepEqual([open?.stage, open?.note], ['person', 'the budget is spent']);
});

test('a person who is quicker stops it, and its answer is not needed', async () => {
  await using rig = await advised({
    tasks: [task('a')],
    advice: async (turn) => {
      await rig.store.command(id('a'), () => [
        { type: 'task.answered', task: id('a'), question: 'q', answer: 'mine', by: 'person' },
      ]);
      if (!turn.signal.aborted)
        await new Promise((resolve) => turn.signal.addEventListener('abort', resolve));
      return { kind: 'killed', byUs: true, reason: '' };
    },
    work: (turn) => (turn.session === undefined ? asks({ id: 'q', question: 'Which?' }) : did('made it')),
  });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  const [question] = await rig.store.questions();
  assert.deepEqual([question?.answer, question?.answeredBy], ['mine', 'person']);
});

test('a question that was open when the orchestrator died is answered by the next one, once', async () => {
  let dead = true;
  const reached = Promise.withResolvers<void>();
  await using rig = await advised({
    tasks: [task('a')],
    waitMs: 0,
    advice: async () => {
      if (!dead) return says([{ id: 'a/q', answer: 'this' }]);
      reached.resolve();
      return await new Promise<TurnOutcome>(() => {});
    },
    work: (turn) => (turn.attempt === 1 ? asks({ id: 'q', question: 'Which?' }) : did('made it')),
  });
  const lost = await rig.doomed();
  await reached.promise;
  dead = false;
  await rig.store.reclaim([lost]);
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(
    (await rig.store.questions()).map(({ answer, told }) => [answer, told]),
    [['this', 2]],
  );
});

test('messages to the orchestrator agent are in its next turn, once', async () => {
  const prompts: string[] = [];
  await using rig = await advised({
    tasks: [task('a'), task('b', { needs: ['a'] })],
    advice: ({ prompt }) => {
      prompts.push(prompt);
      return says([
        { id: 'a/q', answer: 'this' },
        { id: 'b/q', answer: 'that' },
      ]);
    },
    work: (turn) => (turn.session === undefined ? asks({ id: 'q', question: 'Which?' }) : did('made it')),
  });
  await rig.store.send({ id: 'm1', from: 'person', to: 'orchestrator', text: 'Prefer boring.' });
  assert.deepEqual(await rig.run(), { kind: 'finished' });
  assert.deepEqual(
    prompts.map((prompt) => prompt.includes('> Prefer boring.')),
    [true, false],
  );
});

test('an agent that is answered again and again is at last left to a person', async () => {
  await using rig = await advised({
    tasks: [task('a')],
    advice: ({ prompt }) => {
      const name = /## Question (\S+)/.exec(prompt)?.[1];
      return says([{ id: name, answer: 'this' }]);
    },
    work: () => asks({ id: 'q', question: 'And now?' }),
  });
  assert.deepEqual(await rig.run(), { kind: 'waiting' });
  assert.equal(roles(rig).filter((role) => role === 'orchestrator').length, 30);
});
