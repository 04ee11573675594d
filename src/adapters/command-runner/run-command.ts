import { constants } from 'node:os';
import { limitReason } from '../../core/agents/limit-reason.ts';
import type { Launcher, LaunchLimits, ProcessExit } from '../../core/agents/ports.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { CommandResult, CommandRunner } from '../../core/workspaces/ports.ts';
import { OutputTail } from './output-tail.ts';

type RunOptions = Parameters<CommandRunner['run']>[0];
/** What a command may take of the machine, and its time between SIGTERM and SIGKILL. */
type CommandLimits = Pick<LaunchLimits, 'diskBytes' | 'memoryBytes' | 'processes' | 'graceMs'>;

const TAIL_BYTES = 32 * 1_024;
const LINE_BYTES = 64 * 1_024;
/** One pipe for both streams, so that the output stays in order. */
const BOTH_STREAMS = 'exec sh -c "$0" 2>&1';

/** Runs a command line with `sh`, as agents are run: nothing that it started outlives it. */
export class ShellCommandRunner implements CommandRunner {
  readonly #launcher: Launcher;
  readonly #limits: CommandLimits;

  constructor(options: { launcher: Launcher; limits: CommandLimits }) {
    this.#launcher = options.launcher;
    this.#limits = options.limits;
  }

  async run(options: RunOptions): Promise<CommandResult> {
    const { command, cwd, env, confinement, timeoutMs, signal, onLine } = options;
    const startedAt = performance.now();
    const tail = new OutputTail(TAIL_BYTES);
    await using running = await this.#launcher.start({
      command: 'sh',
      args: ['-c', BOTH_STREAMS, command],
      cwd,
      env,
      signal,
      ...(confinement === undefined ? {} : { confinement }),
      limits: {
        ...this.#limits,
        firstOutputMs: 0,
        silenceMs: 0,
        totalMs: timeoutMs,
        lineBytes: LINE_BYTES,
        // Only the end of it is kept.
        outputBytes: Number.POSITIVE_INFINITY,
      },
    });
    for await (const { text } of running.lines()) {
      tail.push(Buffer.from(`${text}\n`));
      onLine?.(text);
    }
    const end = endOf(await running.exit, options);
    if (end.note !== undefined) tail.push(Buffer.from(`${end.note}\n`));
    const outputTail = tail.text();
    return { ...end.result, outputTail, durationMs: Math.round(performance.now() - startedAt) };
  }
}

/** How a command ended, and what its output does not tell of that. */
function endOf(
  exit: ProcessExit,
  { command, cwd }: RunOptions,
): {
  result: { kind: 'exited'; code: number } | { kind: 'stopped'; reason: 'timeout' | 'signal' };
  note?: string;
} {
  switch (exit.kind) {
    case 'exited':
      return { result: exit };
    case 'signalled':
      return { result: { kind: 'exited', code: signalledCode(exit.signal) } };
    case 'stopped':
      if (exit.by === 'signal') return { result: { kind: 'stopped', reason: 'signal' } };
      if (exit.by === 'totalMs') return { result: { kind: 'stopped', reason: 'timeout' } };
      return {
        result: { kind: 'exited', code: signalledCode('SIGKILL') },
        note: `Stopped: it ${limitReason(exit)}`,
      };
    case 'spawn-failed':
      throw cannotRun(command, cwd, exit);
  }
}

/** As a shell reports a command that a signal ended. */
function signalledCode(signal: string): number {
  return 128 + (constants.signals[signal as NodeJS.Signals] ?? 0);
}

function cannotRun(
  command: string,
  cwd: string,
  { code, message }: { code: string; message: string },
): CodewalkError {
  const what = `Cannot run ${JSON.stringify(command)} in ${cwd}: ${message}`;
  if (code === 'SANDBOX_UNAVAILABLE') {
    return new CodewalkError(code, what, { advice: 'See what `cw doctor` says of the sandbox.' });
  }
  return new CodewalkError('COMMAND_FAILED', what, {
    advice: 'Make sure that the directory exists and that there is a shell, sh, on PATH.',
  });
}
