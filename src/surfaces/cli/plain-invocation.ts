import { COMMANDS, type OptionSpec } from './commands.ts';
import type { Invocation } from './program.ts';

/**
 * The invocation of a command line that holds nothing but a command without arguments and long switches of it, such
 * as `cw status --json`; undefined for every other one. That much is plain without the parser, which takes longer
 * to load than the shortest commands take to run.
 */
export function plainInvocation(argv: readonly string[]): Invocation | undefined {
  const command = COMMANDS.find(({ id, args }) => {
    const words = id.split('.');
    return args === undefined && words.every((word, at) => argv[at] === word);
  });
  if (command === undefined) return undefined;
  const switches = (command.options ?? []).map(switchOf);
  const options: Record<string, true> = Object.fromEntries(
    (command.options ?? []).flatMap((option) => {
      const name = switchedOff(option);
      // Where both ways can be said, silence is neither.
      return name === undefined || switches.includes(name) ? [] : [[name, true]];
    }),
  );
  for (const word of argv.slice(command.id.split('.').length)) {
    const name = word.slice(2);
    if (!(word.startsWith('--') && switches.includes(name))) return undefined;
    options[name] = true;
  }
  return { command, args: [], options, globals: { color: true } };
}

/** The name of an option that takes no value, of one word: what others are called in the result is the parser's matter. */
function switchOf({ flags }: OptionSpec): string | undefined {
  return /^(?:-\w, )?--([a-z]+)$/.exec(flags)?.[1];
}

/** What `--no-…` switches off: on, unless it is given. */
function switchedOff({ flags }: OptionSpec): string | undefined {
  return /^--no-([a-z]+)$/.exec(flags)?.[1];
}
