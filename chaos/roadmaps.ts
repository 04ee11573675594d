// Malformed roadmaps, made systematically and at random: none may crash or hang the reader, each has its place, and the
// plan in the store stays the last good one.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { openStore } from '../src/adapters/store/open.ts';
import { RoadmapReader } from '../src/adapters/yaml/roadmap-reader.ts';
import { lookAtRoadmap } from '../src/core/syncing/look.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { fuzzed, goodRoadmap, MUTATIONS } from './malformed.ts';
import type { Reading } from './roadmap-reader.ts';
import { generator } from './seeded.ts';

const MALFORMED = 2_500;
const FUZZ_MS = 600_000;
/** Below this share of it nobody wants to wait for slips. */
const LEAST_SCALE = 0.05;
/** A reader that says nothing for so long hangs. */
const HANG_MS = 20_000;
const SLOW_MS = 1_000;

interface Tally {
  read: number;
  invalid: number;
  crashes: number;
  slow: number;
  slowestMs: number;
  problems: number;
  badPlaces: number;
  different: number;
  readonly notes: string[];
}

export const roadmaps: Experiment = {
  about: `Roadmaps broken in ${MUTATIONS.length} ways, then ten minutes of slips at random in texts and bytes; each is read whole, and by a parser that keeps what earlier versions had. In between, each of the first is put in the place of a good one, and a store is told to follow.`,
  async run({ seed, scale, note }) {
    const random = generator(seed);
    const [corpus, fuzz] = [tally(), tally()];
    const kept = await keepPlan({ random, count: rounds(MALFORMED, scale), corpus, note });
    await using reader = new Reader();
    const until = performance.now() + (scale < LEAST_SCALE ? 0 : FUZZ_MS * scale);
    let text = goodRoadmap(random);
    // A few at least, also where the share of the time is next to nothing.
    while (performance.now() < until || fuzz.read < 200) {
      if (random() < 0.2) text = goodRoadmap(random);
      const broken = fuzzed(text, random);
      if (typeof broken === 'string' && random() < 0.3) text = broken.slice(0, 20_000);
      count(fuzz, 'fuzz', await reader.read(bytesOf(broken)));
      if (fuzz.read % 20_000 === 0) note(`${fuzz.read} read`);
    }
    for (const line of [...corpus.notes, ...fuzz.notes].slice(0, 20)) note(`not as it must be: ${line}`);
    return [...findings('malformed roadmaps', corpus), ...kept, ...findings('roadmaps with slips', fuzz)];
  },
};

interface KeepPlan {
  readonly random: () => number;
  readonly count: number;
  readonly corpus: Tally;
  readonly note: (line: string) => void;
}

