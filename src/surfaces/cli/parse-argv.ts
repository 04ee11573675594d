import { EXIT } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import { plainInvocation } from './plain-invocation.ts';
import type { Invocation } from './program.ts';

/** The invocation, or the exit code when only help or the version was asked for. */
export async function parseArgv(
  argv: readonly string[],
  { io, version }: { readonly io: Pick<CliIo, 'out' | 'err'>; readonly version: string },
): Promise<Invocation | number> {
  if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
    io.out(`${version}\n`);
    return EXIT.ok;
  }
  const plain = plainInvocation(argv);
  if (plain !== undefined) return plain;
  const { buildProgram, normaliseArgv } = await import('./program.ts');
  const words = normaliseArgv(argv);
  let invocation: Invocation | undefined;
  let printed = '';
  const program = buildProgram({
    version,
    argv: words,
    print: (text) => {
      printed += text;
    },
    chosen: (found) => {
      invocation = found;
    },
  });
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (code === 'commander.helpDisplayed' || code === 'commander.version') {
      io.out(printed);
      return EXIT.ok;
    }
    if (code !== 'commander.help') throw error;
    // `cw` alone is a question; `cw config` with nothing behind it is a mistake.
    if (argv.length === 0) io.out(printed);
    else io.err(printed);
    return argv.length === 0 ? EXIT.ok : EXIT.usage;
  }
  return invocation ?? EXIT.usage;
}
