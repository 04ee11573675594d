import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { CodewalkError } from '../../core/errors.ts';
import type { CommandResult, CommandRunner } from '../../core/workspaces/ports.ts';
import { OutputTail } from './output-tail.ts';

const TAIL_BYTES = 32 * 1_024;
const LINE_CHARACTERS = 64 * 1_024;
const GRACE_MS = 5_000;
const POLL_MS = 20;

/** Runs a command line with `sh` as the leader of a process group, and leaves nothing of the group running. */
export class ShellCommandRunner implements CommandRunner {
  readonly #graceMs: number;

  /** `graceMs`: between SIGTERM and SIGKILL. */
  constructor(options: { graceMs?: number } = {}) {
    this.#graceMs = options.graceMs ?? GRACE_MS;
  }

  async run(options: Parameters<CommandRunner['run']>[0]): Promise<CommandResult> {
    const { command, cwd, env, timeoutMs, signal, onLine } = options;
    const startedAt = performance.now();
    const durationMs = () => Math.round(performance.now() - startedAt);
    const tail = new OutputTail(TAIL_BYTES);
    if (signal.aborted) return { kind: 'stopped', reason: 'signal', outputTail: '', durationMs: 0 };

    const child = spawn('sh', ['-c', command], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(child, tail, onLine);
    const ended = new Promise<number>((resolve, reject) => {
      child.once('error', (cause) => reject(cannotRun(command, cwd, cause)));
      // A shell reports a command that a signal killed in the same way.
      child.once('exit', (code, killedBy) => resolve(code ?? 128 + signalNumber(killedBy)));
    });
    const stopped = Promise.withResolvers<'timeout' | 'signal'>();
    const onAbort = () => stopped.resolve('signal');
    const timer = timeoutMs > 0 ? setTimeout(() => stopped.resolve('timeout'), timeoutMs) : undefined;
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      const first = await Promise.race([ended, stopped.promise]);
      // What the command left in the background must not outlive it, nor hold the pipes open.
      await endGroup(child, this.#graceMs);
      await output.drained();
      const outputTail = tail.text();
      if (typeof first === 'number')
        return { kind: 'exited', code: first, outputTail, durationMs: durationMs() };
      return { kind: 'stopped', reason: first, outputTail, durationMs: durationMs() };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      output.close();
    }
  }
}

/** SIGTERM to the group, then SIGKILL after the grace; resolves when the group is empty. */
async function endGroup(child: ChildProcess, graceMs: number): Promise<void> {
  if (child.pid === undefined || !signalGroup(child.pid, 'SIGTERM')) return;
  const killAt = performance.now() + graceMs;
  let killed = false;
  while (signalGroup(child.pid, 0)) {
    if (!killed && performance.now() >= killAt) {
      killed = true;
      signalGroup(child.pid, 'SIGKILL');
    }
    // A process that cannot be killed, such as one in the kernel, must not hold the merge queue for ever.
    if (performance.now() >= killAt + graceMs + 1_000) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** `false` when no process of the group is left. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

function collect(child: ChildProcess, tail: OutputTail, onLine: ((line: string) => void) | undefined) {
  const both = new PassThrough();
  let open = 0;
  const drained = Promise.withResolvers<void>();
  const pipes = [child.stdout, child.stderr].filter((pipe) => pipe !== null);
  for (const pipe of pipes) {
    open += 1;
    pipe.on('data', (chunk: Buffer) => {
      tail.push(chunk);
      if (onLine !== undefined) both.write(chunk);
    });
    pipe.once('close', () => {
      open -= 1;
      if (open === 0) drained.resolve();
    });
  }
  const lines = createInterface({ input: both, crlfDelay: Number.POSITIVE_INFINITY });
  const linesEnded = new Promise<void>((resolve) => lines.once('close', resolve));
  lines.on('line', (line) => onLine?.(line.slice(0, LINE_CHARACTERS)));
  return {
    /** Waits for the rest of the output, but not for a process that left the group and keeps a pipe open. */
    async drained(): Promise<void> {
      const giveUp = setTimeout(drained.resolve, 1_000);
      await drained.promise;
      clearTimeout(giveUp);
      both.end();
      await linesEnded;
    },
    close(): void {
      for (const pipe of pipes) pipe.destroy();
      both.destroy();
    },
  };
}

function signalNumber(signal: NodeJS.Signals | null): number {
  return signal === 'SIGKILL' ? 9 : signal === 'SIGTERM' ? 15 : signal === 'SIGINT' ? 2 : 1;
}

function cannotRun(command: string, cwd: string, cause: Error): CodewalkError {
  return new CodewalkError(
    'COMMAND_FAILED',
    `Cannot run ${JSON.stringify(command)} in ${cwd}: ${cause.message}`,
    {
      advice: 'Make sure that the directory exists and that there is a shell, sh, on PATH.',
      cause,
    },
  );
}
