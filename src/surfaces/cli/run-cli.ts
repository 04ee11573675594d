import { ACTIONS } from './actions.ts';
import type { CliContext, CliServices, StopOptions } from './context.ts';

import type { CliIo } from './io.ts';
import { parseArgv } from './parse-argv.ts';
import { colourPaint, plainPaint, usesColour } from './style.ts';

/** What `main` hands in: the adapters behind ports, and the ends of this process. */
export interface CliHost {
  readonly io: CliIo;
  readonly version: string;
  /** The directory the process was started in. */
  readonly directory: string;
  /** Makes the services for one directory; loads nothing yet. */
  services(directory: string): CliServices & AsyncDisposable;
  stopSignal(options?: StopOptions): AbortSignal;
  /** Does what a SIGINT of the terminal does. */
  interrupt(): void;
  /** Keeps the stack of an unforeseen error; returns where, or undefined. */
  writeCrashLog(error: unknown, directory: string): Promise<string | undefined>;
  resolve(directory: string, to: string): string;
}

/**
 * Runs one command line (without program and script name) and returns the exit code. Never throws: every failure
 * becomes two lines on standard error, or one JSON object with `--json`.
 */
export async function runCli(argv: readonly string[], host: CliHost): Promise<number> {
  const { io } = host;
  let directory = host.directory;
  // The parser may fail before it knows; then the words themselves tell how to answer.
  const json = argv.includes('--json');
  const colours = (isTerminal: boolean): boolean =>
    usesColour({ isTerminal, noColorFlag: argv.includes('--no-color'), env: io.env });
  try {
    if (argv[0] === 'complete') {
      const { complete } = await import('./complete.ts');
      return await complete(argv.slice(1), host);
    }
    const invocation = await parseArgv(argv, host);
    if (typeof invocation === 'number') return invocation;
    directory = host.resolve(host.directory, invocation.globals.directory ?? '.');
    await using services = host.services(directory);
    const context: CliContext = {
      io,
      directory,
      within: async (other, work) => {
        await using inner = host.services(other);
        return await work({ ...context, directory: other, services: inner });
      },
      json: invocation.options.json === true,
      paint: colours(io.outIsTerminal) ? colourPaint : plainPaint,
      services,
      stopSignal: (options) => host.stopSignal(options),
      interrupt: () => host.interrupt(),
      colours: colours(io.outIsTerminal),
      captured: async (words, columns) =>
        (await import('./captured.ts')).captured(words, columns, { context, host }),
    };
    if (services.inTurn) {
      const { refuseAgents } = await import('./in-turn.ts');
      await refuseAgents(invocation.command.id, services);
    }
    const load = ACTIONS[invocation.command.id];
    if (load === undefined) throw new Error(`The command ${invocation.command.id} has no action`);
    const action = await load();
    return await action(context, { args: invocation.args, options: invocation.options });
  } catch (error) {
    const { failureOf, renderFailure } = await import('./failure.ts');
    const failure = await failureOf(error, (unforeseen) => host.writeCrashLog(unforeseen, directory));
    io.err(renderFailure(failure, { json, paint: colours(io.errIsTerminal) ? colourPaint : plainPaint }));
    return failure.exitCode;
  }
}
