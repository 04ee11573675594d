import type { DatabaseSync } from 'node:sqlite';
import type { Engine as StoreEngine } from '../src/adapters/store/engine.ts';
import type { Engine } from '../src/core/attempts/engine.ts';
import type { OrchestratorOptions } from '../src/core/dispatch/orchestrator.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import type { IntegrationRepo } from '../src/core/workspaces/ports.ts';
import type { RepositoryFaults } from './repository.ts';

type Decide = OrchestratorOptions['decide'];

/** One part of the program, broken on purpose: the simulator must notice. */
export interface Mutant {
  readonly about: string;
  /** The rules of which one has to be found broken; none where nothing is. */
  readonly breaks: readonly string[];
  database?(raw: DatabaseSync): void;
  store?(store: Store, raw: DatabaseSync): Store;
  connection?(engine: StoreEngine): StoreEngine;
  engine?(engine: Engine): Engine;
  decide?(decide: Decide): Decide;
  integration?(integration: IntegrationRepo): IntegrationRepo;
  /** Faults of git that the broken part is there for, more often than elsewhere: else they are waited for too long. */
  readonly git?: Partial<RepositoryFaults>;
}

export const INTACT: Mutant = { about: 'nothing is broken', breaks: [] };

export const MUTANTS: Readonly<Record<string, Mutant>> = {
  'fence-ignored': {
    about: 'a write with an old fence is taken as one of the newest attempt',
    breaks: ['only the newest attempt writes'],
    store: (store, raw) => {
      const current = raw.prepare('select attempts, fence from tasks where id = ?');
      return changed(store, {
        append: async (lease, events, turns) => {
          const row = current.get(lease.task);
          const [attempt, fence] = [Number(row?.['attempts']), Number(row?.['fence'])];
          const outcome = await store.append(
            { ...lease, attempt, fence },
            events.map((event) => ({ ...event, attempt })),
            turns,
          );
          return outcome;
        },
      });
    },
  },
  'fence-stands': {
    about: 'a claim leaves the fence as it was',
    breaks: ['the fence rises'],
    database: (raw) =>
      raw.exec(
        "create trigger broken after update of state on tasks when new.state = 'claimed' begin update tasks set fence = old.fence where id = new.id; end",
      ),
  },
  'locks-ignored': {
    about: 'the dispatcher does not look at file locks',
    breaks: ['locks never overlap'],
    decide: (decide) => (snapshot) =>
      decide({ ...snapshot, active: [], ready: snapshot.ready.map((task) => ({ ...task, files: [] })) }),
  },
  'rejections-ignored': {
    about: 'work that a person sent back counts as approved',
    breaks: ['only approved work is merged'],
    store: (store) =>
      changed(store, {
        questions: async (filter) =>
          (await store.questions(filter)).map((question) =>
            question.kind === 'approval' && question.state === 'answered'
              ? { ...question, answer: 'approve' }
              : question,
          ),
      }),
  },
  'needs-ignored': {
    about: 'a task that waits for one other is taken for ready',
    breaks: ['needs come first'],
    store: (store, raw) => {
      const free = raw.prepare('update tasks set pending_needs = 0 where pending_needs = 1');
      return changed(store, {
        claim: (request) => {
          free.run();
          return store.claim(request);
        },
      });
    },
  },
  'pauses-ignored': {
    about: 'a paused task is taken for ready, and so is one of a paused project',
    breaks: ['nothing paused is claimed', 'log and tables agree'],
    store: (store, raw) => {
      const tasks = raw.prepare('update tasks set paused_at = null where paused_at is not null');
      const project = raw.prepare("delete from meta where key = 'paused'");
      return changed(store, {
        claim: (request) => {
          tasks.run();
          project.run();
          return store.claim(request);
        },
      });
    },
  },
  'slots-ignored': {
    about: 'an orchestrator claims two tasks more than it has agents',
    breaks: ['never above maxAgents'],
    store: (store) =>
      changed(store, {
        claim: (request) => store.claim({ ...request, freeSlots: request.freeSlots + 2 }),
      }),
  },
  'claims-misread': {
    about: 'an attempt takes itself for the one after it',
    breaks: ['no agent without a claim'],
    store: (store) =>
      changed(store, {
        claim: async (request) => {
          const { claims, ...rest } = await store.claim(request);
          return { ...rest, claims: claims.map((claim) => ({ ...claim, attempt: claim.attempt + 1 })) };
        },
      }),
  },
  'merges-forgotten': {
    about: 'nobody sees that a merge is in the branch already',
    breaks: ['a task is merged once', 'what is merged is done'],
    integration: (integration) => ({ ...integration, isAncestor: async () => false }),
    // Only whoever does not know whether the branch moved looks.
    git: { lostAnswer: 0.5 },
  },
  'commits-lost': {
    about: 'one commit in fifty is undone and reported as made',
    breaks: ['what is acknowledged is kept', 'no agent without a claim', 'nothing is thrown'],
    connection: (engine) => {
      let commits = 0;
      return changed(engine, {
        write: async (project, work) => {
          commits += 1;
          const isLost = commits % 50 === 0;
          const lost = new Error('lost');
          await engine
            .write(project, async (tx) => {
              await work(tx);
              if (isLost) throw lost;
            })
            .catch((error: unknown) => {
              if (error !== lost) throw error;
            });
        },
      });
    },
  },
  'fate-unasked': {
    about: 'a commit whose answer was lost is made again',
    breaks: [
      'nothing is thrown',
      'log and tables agree',
      'what can be done is done',
      'never above maxAgents',
    ],
    connection: (engine) => changed(engine, { fateOf: async () => 'undone' }),
  },
  'dead-undisturbed': {
    about: 'nobody takes over what a dead orchestrator held',
    breaks: ['the dead hold nothing'],
    store: (store) => changed(store, { reclaim: async () => [] }),
  },
  'retries-unlimited': {
    about: 'a task may fail for ever',
    breaks: ['attempts have a limit'],
    engine: (engine) => {
      const { config } = engine;
      return { ...engine, config: { ...config, retry: { ...config.retry, maxAttempts: 99 } } };
    },
  },
  'events-lost': {
    about: 'one event in a hundred is not kept',
    breaks: ['the log has no gap'],
    database: (raw) =>
      raw.exec(
        'create trigger broken after insert on events when new.seq % 100 = 0 begin delete from events where seq = new.seq; end',
      ),
  },
  'events-altered': {
    about: 'one event in two hundred is not what was written',
    breaks: ['the database verifies'],
    database: (raw) =>
      raw.exec(
        'create trigger broken after insert on events when new.seq % 200 = 0 begin update events set at = at + 1 where seq = new.seq; end',
      ),
  },
  'answers-untold': {
    about: 'nobody writes down that an agent was told an answer',
    breaks: ['a question is answered once and told once'],
    store: (store) =>
      changed(store, {
        append: (lease, events, turns) =>
          store.append(
            lease,
            events.map((event) => (event.type === 'step.finished' ? { ...event, told: [] } : event)),
            turns,
          ),
      }),
  },
  'questions-stranded': {
    about: 'a question of a task that waits is closed, and the task does not go on',
    breaks: ['log and tables agree'],
    database: (raw) =>
      raw.exec(
        "create trigger broken after update of state on tasks when old.state = 'waiting_input' and new.state = 'pending' begin update tasks set state = 'waiting_input' where id = new.id; end",
      ),
  },
  'advice-unlimited': {
    about: 'the orchestrator agent works beside as many agents as there may be',
    breaks: ['never above maxAgents'],
    engine: (engine) => {
      const { slots } = engine;
      return {
        ...engine,
        slots: changed(slots, { advise: async () => ({ [Symbol.dispose]: () => {} }) }),
      };
    },
  },
  'states-drift': {
    about: 'a finished task is written down as failed',
    breaks: ['log and tables agree'],
    database: (raw) =>
      raw.exec(
        "create trigger broken after update of state on tasks when new.state = 'done' begin update tasks set state = 'failed' where id = new.id; end",
      ),
  },
  'sleep-endless': {
    about: 'whoever waits longer than a second waits for ever, and hears of no change',
    breaks: ['what can be done is done', 'the dead hold nothing'],
    store: (store) => changed(store, { onChange: () => () => {} }),
    engine: (engine) => {
      const { clock } = engine;
      return {
        ...engine,
        clock: { ...clock, sleep: (ms, signal) => clock.sleep(ms > 1_000 ? 2 ** 40 : ms, signal) },
      };
    },
  },
};

/** The same object with some of its methods replaced. */
function changed<T extends object>(target: T, methods: Partial<T>): T {
  return new Proxy(target, {
    get: (_, name) => {
      const replaced: unknown = Reflect.get(methods, name);
      if (replaced !== undefined) return replaced;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