/** Reads the corpus, and lets a store follow a file that is each of it in turn. */
async function keepPlan({ random, count: total, corpus, note }: KeepPlan): Promise<readonly Finding[]> {
  const directory = mkdtempSync(join(tmpdir(), 'cw-chaos-roadmaps-'));
  try {
    const file = join(directory, 'roadmap.yaml');
    await using store = await openStore({ url: `sqlite:${join(directory, 'store.db')}`, project: 'chaos' });
    await using reader = new Reader();
    const source = new RoadmapReader(file, 'roadmap.yaml');
    const good = goodRoadmap(random);
    writeFileSync(file, good);
    const look = () =>
      lookAtRoadmap({ source, store, place: 'here' }, { reason: 'edit', onRemoved: 'drain' });
    await look();
    const before = await digestOf(store);
    let changed = 0;
    let followed = 0;
    for (let n = 0; corpus.invalid < total; n++) {
      const mutation = MUTATIONS[n % MUTATIONS.length];
      if (mutation === undefined) break;
      const bytes = bytesOf(mutation.make(goodRoadmap(random), random));
      const reading = await reader.read(bytes);
      count(corpus, mutation.name, reading);
      if (reading.kind === 'valid') {
        if (mutation.mayBeGood !== true) corpus.notes.push(`${mutation.name} was taken`);
        continue;
      }
      writeFileSync(file, bytes);
      if ((await look()).kind !== 'rejected') corpus.notes.push(`${mutation.name} was not rejected`);
      if ((await digestOf(store)) !== before) changed++;
      if (n % 500 === 499) note(`${n + 1} malformed`);
    }
    // The file is mended: it is the plan again, and the next edit is followed.
    writeFileSync(file, `${good}  - { id: mended, title: Mended }\n`);
    if ((await look()).kind === 'synced') followed++;
    return [
      {
        what: `the plan in the store after each of ${corpus.invalid}`,
        aim: 'the last good one',
        found: changed === 0 ? 'the last good one' : `${changed} times another one`,
        met: changed === 0,
      },
      {
        what: 'the first good edit after them',
        aim: 'followed',
        found: followed === 1 ? 'followed' : 'not followed',
        met: followed === 1,
      },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function digestOf(store: Store): Promise<string> {
  const facts = (await store.tasks()).map(({ id, state, definition }) => ({ id, state, definition }));
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** A thread that reads; a new one takes its place when it hangs. */
class Reader implements AsyncDisposable {
  #worker = start();

  async read(bytes: Uint8Array): Promise<Reading> {
    const signal = AbortSignal.timeout(HANG_MS);
    this.#worker.postMessage(bytes);
    try {
      const [reading] = (await once(this.#worker, 'message', { signal })) as [Reading];
      return reading;
    } catch (error) {
      await this.#worker.terminate();
      this.#worker = start();
      const message = error instanceof Error ? error.message : String(error);
      const kind = signal.aborted ? 'invalid' : 'crash';
      return { kind, wholeMs: HANG_MS, partsMs: 0, badPlaces: 0, problems: 0, same: true, message };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }
}

function start(): Worker {
  return new Worker(new URL('./roadmap-reader.ts', import.meta.url));
}

function tally(): Tally {
  return {
    read: 0,
    invalid: 0,
    crashes: 0,
    slow: 0,
    slowestMs: 0,
    problems: 0,
    badPlaces: 0,
    different: 0,
    notes: [],
  };
}

function count(sum: Tally, name: string, reading: Reading): void {
  sum.read++;
  const slowestMs = Math.max(reading.wholeMs, reading.partsMs);
  sum.slowestMs = Math.max(sum.slowestMs, slowestMs);
  sum.problems += reading.problems;
  sum.badPlaces += reading.badPlaces;
  if (reading.kind === 'invalid') sum.invalid++;
  const say = (what: string) => sum.notes.push(`${name}: ${what}: ${reading.message.slice(0, 400)}`);
  if (reading.kind === 'crash') {
    sum.crashes++;
    say('crash');
  } else if (!reading.same) {
    sum.different++;
    say('the two parses differ');
  }
  if (reading.badPlaces > 0) say('a problem without a place in the file');
  if (slowestMs > SLOW_MS) {
    sum.slow++;
    say(`${Math.round(slowestMs)} ms`);
  }
}

function findings(what: string, sum: Tally): readonly Finding[] {
  const row = (each: string, aim: string, found: number, met = found === 0): Finding => ({
    what: each,
    aim,
    found: String(found),
    met,
  });
  return [
    { what: `${what}, of ${sum.read} read`, aim: '–', found: String(sum.invalid), met: undefined },
    row('crashes', '0', sum.crashes),
    {
      what: `more than ${SLOW_MS / 1_000} s of the processor, or no answer in ${HANG_MS / 1_000} s`,
      aim: '0',
      found: `${sum.slow}; the slowest took ${Math.round(sum.slowestMs)} ms`,
      met: sum.slow === 0,
    },
    {
      what: `${sum.problems} problems`,
      aim: 'all with file, line and column in the file',
      found: `${sum.badPlaces} without`,
      met: sum.badPlaces === 0,
    },
    row('parses of what changed that say something else than a whole parse', '0', sum.different),
  ];
}

function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === 'string' ? Buffer.from(text) : text;
}
