import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { TaskId } from '../ids.ts';
import { type AccountStanding, healthy } from '../resilience/breaker.ts';
import type { Plan, Roadmap, TaskDefinition } from '../roadmap/model.ts';
import { buildPlan } from '../roadmap/plan.ts';
import type { DispatchSnapshot } from '../tasks/ports.ts';
import { type ActiveTask, type Dispatch, decide, type ReadyTask } from './decide.ts';
import { locksOverlap } from './file-locks.ts';

const id = (text: string) => text as TaskId;

function ready(name: string, more: Partial<ReadyTask> = {}): ReadyTask {
  return {
    id: id(name),
    priority: 50,
    chain: 1,
    order: 0,
    files: [],
    notBefore: undefined,
    agent: undefined,
    workflow: undefined,
    role: undefined,
    begun: false,
    ...more,
  };
}

function snapshot(more: Partial<DispatchSnapshot>): DispatchSnapshot {
  return { now: 1_000, ready: [], active: [], freeSlots: 10, accounts: {}, ...more };
}

/** Accounts that are closed to work for a cause until a time. */
function closed(
  untils: Readonly<Record<string, number>>,
  more: Partial<AccountStanding> = {},
): Record<string, AccountStanding> {
  return Object.fromEntries(
    Object.entries(untils).map(([account, until]) => [
      account,
      { ...healthy(account), cause: 'limited', until, reason: 'no more', ...more },
    ]),
  );
}

const anyProvider = { accountsOf: () => [] };
const byAgent = { accountsOf: (task: ReadyTask) => (task.agent === undefined ? [] : task.agent.split(' ')) };

/** The claims of a decision and when to look again. */
function brief({ claims, wakeAt }: Dispatch): Pick<Dispatch, 'claims' | 'wakeAt'> {
  return { claims, wakeAt };
}

test('S2-39 tasks start by priority, then by the longest chain behind them, then in roadmap order', () => {
  const tasks = [
    ready('late', { order: 9 }),
    ready('early', { order: 1 }),
    ready('long', { order: 5, chain: 7 }),
    ready('urgent', { order: 8, priority: 100 }),
  ];
  assert.deepEqual(decide(snapshot({ ready: tasks }), anyProvider).claims, [
    'urgent',
    'long',
    'early',
    'late',
  ]);
  assert.deepEqual(decide(snapshot({ ready: tasks, freeSlots: 2 }), anyProvider).claims, ['urgent', 'long']);
});

test('S3-33 no more tasks start than there are free slots, nor than the limit over all orchestrators', () => {
  const tasks = [ready('a'), ready('b'), ready('c')];
  const active = [{ id: id('x'), files: [] }];
  assert.deepEqual(decide(snapshot({ ready: tasks, freeSlots: 0 }), anyProvider).claims, []);
  assert.deepEqual(decide(snapshot({ ready: tasks, freeSlots: -1 }), anyProvider).claims, []);
  assert.deepEqual(decide(snapshot({ ready: tasks, active }), { ...anyProvider, maxAgents: 2 }).claims, [
    'a',
  ]);
  assert.deepEqual(decide(snapshot({ ready: tasks, active }), { ...anyProvider, maxAgents: 1 }).claims, []);
});

test('S3-25 a task whose files are taken waits, and the next one starts in its place', () => {
  const tasks = [
    ready('a', { files: ['src/**'] }),
    ready('b', { files: ['docs'] }),
    ready('c', { files: ['docs/x.md'] }),
  ];
  const active: ActiveTask[] = [{ id: id('x'), files: ['src/cart.ts'] }];
  assert.deepEqual(brief(decide(snapshot({ ready: tasks, active }), anyProvider)), {
    claims: ['b'],
    wakeAt: undefined,
  });
});

test('a task whose time has not come waits until then', () => {
  const tasks = [
    ready('a', { notBefore: 5_000 }),
    ready('b', { notBefore: 3_000 }),
    ready('c', { notBefore: 1_000 }),
  ];
  assert.deepEqual(brief(decide(snapshot({ ready: tasks }), anyProvider)), { claims: ['c'], wakeAt: 3_000 });
});

test('S3-60 an account at its limit takes no work until its time, and others go on', () => {
  const tasks = [ready('a', { agent: 'claude', priority: 100 }), ready('b', { agent: 'codex' })];
  const accounts = closed({ claude: 9_000 });
  assert.deepEqual(brief(decide(snapshot({ ready: tasks, accounts }), byAgent)), {
    claims: ['b'],
    wakeAt: 9_000,
  });
});

