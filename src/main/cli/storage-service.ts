import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../../adapters/process/identity.ts';
import type { Project } from '../../core/api/parts.ts';
import type { Storage, StorageInfo } from '../../core/storage/ports.ts';
import type { BackupRecord, StorageReport } from '../../core/storage/report.ts';

/** Backups of one kind that stay in `.codewalk/backups`. */
const KEPT = 10;
const LEFT_MS = 3_600_000;
const NAMED = /^(backup|before-restore|schema-\d+)-[\dTZ.-]+\.db$/;

export interface StorageParts {
  readonly version: string;
  readonly project: () => Promise<Project>;
  readonly hasState: () => Promise<boolean>;
  /** Where the state lies. */
  readonly place: () => Promise<{ url: string; project: string }>;
  /** Writes down what git shows to be merged; opens the store. */
  readonly recordMerged: () => Promise<readonly string[]>;
  readonly now: () => number;
}

/** The state of the project around the working directory. */
export class LocalStorage implements Storage {
  readonly #parts: StorageParts;

  constructor(parts: StorageParts) {
    this.#parts = parts;
  }

  async info(): Promise<StorageInfo> {
    const { inspectState } = await import('../../adapters/store/inspect.ts');
    const options = await this.#options();
    const state = (await this.#parts.hasState()) ? await inspectState(options) : undefined;
    const engine = options.url.startsWith('sqlite:') ? 'sqlite' : 'postgres';
    const place = state?.place ?? options.url.replace(/^sqlite:/, '');
    const { state: found, seen } = state ?? {};
    return { engine, place, state: found, seen, backups: await this.#backups() };
  }

  async verify(file?: string): Promise<StorageReport> {
    const { verifyBackup, verifyState } = await import('../../adapters/store/verify.ts');
    return file === undefined ? await verifyState(await this.#options()) : await verifyBackup(file);
  }

  async backUp(file?: string): Promise<BackupRecord> {
    const { backUp } = await import('../../adapters/store/backup.ts');
    const { openDatabase } = await import('../../adapters/store/open.ts');
    const options = await this.#options();
    const { engine, headFile } = await openDatabase(options);
    try {
      const now = this.#parts.now();
      const target = file ?? (await this.#newBackup('backup', now));
      const { version } = this.#parts;
      const record = await backUp({ engine, project: options.project }, { file: target, now, version });
      if (file === undefined) await this.#prune();
      return record;
    } finally {
      headFile?.[Symbol.dispose]();
      await engine[Symbol.asyncDispose]();
    }
  }

  async restore(file: string, { force, by }: { force: boolean; by: string }) {
    const { restore } = await import('../../adapters/store/restore.ts');
    const now = this.#parts.now();
    const keepIn = await this.#newBackup('before-restore', now);
    const options = await this.#options();
    const restored = await restore({ ...options, file, force, by, keepIn, now, isDead });
    await this.#prune();
    return { ...restored, merged: await this.#parts.recordMerged() };
  }

  /** For whoever is about to work on the state for long. */
  async checkPages(): Promise<void> {
    const { checkPages } = await import('../../adapters/store/inspect.ts');
    await checkPages((await this.#parts.place()).url);
  }

  async accept(by: string) {
    const { accept } = await import('../../adapters/store/accept.ts');
    const accepted = await accept({ ...(await this.#options()), by });
    return { ...accepted, merged: await this.#parts.recordMerged() };
  }

  async #options() {
    const { stateDirectory } = await this.#parts.project();
    const { version } = this.#parts;
    return { ...(await this.#parts.place()), stateDirectory, version };
  }

  async #directory(): Promise<string> {
    return join((await this.#parts.project()).root, '.codewalk', 'backups');
  }

  async #newBackup(kind: 'backup' | 'before-restore', now: number): Promise<string> {
    const directory = await this.#directory();
    mkdirSync(directory, { recursive: true });
    return join(directory, `${kind}-${new Date(now).toISOString().replaceAll(':', '-')}.db`);
  }

  /** By name, which is their time, the newest first. */
  async #names(): Promise<string[]> {
    const directory = await this.#directory();
    const names = existsSync(directory) ? readdirSync(directory) : [];
    const time = (name: string) => name.slice(name.search(/\d{4}-/));
    return names.filter((name) => NAMED.test(name)).toSorted((a, b) => (time(a) < time(b) ? 1 : -1));
  }

  async #backups(): Promise<BackupRecord[]> {
    const { glanceAtBackup } = await import('../../adapters/store/inspect.ts');
    const directory = await this.#directory();
    const found = await Promise.all(
      (await this.#names()).map((name) => glanceAtBackup(join(directory, name))),
    );
    return found.filter((record) => record !== undefined);
  }

  /** Old ones go, of each kind by itself. */
  async #prune(): Promise<void> {
    const directory = await this.#directory();
    for (const name of existsSync(directory) ? readdirSync(directory) : []) {
      const path = join(directory, name);
      // What a killed process left behind; nobody writes on one file for so long.
      const isLeft = /\.part-\d+/.test(name) && this.#parts.now() - statSync(path).mtimeMs > LEFT_MS;
      if (isLeft) rmSync(path, { force: true });
    }
    const seen = new Map<string, number>();
    for (const name of await this.#names()) {
      const kind = NAMED.exec(name)?.[1] ?? '';
      const newer = seen.get(kind) ?? 0;
      seen.set(kind, newer + 1);
      if (newer >= KEPT) rmSync(join(directory, name), { force: true });
    }
  }
}

/** Only a process of this machine can be known to be dead. */
function isDead(one: { host: string; pid: number; pid_start: string; boot_id: string }): boolean {
  return one.host === hostname() && !isAlive({ pid: one.pid, startTime: one.pid_start, bootId: one.boot_id });
}
