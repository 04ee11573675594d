import { spawn } from 'node:child_process';
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
    const child = spawnGit(call);
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
      child.kill('SIGKILL');
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
      child.kill('SIGKILL');
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-STDERR_BYTES);
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(cannotStart(verb, error));
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const stdout = Buffer.concat(chunks).subarray(0, limit);
      if (problem !== undefined) reject(problem);
      else if (cut) resolve({ code: 0, stdout, stderr, cut });
      else if (code !== null && (call.answers ?? [0]).includes(code)) resolve({ code, stdout, stderr, cut });
      else reject(gitFailed(verb, code ?? undefined, stderr));
    });
  });
}

/** Starts git; for processes that live on. */
export function spawnGit(call: Pick<GitCall, 'args' | 'cwd' | 'env' | 'settings' | 'input' | 'onSpawn'>) {
  const settings = (call.settings ?? []).flatMap((setting) => ['-c', setting]);
  // Detached: Ctrl+C in a terminal goes to the whole foreground group and would cut git off half way.
  const child = spawn('git', [...settings, ...call.args], {
    cwd: call.cwd,
    env: call.env,
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Git may end without reading its input, which breaks the pipe: its exit code tells the story.
  child.stdin.on('error', () => {});
  if (call.input !== undefined) child.stdin.end(call.input);
  if (child.pid !== undefined) call.onSpawn?.(child.pid);
  return child;
}

export function cannotStart(verb: string, error: Error): GitError {
  return new GitError(
    'GIT_MISSING',
    { verb, problem: error.message },
    { advice: 'Install git 2.38 or newer and make sure that it is on PATH.', cause: error },
  );
}
