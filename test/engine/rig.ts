import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '../../src/adapters/store/open.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import type { AgentSpec, ProviderSpec } from '../../src/core/agents/ports.ts';
import type { Engine } from '../../src/core/attempts/engine.ts';
import type { Crew, CrewMember } from '../../src/core/attempts/ports.ts';
import { resolveConfig } from '../../src/core/config/resolve.ts';
import type { Config } from '../../src/core/config/schema.ts';
import { accountsOf } from '../../src/core/dispatch/accounts-of.ts';
import { decide } from '../../src/core/dispatch/decide.ts';
import { guarded } from '../../src/core/dispatch/guarded.ts';
import type { Onlooker } from '../../src/core/dispatch/onlooker.ts';
import { Orchestrator, type RunEnd } from '../../src/core/dispatch/orchestrator.ts';
import { Slots } from '../../src/core/dispatch/slots.ts';
import { Tenure } from '../../src/core/dispatch/tenure.ts';
import type { AgentDoors } from '../../src/core/door/ports.ts';
import type { LoggedEvent } from '../../src/core/events/event.ts';
import { type TaskId, taskId } from '../../src/core/ids.ts';
import { Adviser } from '../../src/core/inbox/adviser.ts';
import { MergeQueue } from '../../src/core/merging/merge-queue.ts';
import type { Clock } from '../../src/core/ports.ts';
import { Accounts } from '../../src/core/resilience/accounts.ts';
import { Budgets } from '../../src/core/resilience/budgets.ts';
import type { TaskDefinition } from '../../src/core/roadmap/model.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import type { ReadingCopies } from '../../src/core/workspaces/ports.ts';
import { type FakeAgent, FakeBackend } from '../support/fake-backend.ts';
import { FakeRepo, type FakeRepoScript } from '../support/fake-repo.ts';
import { bareProvisioner, noDoors, noSandboxes } from '../support/plain-worktrees.ts';

/** A task with everything that a test does not care about filled in. */
export function task(id: string, part: Partial<TaskDefinition> & { needs?: string[] } = {}): TaskDefinition {
  const { needs = [], ...rest } = part;
  return {
    id: taskId.parse(id),
    title: `Title of ${id}`,
    prompt: `Do ${id}`,
    path: {},
    dependsOn: needs,
    files: [],
    agent: 'coder',
    priority: 50,
    exitCriteria: [],
    onFailure: 'hard',
    ...rest,
  };
}

export interface RigOptions {
  readonly tasks: readonly TaskDefinition[];
  readonly agent: FakeAgent;
  readonly repo?: FakeRepoScript;
  readonly config?: Partial<Config>;
  readonly maxAgents?: number;
  readonly sessions?: boolean;
  readonly remembers?: boolean;
  /** What every turn costs. */
  readonly costUsd?: number;
  /** Every role's provider and its fallbacks, in order. */
  readonly providers?: readonly ProviderSpec[];
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: agents reach nobody. */
  readonly doors?: AgentDoors;
  /** Orchestrators wait for more when nothing can run. */
  readonly stays?: boolean;
  /** Somebody looks on while they work. */
  readonly onlooker?: Onlooker;
}

/** A whole engine on a real SQLite store, with a scripted agent and a repository in memory. */
export class Rig implements AsyncDisposable {
  readonly store: Store;
  readonly repo: FakeRepo;
  readonly backend: FakeBackend;
  readonly #dir: string;
  readonly #options: RigOptions;
  readonly #config: Config;
  readonly #accounts: Accounts;
  /** Ends the sleeps of orchestrators that a test left for dead. */
  readonly #closed = new AbortController();
  #orchestrators = 0;
  /** How long the machine slept so far, ms. */
  sleptMs = 0;

