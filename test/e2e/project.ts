import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { findOnPath } from '../../src/adapters/process/find-on-path.ts';
import { processTable } from '../../src/adapters/process/process-table.ts';
import { findAvailability } from '../../src/adapters/sandbox/availability.ts';
import type { ConfigFile } from '../../src/core/config/schema.ts';
import { type CwOptions, type CwResult, cw, type RunningCw, spawnCw } from '../support/installed-cw.ts';
import { makeRepo, type TestRepo } from '../support/repo.ts';
import { type AgentRecord, DIRECTORY, readRecord, type Script, until } from './scripted-agent.ts';

/** An event as `cw events --json` prints it. */
export type PrintedEvent = { readonly seq: number; readonly type: string; readonly task?: string } & Readonly<
  Record<string, unknown>
>;

export interface PrintedTask {
  readonly id: string;
  readonly state: string;
  readonly attempts: number;
  readonly [key: string]: unknown;
}

export interface ProjectOptions {
  /** The roadmap as a value, or its text; left out, there is none. */
  readonly roadmap?: object | string;
  readonly script?: Script;
  readonly config?: ConfigFile;
  /** Files of the first commit. */
  readonly files?: Readonly<Record<string, string>>;
}

/** For tests that follow agents by the pids they have: in a sandbox these are numbers of its own. */
export const UNCONFINED = { sandbox: { mode: 'off' } } as const satisfies ConfigFile;

/** Where there is no sandbox, each run says so unless nobody wants one. */
const { kind: sandboxIs } = await findAvailability(findOnPath('bwrap', process.env));
const WITHOUT_NOTICE = sandboxIs === 'missing' ? UNCONFINED.sandbox : {};

type Extra = Partial<Pick<CwOptions, 'cwd' | 'env' | 'input' | 'patienceMs'>>;

/** A repository with scripted agents and a person who runs `cw` in it. Disposing ends everything that still runs. */
export interface E2eProject extends AsyncDisposable {
  readonly repo: TestRepo;
  readonly home: string;
  /** Outside of the repository: script, record and go-ahead files of the agents. */
  readonly directory: string;
  cw(args: readonly string[], extra?: Extra): Promise<CwResult>;
  start(args: readonly string[], extra?: Extra): Promise<RunningCw>;
  /** Makes the file that a `waitFor` of the script waits for. */
  allow(name: string): void;
  roadmap(roadmap: object | string): void;
  script(script: Script): void;
  /** Writes the config anew, for what is not known before the project is there. */
  configure(config: ConfigFile): void;
  record(): readonly AgentRecord[];
  /** Resolves when the agents have written down something that makes `holds` true. */
  untilRecord(holds: (record: readonly AgentRecord[]) => boolean): Promise<void>;
  starts(task?: string): readonly Extract<AgentRecord, { kind: 'start' }>[];
  events(...filter: string[]): Promise<readonly PrintedEvent[]>;
  tasks(): Promise<Readonly<Record<string, PrintedTask>>>;
  /** Processes that run in this project's name, except those that already ended and wait for their parent. */
  processes(): readonly number[];
}

/** Only a broken program makes a test wait so long: it fails then, and still clears up. */
const PATIENCE_MS = 60_000;

const ROOT = join(import.meta.dirname, '..', '..');
const AGENT = join(import.meta.dirname, 'scripted-agent.ts');

export async function makeProject(options: ProjectOptions = {}): Promise<E2eProject> {
  const repo = await makeRepo(options.files === undefined ? {} : { files: options.files });
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'cw-e2e-')));
  const [home, directory] = [join(base, 'home'), join(base, 'agents')];
  for (const each of [home, directory, join(directory, 'go')]) mkdirSync(each);
  // Codewalk tells git once that its own directory is no work of the user's; here it is known from the start.
  repo.write('.git/info/exclude', '/.codewalk/\n');
  const project = new Project(repo, base, home, directory);
  project.script(options.script ?? {});
  if (options.roadmap !== undefined) project.roadmap(options.roadmap);
  project.configure(options.config ?? {});
  return project;
}

