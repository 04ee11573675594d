import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GitRecovery } from '../src/adapters/git/recovery.ts';
import { openRepository } from '../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../src/adapters/git/workspaces.ts';
import { openStore } from '../src/adapters/store/open.ts';
import { resolveConfig } from '../src/core/config/resolve.ts';
import type { Config } from '../src/core/config/schema.ts';
import type { LoggedEvent } from '../src/core/events/event.ts';
import { LogBus } from '../src/core/events/log-bus.ts';
import type { TaskId } from '../src/core/ids.ts';
import type { TaskDefinition } from '../src/core/roadmap/model.ts';
import { buildPlan } from '../src/core/roadmap/plan.ts';
import { prunable } from '../src/core/workspaces/saved-work.ts';
import { type OpenProject, runProject } from '../src/main/run.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { LEDGERS, MANNERS, type Manner } from './recover-agent.ts';

const ATTEMPTS = 200;
const AT_ONCE = 4;
/** The longest that an agent works before something happens to it. */
const LONGEST_MS = 400;
/** Below that, the time runs from the start of the program, before it has written anything; else from its first words. */
const EARLY_MS = 60;
const SILENCE_MS = 3_000;
const AGENT = join(import.meta.dirname, 'recover-agent.ts');

/** What happens to an attempt. `stop` is the run's own end, as by Ctrl+C. */
const FATES = ['stop', 'cancel', 'kill', 'timeout', 'silence'] as const;
type Fate = (typeof FATES)[number];

interface Doomed {
  readonly id: TaskId;
  readonly fate: Fate;
  readonly manner: Manner;
  readonly afterMs: number;
}

/** What one ledger says was on the disk: object names with their size. */
type Ledger = ReadonlyMap<string, number>;

export const recover: Experiment = {
  about:
    'Agents that write one file after the other, commit, detach HEAD, nest repositories, ignore SIGTERM or delete all they made at it, are stopped, cancelled, killed, timed out or given up on at seeded moments of their work. Afterwards `git gc --prune=now` runs, and every content that was on the disk is looked for in what refs hold.',
  async run({ seed, scale, note }): Promise<readonly Finding[]> {
    const attempts = rounds(ATTEMPTS, scale);
    await using scene = await Scene.open();
    const doomed = draw(seed, attempts);
    for (let at = 0; at < doomed.length; at += AT_ONCE) {
      await scene.doom(doomed.slice(at, at + AT_ONCE));
      note(`${Math.min(at + AT_ONCE, attempts)} of ${attempts} attempts`);
    }
    return await scene.account(doomed);
  },
};

function draw(seed: number, attempts: number): readonly Doomed[] {
  const random = seeded(seed);
  return Array.from({ length: attempts }, (_, index) => {
    const fate = FATES[index % FATES.length] ?? 'stop';
    // Of what an agent deletes by itself, only the moment of a stop of ours tells what was there.
    const manners =
      fate === 'stop' || fate === 'cancel' ? MANNERS : MANNERS.filter((each) => each !== 'tidies');
    const manner = manners[random(manners.length)] ?? 'plain';
    return { id: `t${index + 1}` as TaskId, fate, manner, afterMs: random(LONGEST_MS) };
  });
}

/** A repository with a store, agents that never end, and a record of what was on the disk when it came to them. */
class Scene implements AsyncDisposable {
  readonly #directory: string;
  readonly #project: OpenProject;
  readonly #ledgers: string;
  /** By task: what its ledger said when something happened to it, where that moment is ours to know. */
  readonly #atMoment = new Map<TaskId, Ledger>();
  #runs = 0;

  private constructor(directory: string, project: OpenProject, ledgers: string) {
    this.#directory = directory;
    this.#project = project;
    this.#ledgers = ledgers;
  }

  static async open(): Promise<Scene> {
    const directory = mkdtempSync(join(tmpdir(), 'cw-chaos-recover-'));
    const [root, ledgers] = [join(directory, 'repo'), join(directory, 'ledgers')];
    for (const each of [root, ledgers]) mkdirSync(each);
    writeFileSync(join(root, 'README.md'), 'Hello\n');
    git(root, 'init', '-q', '--initial-branch=main');
    git(root, 'config', 'user.name', 'Chaos');
    git(root, 'config', 'user.email', 'chaos@example.com');
    // As in a repository that is due for a collection: every commit of an agent would begin one.
    git(root, 'config', 'gc.auto', '50');
    git(root, 'add', '-A');
    git(root, 'commit', '-q', '-m', 'Start');
    const store = await openStore({
      url: `sqlite:${join(directory, 'state.db')}`,
      project: 'chaos',
      version: '0',
    });
    const project = {
      repository: await openRepository(root),
      store,
      bus: new LogBus(store),
      config: configFor(ledgers),
    };
    return new Scene(directory, project, ledgers);
  }

