import { UsageError } from '../../core/errors.ts';
import { ACTIONS } from './actions.ts';
import type { CliContext } from './context.ts';
import { failureOf, renderFailure } from './failure.ts';
import type { CliIo } from './io.ts';
import { parseArgv } from './parse-argv.ts';
import type { Invocation } from './program.ts';
import type { CliHost } from './run-cli.ts';

/** Options that keep a command from ending, or give the terminal to another program. */
const FOR_A_SHELL = ['follow', 'editor', 'edit'] as const;

/**
 * Carries a command line out in this process, with the services that are open, and returns what it would have printed
 * on a terminal of so many columns. Nothing can be asked meanwhile. Never throws: a failure is two lines of the text.
 */
export async function captured(
  argv: readonly string[],
  columns: number,
  { context, host }: { readonly context: CliContext; readonly host: CliHost },
): Promise<{ readonly code: number; readonly text: string }> {
  let text = '';
  const write = (piece: string): void => {
    text += piece;
  };
  const { version } = host;
  const { colours, paint } = context;
  try {
    const invocation = await parseArgv(argv, { io: { out: write, err: write }, version });
    if (typeof invocation === 'number') return { code: invocation, text };
    refuseWhatNeedsShell(invocation);
    const action = await ACTIONS[invocation.command.id]?.();
    if (action === undefined) throw new Error(`The command ${invocation.command.id} has no action`);
    const inside: CliContext = {
      ...context,
      io: bufferIo(write, { columns, env: context.io.env }),
      json: invocation.options.json === true,
      stopSignal: () => new AbortController().signal,
    };
    const code = await action(inside, { args: invocation.args, options: invocation.options });
    return { code, text };
  } catch (error) {
    const failure = await failureOf(error, (unforeseen) => host.writeCrashLog(unforeseen, context.directory));
    text += renderFailure(failure, { json: false, paint: colours ? paint : (_look, plain) => plain });
    return { code: failure.exitCode, text };
  }
}

function refuseWhatNeedsShell({ command, options, globals }: Invocation): void {
  const given = FOR_A_SHELL.find((name) => options[name] === true);
  if (command.fromShell !== true && given === undefined && globals.directory === undefined) return;
  const words = `cw ${command.id.replace('.', ' ')}`;
  const what = given === undefined ? words : `${words} --${given}`;
  throw new UsageError('NEEDS_SHELL', `${what} needs a terminal of its own`, {
    advice: `run it in a shell: ${command.examples[0]?.run ?? words}`,
  });
}

function bufferIo(
  write: (text: string) => void,
  { columns, env }: { columns: number; env: CliIo['env'] },
): CliIo {
  return {
    out: write,
    err: write,
    drained: async () => {},
    outIsTerminal: true,
    errIsTerminal: true,
    columns: () => columns,
    onOutputClosed: () => {},
    readInput: async () => '',
    canAsk: false,
    ask: async () => '',
    env,
  };
}
