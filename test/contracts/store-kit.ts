import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { openStore } from '../../src/adapters/store/open.ts';
import { decide } from '../../src/core/dispatch/decide.ts';
import type { AttemptEvent } from '../../src/core/events/event.ts';
import { type GateId, type ObjectId, objectId, type TaskId, taskId } from '../../src/core/ids.ts';
import type { Plan, PlannedTask, TaskDefinition } from '../../src/core/roadmap/model.ts';
import type { AppendOutcome, Claim, Store } from '../../src/core/tasks/ports.ts';
import type { TaskState } from '../../src/core/tasks/states.ts';

/** Where an engine's tests keep their databases. */
export interface Databases {
  /** Address of a database that tests of other projects may use too. */
  shared(t: TestContext): Promise<string>;
  /** Address of a new, empty database. */
  fresh(t: TestContext): Promise<string>;
}

export async function newDirectory(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-store-'));
  t.after(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

const newFile = async (t: TestContext) => `sqlite:${join(await newDirectory(t), 'state.db')}`;

/** A new file for every test. */
export const sqliteFiles: Databases = { shared: newFile, fresh: newFile };

export type OpenStore = (project?: string) => Promise<Store>;

/** One project of its own in the engine's database; every call opens one more handle on it. */
export async function projectOf(
  databases: Databases,
  t: TestContext,
): Promise<{ url: string; project: string; open: OpenStore }> {
  const stores: Store[] = [];
  // Before the database's own hook: handles are closed while their file is still there.
  t.after(() => Promise.all(stores.map((store) => store.close())));
  const url = await databases.shared(t);
  const project = `p-${randomUUID()}`;
  const open: OpenStore = async (name = project) => {
    const store = await openStore({ url, project: name, version: '1.2.3' });
    stores.push(store);
    return store;
  };
  return { url, project, open };
}

type Part = Partial<Omit<TaskDefinition, 'id'>> & { needs?: readonly string[]; chain?: number };

/** A plan from ids; tasks stand in the order given, gates by their id without `gate:`. */
export function planOf(
  tasks: Readonly<Record<string, Part>>,
  gates: Readonly<Record<string, readonly string[]>> = {},
): Plan {
  return {
    tasks: Object.entries(tasks).map(([id, part], order): PlannedTask => {
      const { needs = [], chain = 1, ...rest } = part;
      return {
        definition: {
          id: taskId.parse(id),
          title: `Title of ${id}`,
          prompt: `Do ${id}`,
          path: {},
          dependsOn: needs,
          files: [],
          priority: 50,
          exitCriteria: [],
          onFailure: 'hard',
          ...rest,
        },
        order,
        needs: needs as PlannedTask['needs'],
        chain,
      };
    }),
    gates: Object.entries(gates).map(([id, members]) => ({
      id: `gate:${id}` as GateId,
      members: members.map((member) => taskId.parse(member)),
    })),
  };
}

/** The plan with the ids that its tasks had before. */
export function renamed(plan: Plan, was: Readonly<Record<string, readonly string[]>>): Plan {
  return {
    ...plan,
    tasks: plan.tasks.map((task) => ({ ...task, was: was[task.definition.id] ?? [] })),
  };
}

export const SOURCE = { path: 'roadmap.yaml', hash: 'hash' };
export const LEASE_MS = 60_000;

export const id = (text: string): TaskId => taskId.parse(text);

/** A commit id that a test can recognise. */
export const commit = (digit: string): ObjectId => objectId.parse(digit.repeat(40));

/** Claims up to `freeSlots` tasks as the real dispatcher chooses. */
export async function claimAny(
  store: Store,
  freeSlots = 1,
  options: { orchestrator?: string; leaseMs?: number } = {},
): Promise<readonly Claim[]> {
  const { orchestrator = 'orc_test', leaseMs = LEASE_MS } = options;
  const { claims } = await store.claim({
    orchestrator,
    freeSlots,
    leaseMs,
    decide: (snapshot) => decide(snapshot, { accountsOf: () => [] }),
  });
  return claims;
}

/** Claims this task, which must be ready. */
export async function claimOne(
  store: Store,
  task: string,
  options: { orchestrator?: string; leaseMs?: number } = {},
): Promise<Claim> {
  const { orchestrator = 'orc_test', leaseMs = LEASE_MS } = options;
  const { claims } = await store.claim({
    orchestrator,
    freeSlots: 1,
    leaseMs,
    decide: ({ ready }) => ({
      claims: ready.filter((candidate) => candidate.id === task).map((candidate) => candidate.id),
      wakeAt: undefined,
    }),
  });
  const [claim] = claims;
  assert.ok(claim, `${task} is not ready`);
  return claim;
}

/** An attempt with its lease, which every fact below is told with. */
export class Attempt {
  readonly store: Store;
  readonly claim: Claim;

  constructor(store: Store, claim: Claim) {
    this.store = store;
    this.claim = claim;
  }

  /** Claims and starts the task. */
  static async start(
    store: Store,
    task: string,
    options?: { orchestrator?: string; leaseMs?: number },
  ): Promise<Attempt> {
    const attempt = new Attempt(store, await claimOne(store, task, options));
    await attempt.tell(attempt.started());
    return attempt;
  }

  get about(): { task: TaskId; attempt: number } {
    return { task: this.claim.task, attempt: this.claim.attempt };
  }

  started(): AttemptEvent {
    return {
      type: 'task.started',
      ...this.about,
      branch: `cw/${this.claim.task}`,
      worktree: `/worktrees/${this.claim.task}`,
      base: commit('b'),
      resumed: false,
    };
  }

  stepStarted(step: number): AttemptEvent {
    return {
      type: 'step.started',
      ...this.about,
      provider: 'fake',
      account: 'fake',
      kind: 'work',
      step,
      index: step - 1,
      agent: 'coder',
      round: 1,
    };
  }

  /** `told`: see the event. */
  stepFinished(step: number, told?: readonly string[]): AttemptEvent {
    return {
      type: 'step.finished',
      ...this.about,
      outcome: 'success',
      verdict: 'done',
      summary: `step ${step} is made`,
      durationMs: 5,
      step,
      index: step - 1,
      agent: 'coder',
      round: 1,
      ...(told === undefined ? {} : { told }),
    };
  }

  done(summary = `${this.claim.task} is made`): AttemptEvent {
    return { type: 'task.done', ...this.about, commit: undefined, summary };
  }

  failed(reason = 'it broke'): AttemptEvent {
    return { type: 'task.failed', ...this.about, outcome: 'permanent', reason };
  }

  /** Appends and expects that the lease still holds. */
  async tell(...events: AttemptEvent[]): Promise<number> {
    const outcome = await this.try(...events);
    assert.equal(outcome.kind, 'recorded');
    return outcome.kind === 'recorded' ? outcome.seq : 0;
  }

  try(...events: AttemptEvent[]): Promise<AppendOutcome> {
    return this.store.append(this.claim, events);
  }
}

/** Runs the task from claim to done. */
export async function finish(store: Store, task: string): Promise<void> {
  const attempt = await Attempt.start(store, task);
  await attempt.tell(attempt.done());
}

/** Runs the task from claim to a failure for good. */
export async function fail(store: Store, task: string): Promise<void> {
  const attempt = await Attempt.start(store, task);
  await attempt.tell(attempt.failed());
}

/** The state of each task, archived ones included. */
export async function states(store: Store): Promise<Record<string, TaskState>> {
  const archived = await store.tasks({ states: ['archived'] });
  return Object.fromEntries([...(await store.tasks()), ...archived].map((task) => [task.id, task.state]));
}

/** Ids of the tasks that could be claimed now. */
export async function ready(store: Store): Promise<string[]> {
  let found: string[] = [];
  await store.claim({
    orchestrator: 'orc_looks',
    freeSlots: 1,
    leaseMs: LEASE_MS,
    decide: (snapshot) => {
      found = [...found, ...snapshot.ready.map((task) => task.id)];
      return { claims: [], wakeAt: undefined };
    },
  });
  return found;
}

/** Types of the events after `seq`. */
export async function typesSince(store: Store, seq: number): Promise<string[]> {
  return (await store.events(seq)).map(({ type }) => type);
}

/** What a person does to a task. */
export async function person(
  store: Store,
  task: string,
  verb: 'reset' | 'cancelled' | 'skipped',
): Promise<void> {
  const outcome = await store.command(id(task), (found) =>
    verb === 'skipped'
      ? [{ type: 'task.skipped', task: found.id, reason: 'not needed' }]
      : [{ type: `task.${verb}`, task: found.id, by: 'ann' }],
  );
  assert.equal(outcome.kind, 'recorded');
}
