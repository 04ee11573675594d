import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { CodewalkError } from '../../core/errors.ts';
import type { CommandResult, CommandRunner } from '../../core/workspaces/ports.ts';
import { OutputTail } from './output-tail.ts';
import { endGroup } from './process-group.ts';

const TAIL_BYTES = 32 * 1_024;
const LINE_CHARACTERS = 64 * 1_024;
const GRACE_MS = 5_000;
const DRAIN_MS = 1_000;
/** One pipe for both streams, so that the output stays in order. */
const BOTH_STREAMS = 'exec sh -c "$0" 2>&1';

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

    const child = spawn('sh', ['-c', BOTH_STREAMS, command], {
      cwd,
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
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
      if (child.pid !== undefined) await endGroup(child.pid, this.#graceMs);
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

function collect(child: ChildProcess, tail: OutputTail, onLine: ((line: string) => void) | undefined) {
  const pipe = child.stdout;
  if (pipe === null) throw new Error('The command was started without a pipe for its output');
  const closed = new Promise<void>((resolve) => pipe.once('close', resolve));
  pipe.on('data', (chunk: Buffer) => tail.push(chunk));
  const lines = createInterface({ input: pipe, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => onLine?.(line.slice(0, LINE_CHARACTERS)));
  return {
    /** Waits for the rest of the output, but not for a process that left the group and keeps the pipe open. */
    async drained(): Promise<void> {
      const giveUp = setTimeout(() => pipe.destroy(), DRAIN_MS);
      await closed;
      clearTimeout(giveUp);
      lines.close();
    },
    close: () => pipe.destroy(),
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
