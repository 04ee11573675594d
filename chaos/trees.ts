import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { adoptOrphans } from '../src/adapters/process/descendants.ts';
import { processTable } from '../src/adapters/process/process-table.ts';
import { sweep } from '../src/adapters/process/sweep.ts';
import type { ProcessIdentity } from '../src/core/agents/ports.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import type { TreeOrder } from './guarded-trees.ts';

/** The program that starts what an experiment watches. */
export const HARNESS = join(import.meta.dirname, 'guarded-trees.ts');
const ADVERSARY = join(import.meta.dirname, 'adversary.sh');
const TREES = 200;
/** Trees that one orchestrator starts; just started ones are fewer, so that the kill finds all of them young. */
const AT_ONCE = { grown: 20, young: 5 };
const PROCESSES = 9;
const LOOK_MS = 4;
const LIMIT_MS = 2_000;
const AIM_P99_MS = 500;
const YOUNG_MS = 12;
const GROWN_MS = 20_000;

type Victim = 'orchestrator' | 'guardian' | 'both' | 'young';
const VICTIMS: Readonly<Record<Victim, string>> = {
  orchestrator: 'orchestrator killed',
  guardian: 'guardian killed',
  both: 'guardian and orchestrator killed',
  young: `orchestrator killed 0 to ${YOUNG_MS} ms after the start of the last tree`,
};

export interface Outcome {
  trees: number;
  processes: number;
  /** Trees of which something ran after the limit. */
  survivors: number;
  zombies: number;
  /** Per tree. */
  readonly toZeroMs: number[];
  /** Processes that ran after the limit, and of those after the sweep of a next run. */
  left: number;
  afterSweep: number;
}

export const trees: Experiment = {
  about:
    'Trees of nine processes that do everything to outlive their orchestrator (other sessions, lost parents, cleared environments, other names, deaf to signals, starting each other again), started by the launcher below the guardian, and SIGKILL for those above them.',
  async run({ seed, scale, note }) {
    const random = seeded(seed);
    const findings: Finding[] = [];
    for (const confined of [true, false]) {
      for (const victim of Object.keys(VICTIMS) as Victim[]) {
        const outcome = await killTrees({ victim, confined, trees: rounds(TREES, scale), random });
        findings.push(judge(victim, confined, outcome));
        note(findings.at(-1)?.found ?? '');
      }
    }
    return findings;
  },
};

function judge(victim: Victim, confined: boolean, outcome: Outcome): Finding {
  const layers = confined ? 'PID namespaces and guardian' : 'guardian alone';
  const { toZeroMs } = outcome;
  const sorted = toZeroMs.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0);
  const times = sorted.length === 0 ? 'none' : `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1)} ms`;
  const what = `${layers}, ${VICTIMS[victim]}: ${outcome.trees} trees, ${outcome.processes} processes`;
  const found = `${outcome.survivors} trees with survivors after 2 s, ${outcome.zombies} zombies; time to zero ${times}`;
  if (victim === 'both' && !confined) {
    const after = `${found}; of the ${outcome.left} processes left, the sweep of the next run leaves ${outcome.afterSweep}`;
    return {
      what,
      aim: 'none: nobody is left to end them before the next run',
      found: after,
      met: undefined,
    };
  }
  // With the whole family dead, zombies are for the machine's first process.
  const clean = victim === 'both' || outcome.zombies === 0;
  const met = outcome.survivors === 0 && clean && at(0.99) < AIM_P99_MS;
  const aim = `0 survivors, ${victim === 'both' ? '' : '0 zombies, '}p99 under ${AIM_P99_MS} ms`;
  return { what, aim, found, met };
}

/** Starts trees in batches and kills who should have ended them. Nothing is left when it returns. */
export async function killTrees(options: {
  victim: Victim;
  confined: boolean;
  trees: number;
  random: (limit: number) => number;
}): Promise<Outcome> {
  const outcome: Outcome = {
    trees: 0,
    processes: 0,
    survivors: 0,
    zombies: 0,
    toZeroMs: [],
    left: 0,
    afterSweep: 0,
  };
  // In the place of a machine's first process, which collects the ends of processes that lost everybody.
  adoptOrphans();
  const most = options.victim === 'young' ? AT_ONCE.young : AT_ONCE.grown;
  while (outcome.trees < options.trees) {
    await killBatch({ ...options, trees: Math.min(most, options.trees - outcome.trees) }, outcome);
  }
  return outcome;
}

