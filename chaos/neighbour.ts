import { join } from 'node:path';
import { makeProject, type PrintedEvent } from '../test/e2e/project.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { sizeOf, watchedRun } from './watched-run.ts';

const MiB = 1_048_576;
const AGENT = join(import.meta.dirname, 'load-agent.ts');
/** Chains of ordinary tasks: so many are at work at once, with culprits beside them or without. */
const CHAINS = 4;
const WORK_MS = 400;
/** How often each culprit is tried, so that there is trouble for as long as the others work. */
const ATTEMPTS = 3;

const ANY_LIMIT = /limits\.(?:outputBytes|diskBytes|processes) allows/;

/** What each culprit takes too much of, the limit that must stop it, and how much it would take. */
interface Culprit {
  readonly id: string;
  readonly amount: number;
}

const GREEDY: Culprit = { id: 'all', amount: 10_240 };
const CULPRITS = [
  { id: 'flood', limit: 'outputBytes', amount: 2_048 },
  { id: 'disk', limit: 'diskBytes', amount: 2_048 },
  { id: 'fork', limit: 'processes', amount: 0 },
  { id: 'memory', limit: 'memoryBytes', amount: 3_072 },
] as const;

const LIMITS = {
  outputBytes: 128 * MiB,
  diskBytes: 200 * MiB,
  processes: 200,
  memoryBytes: 512 * MiB,
};

/**
 * Ordinary work beside one agent that prints, writes and forks without end at once, and beside four that do one thing
 * each, which is as many culprits as ordinary agents.
 */
export const neighbour: Experiment = {
  about: `Ordinary tasks run four at a time in the shipped program, first alone, then beside one agent that prints, writes 10 GB and forks without end all at once, then beside four agents that print, write, take memory and fork; each ${ATTEMPTS} times. Limits: ${Object.entries(
    LIMITS,
  )
    .map(([name, value]) => `${name} ${name === 'processes' ? value : `${value / MiB} MiB`}`)
    .join(', ')}.`,
  async run({ scale, note }) {
    const length = rounds(8, scale);
    const alone = await measure(length, []);
    note(`alone: ${alone.seconds.toFixed(1)} s`);
    const besideOne = await measure(length, [GREEDY]);
    note(`beside one: ${besideOne.seconds.toFixed(1)} s`);
    const beside = await measure(length, CULPRITS);
    note(`beside the four: ${beside.seconds.toFixed(1)} s`);
    const tasks = CHAINS * length;
    const named = besideOne.reasons[GREEDY.id]?.filter((reason) => ANY_LIMIT.test(reason)) ?? [];
    return [
      {
        what: 'one agent that does it all: stopped at one of its limits',
        aim: `${ATTEMPTS} of ${ATTEMPTS} attempts, the limit named`,
        found: `${named.length} of ${besideOne.reasons[GREEDY.id]?.length ?? 0}: ${named.at(-1)?.replace(/^\S+ /, '') ?? 'nothing'}`,
        met: named.length === ATTEMPTS,
      },
      {
        what: `${tasks} ordinary tasks beside it`,
        aim: `${tasks} done`,
        found: `${besideOne.done} done`,
        met: besideOne.done === tasks,
      },
      {
        what: 'time of an ordinary task beside it, from its claim to its merge',
        aim: 'p95 under 2 × p95 without it',
        found: `p95 ${alone.p95Ms} → ${besideOne.p95Ms} ms (median ${alone.medianMs} → ${besideOne.medianMs} ms)`,
        met: besideOne.p95Ms < 2 * alone.p95Ms,
      },
      ...CULPRITS.map(({ id, limit }) => stopped(id, limit, beside)),
      {
        what: `${tasks} ordinary tasks beside the four`,
        aim: `${tasks} done`,
        found: `${beside.done} done`,
        met: beside.done === tasks && alone.done === tasks,
      },
      {
        what: 'time of an ordinary task beside the four',
        aim: 'none: half of the agents are culprits',
        found: `p95 ${alone.p95Ms} → ${beside.p95Ms} ms (median ${alone.medianMs} → ${beside.medianMs} ms)`,
        met: undefined,
      },
      {
        what: 'event loop of the orchestrator beside one, and beside the four',
        aim: 'none',
        found: `p99 ${besideOne.loopP99Ms.toFixed(1)} and ${beside.loopP99Ms.toFixed(1)} ms late`,
        met: undefined,
      },
      {
        what: 'processes left when the run has ended',
        aim: '0',
        found: String(beside.processes),
        met: beside.processes === 0,
      },
      {
        what: 'disk used when the run has ended, kept work of the failed tasks included',
        aim: `less than ${(2 * ATTEMPTS * LIMITS.diskBytes) / MiB} MiB`,
        found: `${Math.round(beside.diskBytes / MiB)} MiB`,
        met: beside.diskBytes < 2 * ATTEMPTS * LIMITS.diskBytes,
      },
    ];
  },
};

