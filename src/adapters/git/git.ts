import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { cheapSpawn } from './cheap-spawn.ts';
import { GitError, gitFailed } from './git-error.ts';

const STDERR_BYTES = 4_096;
const MAX_OUTPUT_BYTES = 64 * 1_048_576;
const TIMEOUT_MS = 600_000;

/** One git process. */
export interface GitCall {
  /** `[verb, ...]`; options before the verb come from `settings`. */
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** `name=value` settings for `-c`. */
  readonly settings?: readonly string[];
  readonly input?: string;
  /** Output beyond this is an error, or cut when `cut` is set. Default 64 MiB. */
  readonly maxBytes?: number;
  readonly cut?: boolean;
  /** Exit codes that are answers, not failures. Default: only 0. */
  readonly answers?: readonly number[];
  readonly timeoutMs?: number;
  readonly onSpawn?: (pid: number) => void;
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
  /** Output was cut at `maxBytes`. */
  readonly cut: boolean;
}

/** Runs git once. Throws `GitError`. */
export function runGit(call: GitCall): Promise<GitAnswer> {
  const verb = call.args[0] ?? '';
  const limit = call.maxBytes ?? MAX_OUTPUT_BYTES;
  return new Promise((resolve, reject) => {
    const child = startGit(call);
    const chunks: Buffer[] = [];
    let bytes = 0;
    let cut = false;
    let problem: GitError | undefined;
    let stderr = '';
    const timer = setTimeout(() => {
      problem = new GitError('GIT_TIMEOUT', {
        verb,
        problem: `no end after ${call.timeoutMs ?? TIMEOUT_MS} ms`,
      });
      child.kill();
    }, call.timeoutMs ?? TIMEOUT_MS);
    child.stdout.on('data', (chunk: Buffer) => {
      if (cut) return;
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes <= limit) return;
      cut = true;
      if (call.cut !== true) {
        problem = new GitError('GIT_OUTPUT_LIMIT', { verb, problem: `more than ${limit} bytes of output` });
      }
      child.kill();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_BYTES);
    });
    const onError = (error: Error) => {
      clearTimeout(timer);
      reject(cannotStart(verb, error));
    };
    child.closed.then((code) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(chunks).subarray(0, limit);
      if (problem !== undefined) reject(problem);
      else if (cut) resolve({ code: 0, stdout, stderr, cut });
      else if (code !== null && (call.answers ?? [0]).includes(code)) resolve({ code, stdout, stderr, cut });
      else reject(gitFailed(verb, code ?? undefined, stderr));
    }, onError);
  });
}

/** One git that runs. */
interface GitProcess {
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Its exit code, if it has one, when its output is read to the end; rejects when it cannot be started. */
  readonly closed: Promise<number | null>;
  kill(): void;
}

/** Starts git for one answer, in the cheapest way that this machine has. */
function startGit(call: GitCall): GitProcess {
  const program = gitOn(call.env['PATH']);
  const args = [...settingsOf(call), ...call.args];
  const cheap =
    program === undefined ? undefined : cheapSpawn({ program, args, cwd: call.cwd, env: call.env });
  if (cheap === undefined) {
    const child = spawnGit(call);
    const closed = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { stdout: child.stdout, stderr: child.stderr, closed, kill: () => killFamily(child.pid) };
  }
  feed(cheap.stdin, call.input);
  tellOf(cheap.pid, call);
  let over = false;
  const closed = cheap.closed.finally(() => {
    over = true;
  });
  return { ...cheap, closed, kill: () => over || killFamily(cheap.pid) };
}

/** Starts git; for processes that live on. */
export function spawnGit(call: Pick<GitCall, 'args' | 'cwd' | 'env' | 'settings' | 'input' | 'onSpawn'>) {
  // Detached: Ctrl+C in a terminal goes to the whole foreground group and would cut git off half way.
  const child = spawn('git', [...settingsOf(call), ...call.args], {
    cwd: call.cwd,
    env: call.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  feed(child.stdin, call.input);
  if (child.pid !== undefined) tellOf(child.pid, call);
  return child;
}

/** Who is told may fail, for example on a full disk: then nobody knows of the process, and it must not stay. */
function tellOf(pid: number, { onSpawn }: Pick<GitCall, 'onSpawn'>): void {
  try {
    onSpawn?.(pid);
  } catch (error) {
    killFamily(pid);
    throw error;
  }
}

/** Also what git started, such as ssh: it would keep the pipes open, and this side waiting. */
function killFamily(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    process.kill(pid, 'SIGKILL');
  }
}

/** Git may end without reading its input, which breaks the pipe: its exit code tells the story. */
function feed(stdin: Writable, input: string | undefined): void {
  stdin.on('error', () => {});
  if (input !== undefined) stdin.end(input);
}

function settingsOf({ settings = [] }: Pick<GitCall, 'settings'>): string[] {
  return settings.flatMap((setting) => ['-c', setting]);
}

const found = new Map<string, string>();

/** Where git is on that PATH. What is there now is looked at again only when it does not start. */
function gitOn(path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  const known = found.get(path);
  if (known !== undefined) return known;
  for (const directory of path.split(delimiter)) {
    const candidate = join(directory, 'git');
    if (!isAbsolute(directory) || !isExecutable(candidate)) continue;
    found.set(path, candidate);
    return candidate;
  }
  return undefined;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export function cannotStart(verb: string, error: Error): GitError {
  return new GitError(
    'GIT_MISSING',
    { verb, problem: error.message },
    { advice: 'Install git 2.38 or newer and make sure that it is on PATH.', cause: error },
  );
}