/** Every role is played by the scripted agent; what fails is tried again at once, and the breaker stays out of it. */
function scriptedConfig(directory: string, more: ConfigFile = {}): ConfigFile {
  const scripted = { provider: 'scripted' };
  return {
    ...more,
    providers: {
      scripted: {
        type: 'command',
        command: process.execPath,
        args: [AGENT],
        env: { [DIRECTORY]: directory, NODE_COMPILE_CACHE: join(directory, 'compiled') },
      },
      ...more.providers,
    },
    agents: { coder: scripted, reviewer: scripted, tester: scripted, ...more.agents },
    retry: { maxAttempts: 2, baseMs: 1, maxMs: 10, ...more.retry },
    breaker: { failures: 100, ...more.breaker },
    // Nobody plays that role, unless a test says who.
    questions: { orchestrator: false, ...more.questions },
    limits: { graceMs: 1_000, ...more.limits },
    // In a sandbox the agents see their own source, and write where the test reads.
    sandbox: { ...WITHOUT_NOTICE, readable: [ROOT], writable: [directory], ...more.sandbox },
  };
}

class Project implements E2eProject {
  readonly repo: TestRepo;
  readonly home: string;
  readonly directory: string;
  readonly #base: string;

  constructor(repo: TestRepo, base: string, home: string, directory: string) {
    this.repo = repo;
    this.#base = base;
    this.home = home;
    this.directory = directory;
  }

  cw(args: readonly string[], extra: Extra = {}): Promise<CwResult> {
    return cw(args, { cwd: this.repo.root, home: this.home, ...extra });
  }

  start(args: readonly string[], extra: Extra = {}): Promise<RunningCw> {
    return spawnCw(args, { cwd: this.repo.root, home: this.home, ...extra });
  }

  allow(name: string): void {
    writeFileSync(join(this.directory, 'go', name), '');
  }

  roadmap(roadmap: object | string): void {
    this.repo.write('roadmap.yaml', typeof roadmap === 'string' ? roadmap : stringify(roadmap));
  }

  script(script: Script): void {
    writeFileSync(join(this.directory, 'script.json'), JSON.stringify(script));
  }

  configure(config: ConfigFile): void {
    const text = JSON.stringify(scriptedConfig(this.directory, config), null, 2);
    this.repo.write('.codewalk/config.json', text);
  }

  record(): readonly AgentRecord[] {
    return readRecord(this.directory);
  }

  untilRecord(holds: (record: readonly AgentRecord[]) => boolean): Promise<void> {
    return until(this.directory, () => holds(this.record()), AbortSignal.timeout(PATIENCE_MS));
  }

  starts(task?: string): readonly Extract<AgentRecord, { kind: 'start' }>[] {
    return this.record().filter(
      (each): each is Extract<AgentRecord, { kind: 'start' }> =>
        each.kind === 'start' && (task === undefined || each.task === task),
    );
  }

  async events(...filter: string[]): Promise<readonly PrintedEvent[]> {
    const { code, stdout, stderr } = await this.cw(['events', '--json', ...filter]);
    assert.equal(code, 0, stderr);
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as PrintedEvent);
  }

  async tasks(): Promise<Readonly<Record<string, PrintedTask>>> {
    const { code, stdout, stderr } = await this.cw(['status', '--json']);
    assert.equal(code, 0, stderr);
    const { tasks } = JSON.parse(stdout) as { tasks: readonly PrintedTask[] };
    return Object.fromEntries(tasks.map((task) => [task.id, task]));
  }

  processes(): readonly number[] {
    const table = processTable();
    return [...table.variable('HOME')].flatMap(([pid, home]) =>
      home === this.home && table.row(pid)?.zombie === false ? [pid] : [],
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (let left = this.processes(); left.length > 0; left = this.processes()) {
      for (const pid of left) kill(pid);
    }
    rmSync(this.#base, { recursive: true, force: true, maxRetries: 5 });
    await this.repo[Symbol.asyncDispose]();
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended meanwhile.
  }
}