test('a task is possible only when both its time and its account allow it', () => {
  const tasks = [ready('a', { agent: 'claude', notBefore: 4_000 })];
  const wakeAt = (until: number) =>
    decide(snapshot({ ready: tasks, accounts: closed({ claude: until }) }), byAgent).wakeAt;
  assert.equal(wakeAt(9_000), 9_000);
  assert.equal(wakeAt(2_000), 4_000);
});

test('S3-59 S3-60 when its pause is over one task tries the account, and the others wait for how that ends', () => {
  const ready3 = ['a', 'b', 'c'].map((name) => ready(name, { agent: 'claude' }));
  const accounts = closed({ claude: 900 });
  assert.deepEqual(decide(snapshot({ ready: ready3, accounts }), byAgent), {
    claims: ['a'],
    wakeAt: undefined,
    trials: [{ task: 'a', account: 'claude' }],
    held: {},
    unreviewed: [],
  });
  const tried = closed({ claude: 900 }, { trial: id('a') });
  const active = [{ id: id('a'), files: [] }];
  assert.deepEqual(decide(snapshot({ ready: ready3.slice(1), accounts: tried, active }), byAgent).claims, []);
  // Whoever tried it is gone and said nothing.
  assert.deepEqual(decide(snapshot({ ready: ready3.slice(1), accounts: tried }), byAgent).claims, ['b']);
});

test('S3-58 a task runs on the first of its fallbacks that takes work', () => {
  const tasks = [ready('a', { agent: 'claude codex goose' }), ready('b', { agent: 'claude codex' })];
  const accounts = closed({ claude: 9_000, codex: 5_000 });
  assert.deepEqual(decide(snapshot({ ready: tasks, accounts }), byAgent), {
    claims: ['a'],
    wakeAt: 5_000,
    trials: [],
    held: {},
    unreviewed: [],
  });
});

test('S3-57 tasks that only a person can let go on are held, and nobody wakes for them', () => {
  const tasks = [ready('a', { agent: 'claude' }), ready('b', { agent: 'claude codex' }), ready('c')];
  const accounts = {
    ...closed({ claude: 9_000 }, { cause: 'auth' }),
    ...closed({ codex: 5_000 }, { cause: 'failing' }),
  };
  assert.deepEqual(decide(snapshot({ ready: tasks, accounts }), byAgent), {
    claims: ['c'],
    wakeAt: 5_000,
    trials: [],
    held: { claude: ['a'] },
    unreviewed: [],
  });
});

test('an account that failed and is not cut off takes work', () => {
  const accounts = { claude: { ...healthy('claude'), failures: 3 } };
  const tasks = [ready('a', { agent: 'claude' }), ready('b', { agent: 'claude' })];
  assert.deepEqual(decide(snapshot({ ready: tasks, accounts }), byAgent).claims, ['a', 'b']);
});

test('an account named like a property of every object takes work', () => {
  assert.deepEqual(decide(snapshot({ ready: [ready('a', { agent: 'constructor' })] }), byAgent).claims, [
    'a',
  ]);
});

const files = fc.array(fc.constantFrom('a', 'b/**', 'b/c', '*.md', 'x.md', 'd/'), { maxLength: 2 });
const snapshots = fc
  .record({
    ready: fc.array(
      fc.record({
        priority: fc.constantFrom(25, 50, 100),
        chain: fc.nat(5),
        files,
        notBefore: fc.constantFrom(undefined, 500, 2_000),
        agent: fc.constantFrom('claude', 'codex', undefined),
      }),
      { maxLength: 12 },
    ),
    active: fc.array(files, { maxLength: 3 }),
    freeSlots: fc.nat(4),
    accounts: fc.constantFrom({}, closed({ claude: 3_000 }), closed({ codex: 900 })),
  })
  .map((some) =>
    snapshot({
      ...some,
      ready: some.ready.map((task, order) => ready(`t${order}`, { ...task, order })),
      active: some.active.map((held, i) => ({ id: id(`x${i}`), files: held })),
    }),
  );

test('S3-25 S3-33 claims fit the slots and never overlap with each other or with work going on', () => {
  fc.assert(
    fc.property(snapshots, (given) => {
      const { claims } = decide(given, byAgent);
      const chosen = claims.map((claim) => given.ready.find((task) => task.id === claim) as ReadyTask);
      assert.ok(claims.length <= given.freeSlots);
      assert.equal(new Set(claims).size, claims.length);
      assert.ok(chosen.filter(({ agent }) => given.accounts[agent ?? '']?.until === 900).length <= 1);
      const held = [...given.active, ...chosen];
      for (const [i, task] of chosen.entries()) {
        assert.ok((task.notBefore ?? 0) <= given.now);
        assert.ok((given.accounts[task.agent ?? '']?.until ?? 0) <= given.now);
        const others = held.filter((_, j) => j !== given.active.length + i);
        for (const other of others) assert.equal(locksOverlap(task.files, other.files), false);
      }
    }),
  );
});

