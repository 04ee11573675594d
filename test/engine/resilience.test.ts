import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TurnOutcome } from '../../src/core/agents/outcome.ts';
import type { RunEnd } from '../../src/core/dispatch/orchestrator.ts';
import { did, type FakeTurn } from '../support/fake-backend.ts';
import { providerNamed, Rig, type RigOptions, task } from './rig.ts';

/** Pauses that a test can wait for. */
const QUICK = { failures: 3, pauseMs: 20, maxPauseMs: 40 };
const down: TurnOutcome = { kind: 'transient', reason: '529 overloaded' };

/** An agent whose first turns end as given, and all others well. */
function first(...outcomes: readonly TurnOutcome[]): () => TurnOutcome {
  let turns = 0;
  return () => outcomes[turns++] ?? did('made');
}

async function withRig(options: RigOptions, work: (rig: Rig, end: RunEnd) => Promise<void>): Promise<void> {
  await using rig = await Rig.open(options);
  await work(rig, await rig.run());
}

function accountsHeld(end: RunEnd): readonly (readonly [string, string | undefined])[] {
  const holds = end.kind === 'waiting' ? (end.holds ?? []) : [];
  return holds.flatMap((hold) =>
    hold.kind === 'account' ? [[hold.standing.account, hold.standing.cause] as const] : [],
  );
}

const passing: readonly (readonly [string, TurnOutcome, number])[] = [
  ['transient', down, 1],
  ['stalled', { kind: 'stalled', reason: 'silent', limit: 'silenceMs' }, 1],
  ['killed from outside', { kind: 'killed', reason: 'SIGKILL', byUs: false }, 1],
  ['context-limit', { kind: 'context_limit', reason: 'too long' }, 1],
  ['rate-limited-until', { kind: 'rate_limited', reason: '429', until: 0 }, 0],
  ['rate-limited without a time', { kind: 'rate_limited', reason: '429' }, 0],
];

for (const [name, outcome, failures] of passing) {
  test(`S3-56 a turn that ends as ${name} is followed by one that succeeds, without anybody's help`, async () => {
    const options = { tasks: [task('a')], agent: first(outcome), config: { breaker: QUICK } };
    await withRig(options, async (rig, end) => {
      assert.equal(end.kind, 'finished');
      const done = await rig.store.task(task('a').id);
      assert.deepEqual([done?.state, done?.failures], ['done', failures]);
      assert.deepEqual(await rig.store.accounts(), []);
    });
  });
}

const hopeless: readonly TurnOutcome[] = [
  { kind: 'permanent', cause: 'request', reason: 'Bad request' },
  { kind: 'permanent', cause: 'config', reason: 'No such model' },
  { kind: 'permanent', cause: 'missing_cli', reason: 'Not installed' },
  { kind: 'budget', reason: 'Too many turns' },
];

for (const outcome of hopeless) {
  const name = outcome.kind === 'permanent' ? `permanent (${outcome.cause})` : outcome.kind;
  test(`S3-57 a turn that ends as ${name} fails its task at once, and only that`, async () => {
    const agent = (turn: FakeTurn) => (turn.task === 'bad' ? outcome : did('made'));
    const options = { tasks: [task('bad'), task('other')], agent };
    await withRig(options, async (rig) => {
      assert.deepEqual(await rig.states(), { bad: 'failed', other: 'done' });
      assert.equal(rig.backend.turns.filter((turn) => turn.task === 'bad').length, 1);
      assert.deepEqual(await rig.store.accounts(), []);
    });
  });
}

test('S3-57 a failure that nobody knows is tried once more, and then it is permanent', async () => {
  const agent = (): TurnOutcome => ({ kind: 'transient', reason: 'gremlin 4711', recognised: false });
  await withRig({ tasks: [task('a', { maxAttempts: 9 })], agent }, async (rig) => {
    assert.deepEqual(await rig.states(), { a: 'failed' });
    assert.equal(rig.backend.turns.length, 2);
  });
});

