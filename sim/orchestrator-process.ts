import { openStoreOn } from '../src/adapters/store/open.ts';
import type { AgentSpec, ProviderSpec } from '../src/core/agents/ports.ts';
import type { Buried, Engine } from '../src/core/attempts/engine.ts';
import type { Crew, CrewMember, Provisioner, Sandboxes } from '../src/core/attempts/ports.ts';
import type { Config } from '../src/core/config/schema.ts';
import { accountsOf } from '../src/core/dispatch/accounts-of.ts';
import { decide } from '../src/core/dispatch/decide.ts';
import { guarded } from '../src/core/dispatch/guarded.ts';
import { Orchestrator, type OrchestratorOptions, type RunEnd } from '../src/core/dispatch/orchestrator.ts';
import { Slots } from '../src/core/dispatch/slots.ts';
import { Tenure, TenureOverError } from '../src/core/dispatch/tenure.ts';
import type { TaskId } from '../src/core/ids.ts';
import { Adviser } from '../src/core/inbox/adviser.ts';
import { MergeQueue } from '../src/core/merging/merge-queue.ts';
import { Accounts } from '../src/core/resilience/accounts.ts';
import { Budgets } from '../src/core/resilience/budgets.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import type { ReadingCopies } from '../src/core/workspaces/ports.ts';
import { SimBackend, type TurnWeights } from './agents.ts';
import { type ConnectionFaults, SimEngine } from './connection.ts';
import type { Database } from './database.ts';
import { SimDesks } from './desks.ts';
import type { Machine } from './machine.ts';
import type { Mutant } from './mutants.ts';
import type { Referee } from './referee.ts';
import type { SimRepository } from './repository.ts';

export const PROJECT = 'sim';
/** As long as the program itself waits for a database once it was told to stop. */
const STOP_WAIT_MS = 30_000;

/** What every process of a world shares. */
export interface Shared {
  readonly config: Config;
  readonly database: Database;
  readonly repository: SimRepository;
  readonly referee: Referee;
  readonly mutant: Mutant;
  readonly connectionFaults: () => ConnectionFaults;
  readonly weights: () => TurnWeights;
  /** Is the orchestrator of that name a process that still lives on this host? */
  readonly isDeadHere: (orchestrator: string, host: string) => boolean;
}

/** The store as one process reaches it: the real one, on connections of the simulated world. */
export async function openSimStore(machine: Machine, shared: Shared): Promise<Store> {
  const { database, mutant, connectionFaults } = shared;
  const engine = new SimEngine({ database, machine, faults: connectionFaults });
  const store = await openStoreOn(mutant.connection?.(engine) ?? engine, {
    project: PROJECT,
    version: 'sim',
  });
  return mutant.store?.(store, database.raw) ?? store;
}

/** What one `cw run` is besides the world that it is in. */
export interface Run extends Shared {
  readonly maxAgents: number;
  readonly stop: AbortSignal;
}

/**
 * The life of one `cw run`, without what it prints: joins, works until nothing is left or `stop`, leaves. Like the
 * program, an orchestrator that loses its leases ends its work and is followed by a new one.
 */
export async function orchestrate(machine: Machine, run: Run): Promise<void> {
  const { config, stop, referee } = run;
  const store = await openSimStore(machine, run);
  store.waitFor(config.lease.storeGraceMs);
  const hurry = () => store.waitFor(STOP_WAIT_MS);
  stop.addEventListener('abort', hurry, { once: true });
  const lasting = {
    accounts: new Accounts({ store, config, random: () => machine.ids.random() }),
    budgets: new Budgets({ store, config, clock: machine.clock }),
  };
  for (let life = 1; ; life += 1) {
    const id = life === 1 ? machine.name : `${machine.name}.${life}`;
    const end = await runOrchestrator(machine, {
      ...run,
      ...lasting,
      id,
      store: acknowledging(store, referee),
    });
    if (end.kind !== 'fenced' || stop.aborted) break;
  }
  await store.close();
}

type Life = Run & Pick<Engine, 'accounts' | 'budgets' | 'store'> & { readonly id: string };

async function runOrchestrator(machine: Machine, life: Life): Promise<RunEnd> {
  const { config, id, maxAgents, store, referee, mutant, isDeadHere } = life;
  const tenure = new Tenure({ orchestrator: id, store, clock: machine.clock, lease: config.lease });
  const bury = async () => await buryOthers(store, machine, id, isDeadHere);
  const engine = engineOf(machine, { ...life, tenure, bury });
  let end: RunEnd = { kind: 'stopped' };
  referee.joined(id, maxAgents);
  try {
    const process = { pid: 1, startTime: machine.name, bootId: machine.host.name };
    await store.register(
      { id, host: machine.host.name, process, version: 'sim', maxAgents },
      config.lease.leaseMs,
    );
    const { dead, spared } = await bury();
    await store.reclaim(dead, spared);
    tenure.start();
    const bound: OrchestratorOptions['decide'] = (snapshot) =>
      decide(snapshot, { accountsOf: (task) => accountsOf(task, engine.crew, engine.config) });
    const orchestrator = new Orchestrator(engine, {
      maxAgents,
      decide: mutant.decide?.(bound) ?? bound,
      adviser: new Adviser({ ...engine, maxAgents, reading: READING }),
    });
    end = await orchestrator.run(life.stop);
  } catch (error) {
    if (!(error instanceof TenureOverError)) throw error;
    end = { kind: 'fenced', reason: error.message, tasks: [] };
  } finally {
    await tenure[Symbol.asyncDispose]();
    if (end.kind === 'fenced') await store.fence(id, end);
    else await store.deregister(id, end.kind);
    referee.left(id);
  }
  return end;
}

