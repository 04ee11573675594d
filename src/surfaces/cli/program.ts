import { Command, InvalidArgumentError, Option } from 'commander';
import { nearest } from '../../core/source/nearest.ts';
import {
  COMMAND_GROUPS,
  COMMANDS,
  type CommandSpec,
  type Example,
  type OptionSpec,
  PARENTS,
} from './commands.ts';

/** Options that every command takes, as commander hands them over. */
export interface GlobalOptions {
  readonly directory?: string;
  /** False with `--no-color`. */
  readonly color: boolean;
}

/** What the parser found: the command to run with its arguments in order and its options. */
export interface Invocation {
  readonly command: CommandSpec;
  readonly args: readonly (string | readonly string[] | undefined)[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly globals: GlobalOptions;
}

const OVERVIEW: readonly Example[] = [
  { run: 'cw init', does: 'write a starter roadmap.yaml' },
  { run: 'cw run', does: 'let the agents work through it' },
  { run: 'cw status', does: 'see where everything stands' },
  { run: 'cw deliver', does: 'bring the merged work into your branch' },
];

/**
 * The parser of the whole command line, built from the table. Parsing runs nothing: it calls `chosen` with the
 * invocation. Usage errors are thrown as commander's `CommanderError`; help goes to `print`.
 */
export function buildProgram(options: {
  version: string;
  print: (text: string) => void;
  chosen: (invocation: Invocation) => void;
  without?: readonly string[];
  /** The words to parse. Only the commands among them are built whole: options of all others would go unused. */
  argv?: readonly string[];
}): Command {
  const program = new Command('cw')
    .description('Turns a roadmap into merged, verified commits with a crew of coding agents.')
    .version(options.version, '-V, --version', 'print the version')
    .option('-C, --directory <dir>', 'work as if started in this directory')
    .option('--no-color', 'no colours (also: NO_COLOR=1)')
    .helpOption('-h, --help', 'print help')
    .helpCommand(false)
    .usage('[options] <command>')
    .exitOverride()
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .configureOutput({ writeOut: options.print, writeErr: options.print, outputError: () => {} });
  program.addHelpText('after', helpExamples(OVERVIEW));

  const isMeant = (name: string): boolean => options.argv?.includes(name) ?? true;
  const parents = new Map<string, Command>();
  const parentOf = (name: string): Command => {
    const known = parents.get(name);
    if (known !== undefined) return known;
    const spec = PARENTS[name];
    if (spec === undefined) throw new Error(`No parent command called ${name}`);
    const parent = program.command(name).description(spec.summary).helpGroup(spec.group).helpCommand(false);
    const children = COMMANDS.filter((child) => child.id.startsWith(`${name}.`));
    parent.addHelpText('after', helpExamples(children.flatMap((child) => child.examples.slice(0, 1))));
    parents.set(name, parent);
    return parent;
  };

  // Grouped by heading first: commander prints the headings in the order in which it meets them.
  for (const group of COMMAND_GROUPS) {
    for (const spec of COMMANDS) {
      if (spec.group !== group || options.without?.includes(spec.id) === true) continue;
      const [first = '', second] = spec.id.split('.');
      if (second !== undefined && !isMeant(first)) {
        parentOf(first);
        continue;
      }
      const command =
        second === undefined ? program.command(first).helpGroup(spec.group) : parentOf(first).command(second);
      command.summary(spec.summary);
      if (isMeant(second ?? first)) fill(command, spec, options.chosen);
    }
  }
  return program;
}

/**
 * What `cw --help` prints on a terminal of so many columns.
 * @internal Exported for the build, which gives it to the launcher.
 */
export function overviewText(columns: number): string {
  let text = '';
  const print = (part: string): void => {
    text += part;
  };
  buildProgram({ version: '', argv: [], print, chosen: () => {} })
    .configureOutput({ getOutHelpWidth: () => columns })
    .outputHelp();
  return text;
}

/**
 * `cw task` is `cw task list`, also with options behind it, `cw help run` is `cw run --help`, and `cw --server` is
 * `cw serve`. The parser's own
 * default command would swallow misspelt subcommands as arguments, and with them the "did you mean".
 */
export function normaliseArgv(argv: readonly string[]): readonly string[] {
  let at = 0;
  while (argv[at]?.startsWith('-') && argv[at] !== '--server')
    at += argv[at] === '-C' || argv[at] === '--directory' ? 2 : 1;
  const first = argv[at];
  const next = argv[at + 1];
  if (first === '--server') return argv.toSpliced(at, 1, 'serve');
  if (first === 'help') return [...argv.toSpliced(at, 1), '--help'];
  if (first === undefined || !Object.hasOwn(PARENTS, first)) return argv;
  if (next === '-h' || next === '--help') return argv;
  const children = COMMANDS.filter((spec) => spec.id.startsWith(`${first}.`));
  const child = children.find((spec) => spec.isDefault === true);
  if (child === undefined) return argv;
  if (next !== undefined && (next === '-' || !next.startsWith('-'))) {
    // Words that the default command takes. A single word that resembles a subcommand is one, misspelt.
    const names = children.map(({ id }) => id.slice(first.length + 1));
    const isWord = child.args === undefined || names.includes(next) || nearest(next, names) !== undefined;
    if (isWord) return argv;
  }
  return argv.toSpliced(at + 1, 0, child.id.slice(first.length + 1));
}

function fill(command: Command, spec: CommandSpec, chosen: (invocation: Invocation) => void): void {
  command.description(spec.details === undefined ? spec.summary : `${spec.summary}.\n\n${spec.details}`);
  for (const argument of spec.args ?? []) command.argument(argument.name, argument.help);
  for (const option of spec.options ?? []) command.addOption(parserOption(option));
  command.addHelpText('after', helpExamples(spec.examples));
  command.action(() => {
    chosen({
      command: spec,
      args: command.processedArgs as (string | readonly string[] | undefined)[],
      options: command.opts(),
      globals: (command.parent?.parent ?? command.parent ?? command).opts<{
        directory?: string;
        color: boolean;
      }>(),
    });
  });
}

function parserOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.help);
  if (spec.value === 'positive') return option.argParser((text) => wholeNumber(text, 1));
  if (spec.value === 'whole') return option.argParser((text) => wholeNumber(text, 0));
  if (spec.value === 'amount') return option.argParser(amount);
  return spec.value === undefined ? option : option.choices(spec.value);
}

function wholeNumber(text: string, least: number): number {
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= least)) throw new InvalidArgumentError(`It is a whole number of at least ${least}.`);
  return value;
}

function amount(text: string): number {
  const value = /^\d{1,6}(\.\d{1,4})?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) throw new InvalidArgumentError('It is an amount in dollars, such as 5 or 2.50.');
  return value;
}

function helpExamples(examples: readonly Example[]): string {
  const width = Math.max(...examples.map((example) => example.run.length));
  // Beyond this the explanation goes below its command, or lines would wrap on a terminal of 80 columns.
  const below = width > 44;
  const lines = examples.map((example) =>
    below ? `  ${example.run}\n      ${example.does}` : `  ${example.run.padEnd(width)}  ${example.does}`,
  );
  return `\nExamples:\n${lines.join('\n')}\n`;
}