for (const refusal of [
  { kind: 'auth', reason: 'Not logged in' },
  { kind: 'permanent', cause: 'billing', reason: 'Credit balance is too low' },
] as const satisfies readonly TurnOutcome[]) {
  test(`S3-57 after one ${refusal.kind === 'auth' ? 'refused credential' : 'billing stop'} no other task is tried, and the run waits for a person`, async () => {
    const tasks = ['a', 'b', 'c'].map((name) => task(name));
    await withRig({ tasks, agent: () => refusal, maxAgents: 1 }, async (rig, end) => {
      assert.deepEqual(accountsHeld(end), [['fake', refusal.kind === 'auth' ? 'auth' : 'billing']]);
      assert.equal(rig.backend.turns.length, 1);
      assert.deepEqual(await rig.states(), { a: 'pending', b: 'pending', c: 'pending' });
      assert.equal((await rig.store.task(task('a').id))?.failures, 0);
    });
  });
}

test('S3-58 S3-59 an account that keeps failing is cut off, tried again after each pause, and comes back', async () => {
  const options: RigOptions = {
    tasks: [task('a', { maxAttempts: 4 }), task('b')],
    agent: first(down, down, down, down, down, down),
    config: { breaker: QUICK },
    maxAgents: 1,
  };
  await withRig(options, async (rig, end) => {
    assert.equal(end.kind, 'finished');
    assert.deepEqual(await rig.states(), { a: 'done', b: 'done' });
    const opened = await rig.events('provider.opened');
    assert.deepEqual(
      opened.map((event) => event.type === 'provider.opened' && event.failures),
      [3, 4, 5, 6],
    );
    assert.equal((await rig.events('provider.closed')).length, 1);
    // The trials found the service down: that is not charged to the task.
    assert.equal((await rig.store.task(task('a').id))?.failures, 3);
  });
});

test('S3-58 S3-61 while one provider is cut off, another does its tasks, going on from what was done', async () => {
  const providers = [providerNamed('claude'), providerNamed('codex')];
  const agent = ({ provider }: FakeTurn) => (provider === 'claude' ? down : did('made'));
  const tasks = [task('a', { maxAttempts: 9 })];
  const config = { breaker: { failures: 2, pauseMs: 3_600_000, maxPauseMs: 3_600_000 } };
  await withRig({ tasks, agent, providers, config }, async (rig, end) => {
    assert.equal(end.kind, 'finished');
    assert.deepEqual(await rig.states(), { a: 'done' });
    assert.deepEqual(
      rig.backend.turns.map(({ provider, session }) => [provider, session]),
      [
        ['claude', undefined],
        ['claude', 's1'],
        ['codex', undefined],
      ],
    );
    assert.match(rig.backend.turns[2]?.prompt ?? '', /Your work so far is in this directory/);
    const steps = await rig.store.steps(task('a').id);
    assert.deepEqual(
      steps.map(({ provider }) => provider),
      ['claude', 'claude', 'codex'],
    );
  });
});

test('S3-60 a limit sends the task to the fallback at once, and it is charged nothing', async () => {
  const providers = [providerNamed('claude'), providerNamed('codex')];
  const limited: TurnOutcome = { kind: 'rate_limited', reason: '429', until: Date.now() + 3_600_000 };
  const agent = ({ provider }: FakeTurn) => (provider === 'claude' ? limited : did('made'));
  await withRig({ tasks: [task('a'), task('b')], agent, providers, maxAgents: 1 }, async (rig) => {
    assert.deepEqual(
      rig.backend.turns.map(({ task: name, provider }) => [name, provider]),
      [
        ['a', 'claude'],
        ['a', 'codex'],
        ['b', 'codex'],
      ],
    );
    assert.equal((await rig.store.task(task('a').id))?.failures, 0);
    assert.equal((await rig.events('provider.limited')).length, 1);
  });
});

