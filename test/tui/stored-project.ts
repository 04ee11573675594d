import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { LogReader } from '../../src/adapters/logs/read-logs.ts';
import { backUp } from '../../src/adapters/store/backup.ts';
import { openDatabase, openStore } from '../../src/adapters/store/open.ts';
import { restore } from '../../src/adapters/store/restore.ts';
import { LOCAL_PERSON } from '../../src/core/api/actor.ts';
import type { LocalProject } from '../../src/core/api/local-project.ts';
import type { Project } from '../../src/core/api/parts.ts';
import type { ProjectApi } from '../../src/core/api/ports.ts';
import { resolveConfig } from '../../src/core/config/resolve.ts';
import type { Config } from '../../src/core/config/schema.ts';
import { CodewalkError } from '../../src/core/errors.ts';
import { LogBus } from '../../src/core/events/log-bus.ts';
import { lookAtRoadmap } from '../../src/core/syncing/look.ts';
import type { Store } from '../../src/core/tasks/ports.ts';
import { LocalRoadmap } from '../../src/main/cli/roadmap-service.ts';
import { projectOf } from './store-api.ts';

export type Row = Readonly<Record<string, unknown>>;

/** Asks a database by statements. */
interface Query {
  rows(statement: string): Promise<readonly Row[]>;
  close(): Promise<void>;
}

/** Of a day, in dollars: small enough to be spent in a test. */
export const DAY_BUDGET_USD = 3;

/** A project with a real store, a roadmap file and log files, and no repository. */
export class StoredProject implements AsyncDisposable {
  readonly root: string;
  readonly store: Store;
  readonly roadmap: LocalRoadmap;
  readonly #config: Config;
  readonly #project: Project;
  readonly #query: Query;

  private constructor(root: string, store: Store, query: Query) {
    this.root = root;
    this.store = store;
    this.#query = query;
    const resolved = resolveConfig([]);
    if (resolved.kind === 'invalid') throw new Error('The built-in config is invalid');
    this.#config = { ...resolved.config, budget: { dayUsd: DAY_BUDGET_USD } };
    this.#project = {
      root,
      name: 'shop',
      roadmapPath: join(root, 'roadmap.yaml'),
      stateDirectory: join(root, 'state'),
      logsDirectory: join(root, 'logs'),
    };
    this.roadmap = new LocalRoadmap({
      project: async () => this.#project,
      store: async () => store,
      config: async () => this.#config,
      directory: root,
    });
  }

  /** `url`: of a database on PostgreSQL; default: a new file of SQLite. */
  static async open(url?: string): Promise<StoredProject> {
    const root = mkdtempSync(join(tmpdir(), 'cw-stored-'));
    const file = join(root, 'state.db');
    const store = await openStore({ url: url ?? `sqlite:${file}`, project: 'p' });
    const query = url === undefined ? ofFile(file) : await ofServer(url);
    return new StoredProject(root, store, query);
  }

  api(): ProjectApi {
    return this.hosted().as(LOCAL_PERSON);
  }

  /** As one process has it, such as a server. `isAway`: its database cannot be reached. */
  hosted(isAway: () => boolean = () => false): LocalProject {
    const { store, roadmap } = this;
    const bus = new LogBus(store);
    return projectOf(store, {
      store: async () => {
        if (isAway()) throw new CodewalkError('STORE_AWAY', 'the database is away', { advice: 'Wait.' });
        return store;
      },
      project: async () => this.#project,
      config: async () => this.#config,
      bus: async () => bus,
      refresh: (reason) => roadmap.refresh(reason),
      roadmap,
      logs: new LogReader(async () => this.#project.logsDirectory),
    });
  }

  /** Asks the database itself. */
  rows(statement: string): Promise<readonly Row[]> {
    return this.#query.rows(statement);
  }

  save(roadmap: string): void {
    writeFileSync(this.#project.roadmapPath, roadmap);
  }

  /** Looks at the roadmap file as an orchestrator does, which also writes down what is wrong with it. */
  async look(): Promise<void> {
    const { source, place } = await this.roadmap.followed();
    await lookAtRoadmap(
      { source, place, store: this.store },
      { reason: 'edit', onRemoved: 'drain', tells: true },
    );
  }

  /** An agent of the step prints. `place`: see `Task.place`. */
  print(place: string, { attempt, step }: { attempt: number; step: number }, lines: readonly string[]): void {
    const directory = join(this.#project.logsDirectory, place);
    mkdirSync(directory, { recursive: true });
    appendFileSync(join(directory, `${attempt}-${step}.log`), lines.map((line) => `${line}\n`).join(''));
  }

  /** What was printed in the newest step, and nothing before it. */
  printed(place: string): readonly string[] {
    const directory = join(this.#project.logsDirectory, place);
    let names: string[] = [];
    try {
      names = readdirSync(directory);
    } catch {
      return [];
    }
    const number = (name: string): number => {
      const [attempt = 0, step = 0] = name.replace('.log', '').split('-').map(Number);
      return attempt * 10_000 + step;
    };
    const newest = names.toSorted((a, b) => number(a) - number(b)).at(-1);
    if (newest === undefined) return [];
    return readFileSync(join(directory, newest), 'utf8').split('\n').slice(0, -1);
  }

  /** Keeps the state as it is now. Only on SQLite. */
  async backUp(): Promise<void> {
    const { engine } = await openDatabase(this.#place);
    try {
      await backUp(
        { engine, project: this.#place.project },
        { file: this.#backup, now: 1_000, version: '1' },
      );
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  }

  /** Makes what was kept the state again. */
  async restore(): Promise<void> {
    await restore({
      ...this.#place,
      ...{ version: '1', file: this.#backup, force: true, by: 'ann', now: 2_000, isDead: () => false },
      keepIn: join(this.root, `kept-${randomUUID()}.db`),
    });
    rmSync(this.#backup);
  }

  get #place() {
    return { url: `sqlite:${join(this.root, 'state.db')}`, project: 'p', stateDirectory: this.root };
  }

  get #backup(): string {
    return join(this.root, 'backup.db');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#query.close();
    await this.store.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

function ofFile(file: string): Query {
  const database = new DatabaseSync(file, { readOnly: true });
  return {
    rows: async (statement) => database.prepare(statement).all() as Row[],
    close: async () => database.close(),
  };
}

async function ofServer(url: string): Promise<Query> {
  const client = new pg.Client(url);
  await client.connect();
  return {
    rows: async (statement) => (await client.query(statement)).rows as Row[],
    close: () => client.end(),
  };
}