  /** Runs these until each has met its fate and the run has ended. */
  async doom(group: readonly Doomed[]): Promise<void> {
    const { store } = this.#project;
    this.#runs += 1;
    const tasks = group.map(definitionOf);
    const plan = buildPlan({ initiatives: [], phases: [], plans: [], tasks });
    // The tasks of the group before are over, and leave.
    const source = { path: 'roadmap.yaml', hash: `run ${this.#runs}` };
    await store.sync(plan, source, { confirmed: true });
    const stop = new AbortController();
    let stopping: Promise<void> | undefined;
    const pids = new Map<TaskId, number>();
    const strikes = new Map<TaskId, Promise<void>>();
    const waiting = new Set(group.map(({ id }) => id));
    const onEvents = (events: readonly LoggedEvent[]) => {
      for (const event of events) {
        const one = group.find(({ id }) => 'task' in event && event.task === id);
        if (one === undefined) continue;
        if (event.type === 'agent.started') {
          pids.set(one.id, event.process.pid);
          if (one.afterMs < EARLY_MS) strikes.set(one.id, this.#strike(one, event.process.pid));
        }
        if (event.type === 'agent.output' && !strikes.has(one.id)) {
          strikes.set(one.id, this.#strike(one, pids.get(one.id) ?? 0));
        }
        if (event.type === 'task.cancelled' || event.type === 'task.failed') waiting.delete(one.id);
        else if (event.type === 'agent.output' && one.fate === 'stop') waiting.delete(one.id);
      }
      if (waiting.size === 0) stopping ??= this.#stopSoon(group, stop);
    };
    await runProject({
      project: this.#project,
      version: '0',
      maxAgents: AT_ONCE,
      only: group.map(({ id }) => id),
      env: process.env,
      signal: stop.signal,
      onEvents,
    });
    await Promise.all([...strikes.values(), stopping]);
    for (const { id } of group) {
      await store.command(id, ({ state }) =>
        state === 'pending' ? [{ type: 'task.cancelled', task: id, by: 'chaos' }] : [],
      );
    }
  }

  /** Looks for all that was on the disk in what the refs hold, before and after a prune of what branches contain. */
  async account(doomed: readonly Doomed[]): Promise<readonly Finding[]> {
    const { repository, config } = this.#project;
    const { integrationBranch } = config.merge;
    const workspaces = new GitWorkspaces(repository, { integrationBranch });
    const recovery = new GitRecovery(repository, { workspaces, integrationBranch });
    const wanted = doomed.map((one) => ({ ...one, ledger: this.#wanted(one.id) }));
    const wrote = wanted.filter(({ ledger }) => ledger.size > 0).length;
    const files = wanted.reduce((sum, { ledger }) => sum + ledger.size, 0);
    const what = FATES.map((fate) => `${wanted.filter((one) => one.fate === fate).length} ${fate}`).join(
      ', ',
    );
    const lost = this.#lost(wanted);
    const saved = await recovery.list({});
    const back = saved.filter((_, index) => index % 2 === 0);
    let refused = 0;
    for (const each of back) {
      if ((await recovery.toTask(each, { dryRun: false })).kind === 'conflicted') refused += 1;
    }
    const all = await recovery.list({});
    const going = prunable(all, { before: undefined });
    await recovery.drop(going);
    const lostAfterPrune = this.#lost(wanted);
    return [
      {
        what: `${doomed.length} attempts (${what}); ${wrote} had written, ${files} files in all`,
        aim: '0 bytes lost',
        found: lost.text,
        met: lost.bytes === 0 && wrote > doomed.length / 2,
      },
      {
        what: `brought ${back.length} of ${saved.length} pieces of saved work back into their tasks (${refused} conflicted), then pruned the ${going.length} that branches contain`,
        aim: '0 bytes lost',
        found: lostAfterPrune.text,
        met: lostAfterPrune.bytes === 0 && going.length >= back.length - refused,
      },
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#project.store.close();
    await this.#project.repository[Symbol.asyncDispose]();
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #strike(one: Doomed, pid: number): Promise<void> {
    const { store } = this.#project;
    await pause(one.afterMs);
    if (one.fate === 'cancel') {
      this.#atMoment.set(one.id, this.#ledger(one.id));
      await store.command(one.id, ({ id }) => [{ type: 'task.cancelled', task: id, by: 'chaos' }]);
    } else if (one.fate === 'kill') kill(pid);
  }

  /** Ends the run a moment after all others have met their fate. */
  async #stopSoon(group: readonly Doomed[], stop: AbortController): Promise<void> {
    const last = group.findLast(({ fate }) => fate === 'stop');
    await pause(last?.afterMs ?? 0);
    for (const { id, fate } of group) if (fate === 'stop') this.#atMoment.set(id, this.#ledger(id));
    stop.abort();
  }

  /** What a task's agent had on the disk at its moment, or at its end, without what it wrote over by itself since. */
  #wanted(id: TaskId): Ledger {
    const atEnd = this.#ledger(id);
    const atMoment = this.#atMoment.get(id) ?? atEnd;
    return new Map([...atMoment].filter(([hash]) => atEnd.has(hash)));
  }

  /** What the ledger of a task says is on the disk now. */
  #ledger(id: TaskId): Ledger {
    const there = new Map<string, number>();
    const path = join(this.#ledgers, id);
    appendFileSync(path, '');
    // The last line may be in the middle of being written.
    for (const line of readFileSync(path, 'utf8').split('\n').slice(0, -1)) {
      const [sign, hash = '', bytes] = line.split(' ');
      if (sign === '+') there.set(hash, Number(bytes));
      else there.delete(hash);
    }
    return there;
  }

  #lost(wanted: readonly (Doomed & { readonly ledger: Ledger })[]): { bytes: number; text: string } {
    const { root } = this.#project.repository;
    git(
      root,
      '-c',
      'gc.reflogExpire=now',
      '-c',
      'gc.reflogExpireUnreachable=now',
      'gc',
      '--quiet',
      '--prune=now',
    );
    const objects = git(root, 'rev-list', '--objects', '--all').split('\n');
    const held = new Set(objects.map((line) => line.split(' ', 1)[0]));
    const missing = wanted.flatMap(({ id, fate, manner, ledger }) =>
      [...ledger].flatMap(([hash, bytes]) => (held.has(hash) ? [] : [{ id, fate, manner, bytes }])),
    );
    const bytes = missing.reduce((sum, each) => sum + each.bytes, 0);
    const whose = new Set(missing.map(({ id, fate, manner }) => `${id} (${manner}, ${fate})`));
    const text = `${bytes} bytes in ${missing.length} files${whose.size === 0 ? '' : `: ${[...whose].join(', ')}`}`;
    return { bytes, text };
  }
}

function definitionOf({ id, fate, manner, afterMs }: Doomed): TaskDefinition {
  return {
    id,
    title: `Write until it is over: ${id}`,
    prompt: `Write files${fate === 'silence' ? ' quietly' : ''}, manner: ${manner}.`,
    path: {},
    dependsOn: [],
    files: [],
    agent: 'coder',
    priority: 50,
    exitCriteria: [],
    onFailure: 'hard',
    maxAttempts: 1,
    // From the claim on, so the start of the program is in it.
    ...(fate === 'timeout' ? { timeoutMs: 2_500 + afterMs } : {}),
  };
}

function configFor(ledgers: string): Config {
  const resolved = resolveConfig([]);
  if (resolved.kind === 'invalid') throw new Error('The built-in config is invalid');
  const { config } = resolved;
  const { coder } = config.agents;
  if (coder === undefined) throw new Error('The built-in config has no coder');
  return {
    ...config,
    providers: {
      ...config.providers,
      writer: {
        type: 'command',
        command: process.execPath,
        args: [AGENT],
        env: { [LEDGERS]: ledgers, NODE_COMPILE_CACHE: join(ledgers, '..', 'compiled') },
      },
    },
    agents: { coder: { ...coder, provider: 'writer', sandbox: 'off' } },
    breaker: { ...config.breaker, failures: Number.MAX_SAFE_INTEGER },
    limits: { ...config.limits, silenceMs: SILENCE_MS, graceMs: 150 },
    // Nobody asks here: a wait for an answer would lengthen the silence that is allowed.
    questions: { ...config.questions, waitMs: 0 },
  };
}

function git(cwd: string, ...args: readonly string[]): string {
  return execFileSync('git', [...args], {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