async function killBatch(options: Parameters<typeof killTrees>[0], outcome: Outcome): Promise<void> {
  const { victim, trees: count, random } = options;
  const batch = new Batch(options.confined, count);
  try {
    const { pids, started } = await batch.start();
    if (victim === 'young') await pause(random(YOUNG_MS * 1_000) / 1_000);
    else await batch.grown();
    const before = batch.look();
    outcome.processes += before.length;
    const gone = new Map<string, number>();
    const known = new Set(before.map(({ tree }) => tree));
    const order = random(2) === 0 ? pids[victim] : pids[victim].toReversed();
    // Whoever dies last could otherwise do something about the first, when we are held up between them.
    if (order.length > 1) for (const pid of order) process.kill(pid, 'SIGSTOP');
    for (const pid of order) process.kill(pid, 'SIGKILL');
    const killedAt = performance.now();
    for (let ms = 0; ms < LIMIT_MS; ms = performance.now() - killedAt) {
      const running = new Set(batch.look().map(({ tree }) => tree));
      for (const tree of running) known.add(tree);
      for (const tree of known) {
        if (running.has(tree)) gone.delete(tree);
        else if (!gone.has(tree)) gone.set(tree, performance.now() - killedAt);
      }
      if (running.size === 0 && batch.isOver) break;
      await pause(LOOK_MS);
    }
    const left = batch.look();
    outcome.trees += count;
    outcome.survivors += new Set(left.map(({ tree }) => tree)).size;
    outcome.toZeroMs.push(...gone.values());
    outcome.zombies += batch.zombies();
    if (left.length === 0) return;
    outcome.left += left.length;
    await sweep({ identities: started, isDead: (id) => id === batch.orchestrator });
    outcome.afterSweep += batch.look().length;
  } finally {
    await batch.end();
  }
}

interface Carrier {
  readonly pid: number;
  readonly tree: string;
}

/** One guardian with its orchestrator and trees, and a look at them from outside. */
class Batch {
  readonly orchestrator = `orc_chaos_${process.pid}_${Math.round(performance.now() * 1_000)}`;
  readonly #directory = realpathSync(mkdtempSync(join(tmpdir(), 'cw-trees-')));
  readonly #trees: number;
  readonly #guardian: ChildProcess;
  readonly #closed: Promise<unknown>;
  readonly #seen = new Map<number, string>();
  isOver = false;

  constructor(confined: boolean, trees: number) {
    this.#trees = trees;
    mkdirSync(join(this.#directory, 'trees'));
    const order: TreeOrder = {
      role: 'guardian',
      orchestrator: this.orchestrator,
      directory: this.#directory,
      trees,
      confined,
      command: ['sh', ADVERSARY, join(this.#directory, 'trees'), process.execPath],
    };
    this.#guardian = spawn(process.execPath, [HARNESS, JSON.stringify(order)], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    this.#closed = once(this.#guardian, 'close').then(() => {
      this.isOver = true;
    });
  }

  /** Resolves when the launcher has started the last tree. */
  async start(): Promise<{ pids: Record<Victim, number[]>; started: ProcessIdentity[] }> {
    const started: ProcessIdentity[] = [];
    let [orchestrator, guardian] = [0, 0];
    if (this.#guardian.stdout === null) throw new Error('the guardian has no output');
    for await (const line of createInterface({ input: this.#guardian.stdout })) {
      const said = JSON.parse(line) as { orchestrator: number; guardian: number; started?: ProcessIdentity };
      if (said.started === undefined) [orchestrator, guardian] = [said.orchestrator, said.guardian];
      else started.push(said.started);
      if (started.length === this.#trees) break;
    }
    this.#guardian.stdout.resume();
    if (started.length < this.#trees) throw new Error(`only ${started.length} trees started`);
    const both = [guardian, orchestrator];
    return {
      pids: { orchestrator: [orchestrator], guardian: [guardian], both, young: [orchestrator] },
      started,
    };
  }

  /** Waits until every role of every tree runs. */
  async grown(): Promise<void> {
    for (const end = performance.now() + GROWN_MS; performance.now() < end; await pause(20)) {
      const sizes = new Map<string, number>();
      for (const { pid, tree } of this.look()) {
        if (!/^(sleep|mktemp|setsid|env)$/.test(name(pid))) sizes.set(tree, (sizes.get(tree) ?? 0) + 1);
      }
      const whole = [...sizes.values()].filter((size) => size >= PROCESSES).length;
      if (whole === this.#trees) return;
    }
    throw new Error('the trees did not grow');
  }

  /** Who runs of the trees: whoever holds the file of one, or was started by our launcher. */
  look(): Carrier[] {
    const directory = join(this.#directory, 'trees');
    const files = new Map(readdirSync(directory).map((file) => [identity(join(directory, file)), file]));
    const table = processTable();
    const found: Carrier[] = [];
    for (const { pid, zombie, startTime } of table.rows()) {
      if (zombie) continue;
      const tree = files.get(identity(`/proc/${pid}/fd/9`)) ?? this.#launched(pid);
      if (tree === undefined) continue;
      this.#seen.set(pid, startTime);
      found.push({ pid, tree });
    }
    return found;
  }

  #launched(pid: number): string | undefined {
    try {
      const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
      if (!environment.includes(`CW_ORCHESTRATOR=${this.orchestrator}`)) return undefined;
      return /CW_LAUNCH=([\w-]+)/.exec(environment)?.[1];
    } catch {
      return undefined;
    }
  }

  /** Those of the trees that ended and nobody collected. */
  zombies(): number {
    return processTable()
      .rows()
      .filter((row) => row.zombie && this.#seen.get(row.pid) === row.startTime).length;
  }

  async end(): Promise<void> {
    this.#guardian.kill('SIGKILL');
    for (let left = this.look(); left.length > 0; left = this.look()) {
      for (const { pid } of left) kill(pid);
      await pause(LOOK_MS);
    }
    await this.#closed;
    rmSync(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    // Gone, or not ours to look into.
    return undefined;
  }
}

function name(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