test('S3-23 S3-67 no slot stays empty while a task could use it', () => {
  fc.assert(
    fc.property(snapshots, (given) => {
      const { claims, wakeAt, trials } = decide(given, byAgent);
      if (claims.length >= given.freeSlots) return;
      const held = [...given.active, ...given.ready.filter((task) => claims.includes(task.id))];
      const left = given.ready.filter((task) => !claims.includes(task.id));
      for (const task of left) {
        const blocked = held.some((other) => locksOverlap(task.files, other.files));
        const possibleAt = Math.max(task.notBefore ?? 0, given.accounts[task.agent ?? '']?.until ?? 0);
        const isTried = trials?.some(({ account }) => account === task.agent);
        assert.ok(blocked || isTried || possibleAt > given.now, `${task.id} could have started`);
        // The end of the trial wakes whoever waits for it.
        if (possibleAt > given.now && !isTried) assert.ok(wakeAt !== undefined && wakeAt <= possibleAt);
      }
    }),
  );
});

const roadmaps = fc
  .array(
    fc.record({
      dependsOn: fc.array(fc.nat(20), { maxLength: 3 }),
      files,
      priority: fc.constantFrom(25, 75),
    }),
    {
      minLength: 1,
      maxLength: 20,
    },
  )
  .map(
    (tasks): Roadmap => ({
      initiatives: [],
      phases: [],
      plans: [],
      tasks: tasks.map(
        (task, i): TaskDefinition => ({
          id: id(`t${i}`),
          title: `T${i}`,
          prompt: 'x',
          path: {},
          dependsOn: [...new Set(task.dependsOn.filter((to) => to < i).map((to) => `t${to}`))],
          files: task.files,
          priority: task.priority,
          exitCriteria: [],
          onFailure: 'hard',
        }),
      ),
    }),
  );

test('S2-38 S3-23 S3-24 in any run no task starts before what it needs, and every task gets its turn', () => {
  fc.assert(
    fc.property(
      roadmaps,
      fc.integer({ min: 1, max: 4 }),
      fc.infiniteStream(fc.nat(100)),
      (roadmap, slots, dice) => {
        const plan = buildPlan(roadmap);
        const finished = run(plan, slots, () => dice.next().value ?? 0);
        assert.equal(finished.length, plan.tasks.length);
      },
    ),
  );
});

/** Plays a plan: fills the slots, ends any one of the tasks in work, and so on. */
function run(plan: Plan, slots: number, chance: () => number): readonly TaskId[] {
  const done: TaskId[] = [];
  const active: ActiveTask[] = [];
  while (done.length < plan.tasks.length) {
    const open = plan.tasks.filter(
      ({ definition }) => !done.includes(definition.id) && !active.some((a) => a.id === definition.id),
    );
    const eligible = open.filter((task) => task.needs.every((need) => done.includes(need as TaskId)));
    const given = snapshot({
      ready: eligible.map(({ definition, chain, order }) =>
        ready(definition.id, { chain, order, files: definition.files, priority: definition.priority }),
      ),
      active: [...active],
      freeSlots: slots - active.length,
    });
    for (const claim of decide(given, anyProvider).claims) {
      const task = plan.tasks.find(({ definition }) => definition.id === claim);
      assert.ok(task?.definition.dependsOn.every((need) => done.includes(id(need))));
      active.push({ id: claim, files: task?.definition.files ?? [] });
    }
    assert.ok(active.length <= slots);
    const [ended] = active.splice(chance() % active.length, 1);
    assert.ok(ended !== undefined, 'nothing is in work and yet not all is done');
    done.push(ended.id);
  }
  return done;
}

test('no task begins while too many wait for an approval, and those that were begun go on', () => {
  const tasks = [ready('new'), ready('begun', { begun: true }), ready('newer')];
  const options = { ...anyProvider, maxWaiting: 2 };
  const full = decide(snapshot({ ready: tasks, approvals: 2 }), options);
  assert.deepEqual([full.claims, full.unreviewed], [['begun'], ['new', 'newer']]);
  const free = decide(snapshot({ ready: tasks, approvals: 1 }), options);
  assert.deepEqual([free.claims, free.unreviewed], [['new', 'begun', 'newer'], []]);
  assert.deepEqual(decide(snapshot({ ready: tasks, approvals: 99 }), anyProvider).claims.length, 3);
});
