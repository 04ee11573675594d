import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { openStore } from '../src/adapters/store/open.ts';
import { systemClock } from '../src/adapters/system/clock.ts';
import { DirectoryWatcher } from '../src/adapters/watch/directory-watcher.ts';
import { hashOf } from '../src/adapters/yaml/roadmap-file.ts';
import { RoadmapReader } from '../src/adapters/yaml/roadmap-reader.ts';
import { HASH_KEY } from '../src/core/syncing/look.ts';
import type { FileWatcher } from '../src/core/syncing/ports.ts';
import { RoadmapSync } from '../src/core/syncing/roadmap-sync.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import { seeded } from '../test/e2e/seeded.ts';
import { SAVE_STYLES, type SaveStyle } from '../test/support/save-styles.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';

const SAVES = 10_000;
/** Files that are saved side by side, each with a store of its own. */
const LANES = 4;
/** A save that is not in the plan after this long was missed: nothing else looks at the file within an hour. */
const PATIENCE_MS = 5_000;
/** The file rests as briefly as is possible: the experiment is not about waiting. */
const SETTINGS = {
  sync: 'watch',
  debounceMs: 0,
  stabilityMs: 20,
  pollMs: 3_600_000,
  safetyMs: 3_600_000,
  onRemoved: 'drain',
} as const;

const STYLES = Object.entries(SAVE_STYLES) as readonly (readonly [string, SaveStyle])[];

interface Tally {
  readonly missed: string[];
  /** Per style: ms from the begin of a save to the watcher's call. */
  readonly noticedMs: Map<string, number[]>;
  readonly syncedMs: number[];
  syncs: number;
  rejected: number;
}

/** Saves in every way in which editors do; after each one the plan must be that of the last text. */
export const saves: Experiment = {
  about: `Four roadmap files are saved one time after the other in ${STYLES.length} styles, chosen by chance, while each is followed by the watcher and the sync of \`cw run\`, with a store on disk. The file has to rest 20 ms, and nothing but the watcher looks at it. A save counts as missed when the plan is not that of its text after ${PATIENCE_MS / 1_000} s.`,
  async run({ seed, scale, note }) {
    const tally: Tally = {
      missed: [],
      noticedMs: new Map(STYLES.map(([name]) => [name, []])),
      syncedMs: [],
      syncs: 0,
      rejected: 0,
    };
    const each = Math.ceil(rounds(SAVES, scale) / LANES);
    await Promise.all(Array.from({ length: LANES }, (_, lane) => runLane(lane, { seed, each, tally, note })));
    const all = [...tally.noticedMs.values()].flat();
    const counted = STYLES.map(([name]) => `${tally.noticedMs.get(name)?.length ?? 0} ${name}`);
    return [
      {
        what: `${all.length} saves: ${counted.join(', ')}`,
        aim: '0 missed',
        found: `${tally.missed.length} missed${tally.missed.length === 0 ? '' : `, the first ${tally.missed[0]}`}`,
        met: tally.missed.length === 0 && all.length === each * LANES,
      },
      {
        what: 'looks that found half a save, because its writer paused for longer than the rest',
        aim: 'none: the plan stays, and the whole is taken',
        found: String(tally.rejected),
        met: undefined,
      },
      {
        what: 'from the begin of a save to its notice',
        aim: 'p99 within 100 ms',
        found: `p50 ${show(all, 0.5)}, p99 ${show(all, 0.99)}, longest ${show(all, 1)} ms`,
        met: quantile(all, 0.99) <= 100,
      },
      {
        what: 'from the begin of a save to the plan in the store',
        aim: 'none: 20 ms of it are the rest',
        found: `p50 ${show(tally.syncedMs, 0.5)}, p99 ${show(tally.syncedMs, 0.99)} ms, by ${tally.syncs} syncs`,
        met: undefined,
      },
    ] satisfies Finding[];
  },
};

async function runLane(
  lane: number,
  { seed, each, tally, note }: { seed: number; each: number; tally: Tally; note: (line: string) => void },
): Promise<void> {
  const chance = seeded(seed * LANES + lane);
  const directory = await mkdtemp(join(tmpdir(), 'cw-saves-'));
  try {
    const path = join(directory, 'roadmap.yaml');
    await writeFile(path, textOf(lane, 0));
    await using store = await openStore({
      ...{ url: `sqlite:${join(directory, 'state', 'codewalk.db')}`, project: 'saves', version: '0' },
    });
    const watcher = new DirectoryWatcher(path, { fallbackMs: 1_000, onFallback: (said) => note(said) });
    const notices = new Notices(watcher);
    let looked = () => {};
    await using sync = new RoadmapSync({
      ...{ source: new RoadmapReader(path, 'roadmap.yaml'), watcher: notices, place: 'here', store },
      ...{ clock: systemClock, settings: SETTINGS, orchestrator: `lane_${lane}` },
      onLook: ({ kind }) => {
        if (kind === 'synced') tally.syncs += 1;
        if (kind === 'rejected') tally.rejected += 1;
        looked();
      },
    });
    await sync.start();
    for (let save = 1; save <= each; save += 1) {
      const [style, write] = STYLES[chance(STYLES.length)] ?? STYLES[0] ?? ['', async () => {}];
      const text = textOf(lane, save);
      const until = planOf(store, text, (listener) => {
        looked = listener;
      });
      const noticed = notices.next();
      const begin = performance.now();
      await write(path, text);
      const isTaken = await until;
      tally.noticedMs.get(style)?.push((await Promise.race([noticed, begin + PATIENCE_MS])) - begin);
      if (isTaken) tally.syncedMs.push(performance.now() - begin);
      else tally.missed.push(`save ${save} of file ${lane}: ${style}`);
      if (save % 500 === 0) note(`file ${lane}: ${save} saves`);
    }
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Resolves when the plan is that of the text, or with false when that takes too long. */
async function planOf(store: Store, text: string, onLook: (listener: () => void) => void): Promise<boolean> {
  const wanted = hashOf(Buffer.from(text));
  const { promise, resolve } = Promise.withResolvers<true>();
  onLook(() => {
    void store.getMeta(HASH_KEY).then((hash) => {
      if (hash === wanted) resolve(true);
    });
  });
  const late = new AbortController();
  const patience = pause(PATIENCE_MS, false, { signal: late.signal }).catch(() => false);
  const isTaken = await Promise.race([promise, patience]);
  late.abort();
  return isTaken;
}

/** The watcher, with the time of the next call for who wants to know. */
class Notices implements FileWatcher {
  readonly #watcher: FileWatcher;
  #next = Promise.withResolvers<number>();

  constructor(watcher: FileWatcher) {
    this.#watcher = watcher;
  }

  watch(listener: () => void): () => void {
    return this.#watcher.watch(() => {
      this.#next.resolve(performance.now());
      listener();
    });
  }

  /** When it is called next, ms. */
  next(): Promise<number> {
    this.#next = Promise.withResolvers<number>();
    return this.#next.promise;
  }
}

function textOf(lane: number, save: number): string {
  const task = (id: string) => `  - id: ${id}\n    prompt: File ${lane}, save ${save}.\n`;
  return `version: 1\ntasks:\n${['one', 'two', 'three'].map(task).join('')}`;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

function show(values: readonly number[], share: number): string {
  return quantile(values, share).toFixed(1);
}
