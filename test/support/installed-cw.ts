import { type ChildProcessWithoutNullStreams, execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { buildBundle } from '../../scripts/build.ts';
import { machineNode } from '../house/machine-node.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const CACHE = join(ROOT, 'node_modules', '.cache', 'installed-cw');
const KEPT_MS = 2 * 3_600_000;
/** What is kept of a stream in memory; a test that needs more reads the lines as they come. */
const KEPT_LINES = 20_000;
/** Only a broken program runs so long. Killed then, it lets its test fail and clear up. */
const PATIENCE_MS = 120_000;

export interface CwOptions {
  readonly cwd: string;
  /** The home of the person who runs it: no config of this machine is read. */
  readonly home: string;
  /** On top of a PATH and a locale; `undefined` takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Given on standard input, which is closed then. */
  readonly input?: string;
  /** Who runs it, where it is not the user of this process; needs root. */
  readonly user?: User | undefined;
  /** How long it may run, ms, where that is more than a test's two minutes. */
  readonly patienceMs?: number;
  /** Of a copy made by `copyInstalledCw`. */
  readonly launcher?: string;
}

export interface User {
  readonly uid: number;
  readonly gid: number;
}

export interface CwResult {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A `cw` that runs. Disposing kills the launcher and with it the program; its agents are the test's matter. */
export interface RunningCw extends AsyncDisposable {
  /** The launcher's, which a person would send a signal to. */
  readonly pid: number;
  /** Standard output so far, by lines. */
  readonly lines: readonly string[];
  /** Resolves with the first line, old or new, for which `wanted` holds; throws when the program ends before. */
  line(wanted: (line: string, index: number) => boolean): Promise<string>;
  kill(signal: NodeJS.Signals): void;
  /** When it has ended and closed its output. Rejects when it had to be killed because it did not. */
  readonly end: Promise<CwResult>;
}

let installed: Promise<string> | undefined;

/**
 * Path of the launcher of an installed Codewalk: exactly the files of the npm package, laid out as npm does, with
 * the Node of its optional dependency beside it. One copy for all test files of the same build.
 */
export function installedCw(): Promise<string> {
  installed ??= install();
  return installed;
}

async function install(): Promise<string> {
  // As `npm test` left it; scripts are off because rebuilding would pull the bundle from under other tests.
  if (!existsSync(join(ROOT, 'dist', 'cw.mjs'))) await buildBundle(ROOT, join(ROOT, 'dist'));
  mkdirSync(CACHE, { recursive: true });
  const next = join(CACHE, `next-${randomUUID()}`);
  mkdirSync(next);
  try {
    const { filename, shasum } = pack(next);
    const prefix = join(CACHE, shasum);
    if (!existsSync(prefix)) {
      layOut(next, filename);
      // Whoever comes second finds the same files there.
      if (!existsSync(prefix)) renameSync(next, prefix);
      forgetOld(prefix);
    }
    return join(prefix, 'node_modules', 'codewalk', 'bin', 'cw.mjs');
  } finally {
    rmSync(next, { recursive: true, force: true });
  }
}

function pack(destination: string): { filename: string; shasum: string } {
  const json = execFileSync(
    'npm',
    ['pack', '--ignore-scripts', '--json', '--pack-destination', destination],
    { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const [report] = JSON.parse(json) as [{ filename: string; shasum: string; files: { path: string }[] }];
  if (!report.files.some(({ path }) => path === 'dist/cw.mjs')) {
    throw new Error('The package was packed without its program: is another build under way?');
  }
  return report;
}

/** What `npm install` makes of the tarball: the package below `node_modules`, its dependency beside it. */
function layOut(prefix: string, tarball: string): void {
  const modules = join(prefix, 'node_modules');
  const own = join(modules, 'codewalk');
  mkdirSync(own, { recursive: true });
  execFileSync('tar', ['-xzf', join(prefix, tarball), '-C', own, '--strip-components=1']);
  rmSync(join(prefix, tarball));
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (/^node-(bin-)?(linux|darwin|win)/.test(name)) {
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name), 'dir');
    }
  }
}

function forgetOld(current: string): void {
  for (const name of readdirSync(CACHE)) {
    const path = join(CACHE, name);
    if (path === current || name === 'compiled') continue;
    if (Date.now() - (statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0) > KEPT_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
}

/**
 * Copies an installed Codewalk into `directory`, for somebody who may not read this checkout. Returns the path of its
 * launcher.
 */
export async function copyInstalledCw(directory: string): Promise<string> {
  const modules = join(dirname(await installedCw()), '..', '..');
  cpSync(modules, join(directory, 'node_modules'), { recursive: true, dereference: true });
  return join(directory, 'node_modules', 'codewalk', 'bin', 'cw.mjs');
}

/** The environment of a person's shell: nothing of the test runner's. */
function personsEnv({ home, env }: CwOptions): NodeJS.ProcessEnv {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((each) => !each.includes('node_modules'));
  const all = {
    PATH: path.join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    // Shared, or every first start of a test would compile the program anew.
    XDG_CACHE_HOME: join(CACHE, 'compiled'),
    ...env,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

/** Starts `cw` as a person does: the `node` of the machine runs the launcher, in a process group of its own. */
export async function spawnCw(args: readonly string[], options: CwOptions): Promise<RunningCw> {
  const launcher = options.launcher ?? (await installedCw());
  const child = spawn(machineNode(), [launcher, ...args], {
    ...options.user,
    cwd: options.cwd,
    env: personsEnv(options),
    stdio: 'pipe',
    detached: true,
  });
  await once(child, 'spawn');
  return new Running(child, options);
}

/** Runs `cw` to its end. */
export async function cw(args: readonly string[], options: CwOptions): Promise<CwResult> {
  await using running = await spawnCw(args, options);
  return await running.end;
}

class Running implements RunningCw {
  readonly pid: number;
  readonly lines: string[] = [];
  readonly end: Promise<CwResult>;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #watchers = new Set<() => void>();
  #over = false;
  #stderr = '';

  constructor(child: ChildProcessWithoutNullStreams, options: CwOptions) {
    const { input, patienceMs = PATIENCE_MS } = options;
    if (child.pid === undefined) throw new Error('cw did not start');
    this.pid = child.pid;
    this.#child = child;
    // It may end before it has read its input.
    child.stdin.on('error', () => undefined).end(input);
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (this.lines.length < KEPT_LINES) this.lines.push(line);
      this.#tell();
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    let isStuck = false;
    const patience = setTimeout(() => {
      isStuck = true;
      process.kill(-this.pid, 'SIGKILL');
    }, patienceMs);
    this.end = once(child, 'close').then(([code]: (number | null)[]) => {
      clearTimeout(patience);
      this.#over = true;
      this.#tell();
      if (isStuck) throw new Error(`cw did not end in ${patienceMs} ms. It said:\n${this.#said()}`);
      const stdout = this.lines.map((line) => `${line}\n`).join('');
      return { code: code ?? null, stdout, stderr: this.#stderr };
    });
    // Whoever awaits it hears of it; a test may be waiting for something else at that time.
    this.end.catch(() => undefined);
  }

  async line(wanted: (line: string, index: number) => boolean): Promise<string> {
    let seen = 0;
    for (;;) {
      for (; seen < this.lines.length; seen += 1) {
        const line = this.lines[seen] ?? '';
        if (wanted(line, seen)) return line;
      }
      if (this.#over) throw new Error(`cw ended before the line came. It said:\n${this.#said()}`);
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await promise;
      this.#watchers.delete(resolve);
    }
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#over) this.#child.kill('SIGKILL');
    await this.end.catch(() => undefined);
  }

  #tell(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #said(): string {
    return [...this.lines.slice(-20), this.#stderr].join('\n');
  }
}
