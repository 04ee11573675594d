import { createHash } from 'node:crypto';
import type { TestContext } from 'node:test';
import { openStore } from '../../src/adapters/store/open.ts';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import type { FollowSettings } from '../../src/core/syncing/following.ts';
import type { Look } from '../../src/core/syncing/look.ts';
import type { FileWatcher, RoadmapRead, RoadmapSource, SyncReason } from '../../src/core/syncing/ports.ts';
import { RoadmapSync } from '../../src/core/syncing/roadmap-sync.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

/** A roadmap file in memory, with a watcher that tells of each save as the system would. */
export class MemoryFile implements RoadmapSource, FileWatcher {
  readonly path = 'roadmap.yaml';
  /** How often its bytes were read, and how often they were parsed. */
  reads = 0;
  parses = 0;
  /** Texts that were parsed, in order. */
  readonly parsed: string[] = [];
  /** Runs while the file is read, before it is looked at whether it has changed. */
  duringRead: (() => void | Promise<void>) | undefined;
  unreadable: string | undefined;
  /** Does the system tell of saves? */
  tells = true;
  readonly #listeners = new Set<() => void>();
  #text: string | undefined;
  #saves = 0;

  get watchers(): number {
    return this.#listeners.size;
  }

  get text(): string | undefined {
    return this.#text;
  }

  save(text: string): void {
    this.#text = text;
    this.#changed();
  }

  delete(): void {
    this.#text = undefined;
    this.#changed();
  }

  /** Somebody may or may not read it from now on. */
  permit(unreadable?: string): void {
    this.unreadable = unreadable;
    this.#changed();
  }

  #changed(): void {
    this.#saves += 1;
    if (this.tells) for (const listener of this.#listeners) listener();
  }

  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stamp(): Promise<string | undefined> {
    return this.#text === undefined ? undefined : `save ${this.#saves}`;
  }

  async read(known: string | undefined): Promise<RoadmapRead> {
    const text = this.#text;
    this.reads += 1;
    await this.duringRead?.();
    if (text === undefined) return { kind: 'missing' };
    if (this.unreadable !== undefined)
      return { kind: 'unreadable', message: this.unreadable, advice: 'Mend it.' };
    const hash = hashOf(text);
    if (hash === known) return { kind: 'same', hash };
    this.parses += 1;
    this.parsed.push(text);
    const read = readRoadmap(this.path, Buffer.from(text));
    if (read.kind === 'invalid') return { kind: 'invalid', hash, problems: read.problems };
    return { kind: 'valid', hash, roadmap: read.roadmap, plan: read.plan };
  }
}

export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** A roadmap with these tasks. */
export function roadmapOf(...ids: readonly string[]): string {
  return `version: 1\ntasks:\n${ids.map((id) => `  - id: ${id}\n    prompt: Do ${id}.\n`).join('')}`;
}

const SETTINGS: FollowSettings & { onRemoved: 'drain' | 'cancel' } = {
  sync: 'watch',
  debounceMs: 2_000,
  stabilityMs: 500,
  pollMs: 10_000,
  safetyMs: 60_000,
  onRemoved: 'drain',
};

export interface Following {
  readonly sync: RoadmapSync;
  readonly looks: { readonly look: Look; readonly reasons: readonly SyncReason[]; readonly at: number }[];
  readonly notices: string[];
}

/** A file, a clock, a store, and whoever follows the file. All of it ends with the test. */
export class SyncRig {
  readonly clock = new SimulatedClock();
  readonly file = new MemoryFile();
  readonly store: Store;
  readonly #stops: (() => Promise<void>)[] = [];
  #orchestrators = 0;

  private constructor(store: Store) {
    this.store = store;
  }

  static async open(t: TestContext): Promise<SyncRig> {
    const store = await openStore({ url: 'sqlite::memory:', project: 'test', version: '0' });
    const rig = new SyncRig(store);
    t.after(async () => {
      await Promise.all(rig.#stops.map((stop) => stop()));
      await store.close();
    });
    return rig;
  }

  /** Made, not started. */
  follower(
    options: Partial<FollowSettings> & {
      file?: MemoryFile;
      place?: string;
      store?: Store;
      idleAgents?: number;
    } = {},
  ): Following {
    const { file = this.file, place = 'here', store = this.store, idleAgents = 2, ...settings } = options;
    const looks: Following['looks'] = [];
    const notices: string[] = [];
    this.#orchestrators += 1;
    const sync = new RoadmapSync({
      ...{ source: file, watcher: file, place, store, clock: this.clock },
      settings: { ...SETTINGS, ...settings },
      orchestrator: `orc_${this.#orchestrators}`,
      idleAgents: () => idleAgents,
      onLook: (look, reasons) => looks.push({ look, reasons: [...reasons], at: this.clock.now() }),
      onNotice: (message) => notices.push(message),
    });
    this.#stops.push(() => sync.stop());
    return { sync, looks, notices };
  }

  /** One that follows, after its first look. */
  async following(options: Parameters<SyncRig['follower']>[0] = {}): Promise<Following> {
    const following = this.follower(options);
    const started = following.sync.start();
    await this.clock.pass(1_000);
    await started;
    following.looks.length = 0;
    return following;
  }

  async ids(): Promise<readonly string[]> {
    return (await this.store.tasks()).map(({ id }) => id);
  }

  async types(
    ...types: readonly ('roadmap.synced' | 'roadmap.rejected' | 'roadmap.held')[]
  ): Promise<number> {
    return (await this.store.events(0, { types })).length;
  }
}