  private constructor(dir: string, store: Store, options: RigOptions) {
    this.#dir = dir;
    this.store = store;
    this.#options = options;
    this.repo = new FakeRepo(options.repo);
    this.backend = new FakeBackend(options.agent, {
      sessions: options.sessions ?? true,
      remembers: options.remembers ?? true,
      costUsd: options.costUsd ?? 0,
    });
    const resolved = resolveConfig([]);
    if (resolved.kind === 'invalid') throw new Error('The built-in config is invalid');
    this.#config = {
      ...resolved.config,
      retry: { maxAttempts: 3, baseMs: 0, maxMs: 0, perMinute: 10_000 },
      lease: { leaseMs: 60_000, heartbeatMs: 20_000, storeGraceMs: 60_000 },
      questions: { orchestrator: false, answerMs: 60_000, waitMs: 60_000 },
      ...options.config,
    };
    this.#accounts = new Accounts({ store, config: this.#config, random: () => 0.5 });
  }

  static async open(options: RigOptions): Promise<Rig> {
    const dir = await mkdtemp(join(tmpdir(), 'cw-engine-'));
    const store = await openStore({ url: `sqlite:${join(dir, 'state.db')}`, project: 'test', version: '0' });
    const rig = new Rig(dir, store, options);
    const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks: options.tasks });
    await store.sync(plan, { path: 'roadmap.yaml', hash: 'one' });
    return rig;
  }

  /** Runs a new orchestrator to its end. */
  async run(signal: AbortSignal = new AbortController().signal): Promise<RunEnd> {
    const { orchestrator, id, tenure } = await this.orchestrator();
    const end = await orchestrator.run(signal);
    await tenure[Symbol.asyncDispose]();
    if (end.kind === 'fenced') await this.store.fence(id, end);
    else await this.store.deregister(id, end.kind);
    return end;
  }

  /** Starts an orchestrator that the test leaves for dead at some point; its id, to be reclaimed. */
  async doomed(): Promise<string> {
    const { orchestrator, id } = await this.orchestrator();
    // Whatever it still does when the store closes under it concerns nobody.
    orchestrator.run(new AbortController().signal).catch(() => undefined);
    return id;
  }

  async orchestrator(): Promise<{ orchestrator: Orchestrator; id: string; tenure: Tenure }> {
    this.#orchestrators += 1;
    const id = `orc_${this.#orchestrators}`;
    const maxAgents = this.#options.maxAgents ?? 4;
    const process = { pid: 1, startTime: '1', bootId: 'b' };
    await this.store.register({ id, host: 'here', process, version: '0', maxAgents });
    const { store } = this;
    const config = this.#config;
    const closed = this.#closed.signal;
    const clock: Clock = this.#options.clock ?? {
      now: systemClock.now,
      steady: () => systemClock.steady() + this.sleptMs,
      sleep: (ms, signal) =>
        systemClock.sleep(ms, signal === undefined ? closed : AbortSignal.any([signal, closed])),
    };
    const tenure = new Tenure({ orchestrator: id, store, clock, lease: config.lease });
    tenure.start();
    const ports = guarded({ ...this.repo, provisioner: bareProvisioner }, tenure);
    const shared = {
      store,
      config,
      clock,
      ...ports,
      orchestrator: id,
      sandboxes: noSandboxes,
    };
    let ids = 0;
    const candidates = (role: string): readonly CrewMember[] =>
      (this.#options.providers ?? [PROVIDER]).map((provider) => ({
        agent: agentOf(config, role),
        provider,
        backend: this.backend,
      }));
    const crew: Crew = { candidates, member: (role) => candidates(role)[0] as CrewMember };
    const engine: Engine = {
      ...shared,
      env: {},
      doors: this.#options.doors ?? noDoors,
      ids: { next: (prefix) => `${prefix}_${++ids}`, uuid: () => `uuid-${++ids}`, random: () => 0.5 },
      crew,
      accounts: this.#accounts,
      slots: new Slots(),
      budgets: new Budgets(shared),
      bury: async () => ({ dead: [], spared: [], others: 0, nextMs: undefined }),
      tenure,
      merges: new MergeQueue(shared),
      logs: { open: () => ({ raw: () => {}, text: () => {}, [Symbol.asyncDispose]: async () => {} }) },
    };
    const bound = (snapshot: Parameters<typeof decide>[0]) =>
      decide(snapshot, {
        accountsOf: (ready) => accountsOf(ready, crew, config),
        ...(config.review.maxWaiting === undefined ? {} : { maxWaiting: config.review.maxWaiting }),
      });
    const { stays = false } = this.#options;
    const adviser = new Adviser({ ...engine, maxAgents, reading: READING });
    const { onlooker } = this.#options;
    const options = {
      maxAgents,
      decide: bound,
      stays,
      adviser,
      ...(onlooker === undefined ? {} : { onlooker }),
    };
    return { orchestrator: new Orchestrator(engine, options), id, tenure };
  }

  /** Orchestrators know now how accounts stand, as after their next heartbeat. */
  async accountsRead(): Promise<void> {
    await this.#accounts.refresh();
  }

  /** Resolves when the orchestrator has sent a heartbeat after this was called, and knows what came of it. */
  async beaten(id: string): Promise<void> {
    const heard = async () => (await this.store.orchestrators()).find((one) => one.id === id)?.lastHeartbeat;
    const before = await heard();
    // The first one after this may have been asked for before it.
    for (let later = before, beats = 0; beats < 2; ) {
      await systemClock.sleep(5);
      const now = await heard();
      if (now !== later) beats += 1;
      later = now;
    }
  }

  async states(): Promise<Record<string, string>> {
    const tasks = await this.store.tasks();
    return Object.fromEntries(tasks.map(({ id, state }) => [id, state]));
  }

  async events(type: LoggedEvent['type']): Promise<readonly LoggedEvent[]> {
    return await this.store.events(0, { types: [type], limit: 10_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await this.store.close();
    await rm(this.#dir, { recursive: true, force: true });
  }
}

const READING: ReadingCopies = {
  open: async (name, base) => ({
    task: `~${name}` as TaskId,
    path: `/reading/${name}`,
    branch: '',
    base,
    reused: false,
    isCopy: true,
  }),
};

const PROVIDER = providerNamed('fake');

export function providerNamed(name: string, account?: string): ProviderSpec {
  return {
    name,
    type: 'fake',
    command: name,
    args: [],
    env: {},
    ...(account === undefined ? {} : { account }),
  };
}

function agentOf(config: Config, role: string): AgentSpec {
  const agent = config.agents[role];
  if (agent === undefined) throw new Error(`No agent ${role}`);
  return { role, systemPrompt: agent.systemPrompt, tools: agent.tools, verdict: agent.verdict };
}