test('providers of one account are parked together', async () => {
  const providers = [providerNamed('claude', 'team'), providerNamed('claude-fast', 'team')];
  const agent = (): TurnOutcome => ({ kind: 'auth', reason: 'Not logged in' });
  await withRig({ tasks: [task('a')], agent, providers }, async (rig, end) => {
    assert.deepEqual(accountsHeld(end), [['team', 'auth']]);
    assert.equal(rig.backend.turns.length, 1);
  });
});

test('S3-60 after a limit one task comes back first, and the others when it has worked', async () => {
  const tasks = ['a', 'b', 'c', 'd'].map((name) => task(name));
  const gate = Promise.withResolvers<void>();
  let turns = 0;
  const after: string[] = [];
  const agent = async ({ task: name }: FakeTurn): Promise<TurnOutcome> => {
    turns += 1;
    if (turns <= 4) {
      if (turns === 4) gate.resolve();
      await gate.promise;
      return { kind: 'rate_limited', reason: '429', until: Date.now() + 30 };
    }
    after.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    after.push(`${name} ends`);
    return did('made');
  };
  await withRig({ tasks, agent }, async (rig) => {
    assert.deepEqual(Object.values(await rig.states()), ['done', 'done', 'done', 'done']);
    const [begins, ends] = after;
    assert.equal(ends, begins?.replace('begins', 'ends'));
    assert.deepEqual(await rig.store.accounts(), []);
  });
});

test('a task whose account was cut off after it was claimed is given back uncharged, and no agent starts', async () => {
  const rigs: Rig[] = [];
  const onOpen = async () => {
    const [rig] = rigs;
    await rig?.store.changeAccount('fake', (before, { now }) => ({
      standing: { ...before, cause: 'auth', failures: 1, until: now + 3_600_000, reason: 'logged out' },
      events: [],
    }));
    await rig?.accountsRead();
  };
  await using rig = await Rig.open({
    tasks: [task('a')],
    agent: () => did('made'),
    repo: { onOpen },
  });
  rigs.push(rig);
  const end = await rig.run();
  assert.deepEqual(accountsHeld(end), [['fake', 'auth']]);
  assert.equal(rig.backend.turns.length, 0);
  const [released] = await rig.events('task.released');
  assert.equal(released?.type === 'task.released' && released.reason, 'fake takes no work: logged out');
  assert.equal((await rig.store.task(task('a').id))?.failures, 0);
});

test('a task that has spent its budget starts no further step, and says how to go on', async () => {
  const { agent: _, ...plain } = task('a', { workflow: 'standard', budget: { usd: 1.5 } });
  await withRig({ tasks: [plain], agent: () => did('made'), costUsd: 1 }, async (rig) => {
    const failed = await rig.store.task(plain.id);
    assert.deepEqual([failed?.state, rig.backend.turns.length], ['failed', 2]);
    assert.match(failed?.reason ?? '', /budget of \$1\.50 is spent \(\$2\.00\): raise budget\.usd/);
    assert.deepEqual(
      rig.backend.turns.map(({ budgetUsd }) => budgetUsd),
      [1.5, 0.5],
    );
  });
});

for (const scope of ['run', 'day'] as const) {
  test(`once the budget of the ${scope} is spent nothing more is started, and what runs may finish`, async () => {
    const budget = scope === 'run' ? { runUsd: 2 } : { dayUsd: 2 };
    const tasks = ['a', 'b', 'c', 'd'].map((name) => task(name));
    await withRig(
      { tasks, agent: () => did('made'), costUsd: 1, maxAgents: 1, config: { budget } },
      async (rig, end) => {
        assert.deepEqual(Object.values(await rig.states()), ['done', 'done', 'pending', 'pending']);
        assert.deepEqual(end, {
          kind: 'waiting',
          holds: [{ kind: 'budget', budget: { scope, limitUsd: 2, spentUsd: 2 } }],
        });
        const reached = await rig.events('budget.reached');
        assert.equal(reached.length, 1);
        // A new run has the money of a run again, and the same day.
        await rig.run();
        assert.equal(rig.backend.turns.length, scope === 'run' ? 4 : 2);
      },
    );
  });
}