interface Measured {
  readonly done: number;
  /** Why each culprit's attempts ended. */
  readonly reasons: Readonly<Record<string, readonly string[]>>;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly processes: number;
  readonly diskBytes: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly seconds: number;
}

async function measure(length: number, culprits: readonly Culprit[]): Promise<Measured> {
  const agent = (args: readonly string[]) => ({
    type: 'command' as const,
    command: process.execPath,
    args: [AGENT, ...args],
  });
  const names = culprits.map(({ id }) => id);
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        ...culprits.map(({ id }) => ({ id, prompt: 'x', agent: id, priority: 10, max_attempts: ATTEMPTS })),
        ...chains(length),
      ],
    },
    config: {
      providers: {
        worker: agent(['work', String(WORK_MS)]),
        ...Object.fromEntries(culprits.map(({ id, amount }) => [id, agent([id, String(amount)])])),
      },
      agents: {
        worker: { provider: 'worker' },
        ...Object.fromEntries(names.map((id) => [id, { provider: id }])),
      },
      maxAgents: CHAINS + culprits.length,
      limits: LIMITS,
    },
  });
  const { result, seconds, loopP99Ms, loopMaxMs } = await watchedRun(project);
  const processes = project.processes().length;
  const events = await project.events();
  const times = durations(events, new Set(names));
  if (times.length === 0) throw new Error(`The run did nothing: ${result.stderr}`);
  return {
    done: times.length,
    reasons: Object.fromEntries(names.map((id) => [id, failures(events, id)])),
    medianMs: quantile(times, 0.5),
    p95Ms: quantile(times, 0.95),
    processes,
    diskBytes: sizeOf(project.repo.root) + sizeOf(project.home),
    loopP99Ms,
    loopMaxMs,
    seconds,
  };
}

function chains(length: number) {
  return Array.from({ length: CHAINS }, (_, chain) =>
    Array.from({ length }, (_, at) => ({
      id: `work-${chain}-${at}`,
      prompt: 'x',
      agent: 'worker',
      ...(at === 0 ? {} : { depends_on: [`work-${chain}-${at - 1}`] }),
    })),
  ).flat();
}

function stopped(id: string, limit: string, { reasons }: Measured): Finding {
  const named = reasons[id]?.filter((reason) => reason.includes(`limits.${limit} allows`)) ?? [];
  return {
    what: `${id}: stopped at limits.${limit}`,
    aim: `${ATTEMPTS} of ${ATTEMPTS} attempts, the limit named`,
    found: `${named.length} of ${reasons[id]?.length ?? 0}: ${reasons[id]?.at(-1)?.replace(/^\S+ /, '') ?? 'nothing'}`,
    met: named.length === ATTEMPTS,
  };
}

function failures(events: readonly PrintedEvent[], id: string): readonly string[] {
  return events
    .filter(({ type, task }) => task === id && (type === 'task.retried' || type === 'task.failed'))
    .map((event) => String(event['reason']));
}

/** Milliseconds from claim to merge of every task that was done, besides those left out. */
function durations(events: readonly PrintedEvent[], leftOut: ReadonlySet<string>): readonly number[] {
  const claimed = new Map<string, number>();
  const times: number[] = [];
  for (const event of events) {
    if (event.task === undefined || leftOut.has(event.task)) continue;
    const at = new Date(event['at'] as string | number).getTime();
    if (event.type === 'task.claimed') claimed.set(event.task, at);
    const since = claimed.get(event.task);
    if (event.type === 'task.done' && since !== undefined) times.push(at - since);
  }
  return times;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