/** As the program does it on a real machine: the dead of this host at once, others when their lease is over. */
async function buryOthers(
  store: Store,
  machine: Machine,
  self: string,
  isDeadHere: Shared['isDeadHere'],
): Promise<Buried> {
  const others = (await store.orchestrators({ lost: true })).filter(({ id }) => id !== self);
  const here = others.filter(({ host }) => host === machine.host.name);
  const dead = here.filter(({ id }) => isDeadHere(id, machine.host.name));
  const over = here.filter((one) => dead.includes(one) || one.isLost || one.leaseLeftMs === 0);
  const forgotten = dead.filter(({ isLost }) => isLost).map(({ id }) => id);
  if (forgotten.length > 0) await store.forget(forgotten);
  const holding = others.filter((one) => !over.includes(one) && !one.isLost);
  return {
    dead: dead.filter(({ isLost }) => !isLost).map(({ id }) => id),
    spared: [self, ...here.filter((one) => !over.includes(one)).map(({ id }) => id)],
    others: holding.length,
    nextMs: holding.length === 0 ? undefined : Math.min(...holding.map(({ leaseLeftMs }) => leaseLeftMs)),
  };
}

function engineOf(machine: Machine, life: Life & Pick<Engine, 'bury' | 'tenure'>): Engine {
  const { config, repository, store, weights, referee, mutant, id, tenure, accounts, budgets, bury } = life;
  const { clock, ids } = machine;
  const desks = new SimDesks();
  const backend = new SimBackend({ machine, repository, weights, watch: referee, desks });
  const integration = repository.integration(machine);
  const ports = guarded(
    {
      workspaces: repository.workspaces(machine),
      integration: mutant.integration?.(integration) ?? integration,
      commands: repository.commands(machine),
      provisioner: BARE,
    },
    tenure,
  );
  const shared = { store, config, clock, orchestrator: id, sandboxes: NO_SANDBOXES, ...ports };
  const candidates = (role: string): readonly CrewMember[] =>
    PROVIDERS.map((provider) => ({ agent: agentOf(config, role), provider, backend }));
  const crew: Crew = { candidates, member: (role) => candidates(role)[0] as CrewMember };
  const engine: Engine = {
    ...shared,
    ids,
    crew,
    env: {},
    doors: desks,
    slots: new Slots(),
    accounts,
    budgets,
    tenure,
    bury,
    merges: new MergeQueue(shared),
    logs: { open: () => ({ raw: () => {}, text: () => {}, [Symbol.asyncDispose]: async () => {} }) },
  };
  return mutant.engine?.(engine) ?? engine;
}

/** Every write that is reported as made must be in the log. */
function acknowledging(store: Store, referee: Referee): Store {
  return new Proxy(store, {
    get(target, name) {
      if (name === 'append') {
        return async (...args: Parameters<Store['append']>) => {
          const outcome = await target.append(...args);
          if (outcome.kind === 'recorded') referee.acknowledged(args[0].task, args[0].attempt, outcome.seq);
          return outcome;
        };
      }
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

function agentOf(config: Config, role: string): AgentSpec {
  const agent = config.agents[role];
  if (agent === undefined) throw new Error(`No agent ${role}`);
  return { role, systemPrompt: agent.systemPrompt, tools: agent.tools, verdict: agent.verdict };
}

const PROVIDERS: readonly ProviderSpec[] = ['first', 'second'].map((name) => ({
  name,
  type: 'sim',
  command: name,
  args: [],
  env: {},
}));

const READING: ReadingCopies = {
  open: async (name, base) => ({
    task: `~${name}` as TaskId,
    path: `/reading/${name}`,
    branch: '',
    base,
    reused: true,
    isCopy: true,
  }),
};

const NO_SANDBOXES: Sandboxes = {
  prepare: async ({ env }) => ({
    mode: 'off',
    confinement: undefined,
    env,
    [Symbol.asyncDispose]: async () => {},
  }),
  discard: async () => {},
};

const BARE: Provisioner = {
  prepare: async () => ({ env: {}, seeded: [], setupMs: 0, [Symbol.asyncDispose]: async () => {} }),
};
