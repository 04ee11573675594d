import {
  type ArgumentSpec,
  COMMANDS,
  type CommandSpec,
  type OptionSpec,
  PARENTS,
} from '../../cli/commands.ts';
import { type LineWord, lineWords } from './split-line.ts';

/** A line whose command is known, taken apart. */
export interface CommandLine {
  readonly command: CommandSpec;
  /** The options that were given, each with its value; `undefined`: it has none yet. */
  readonly options: readonly GivenOption[];
  /** Words that begin with a dash and are no option of the command. */
  readonly unknown: readonly string[];
  /** The arguments that stand before the word that is being typed. */
  readonly args: readonly string[];
  /** What is being typed, and what may become of it. */
  readonly last: LineWord;
  readonly place: LinePlace;
}

export interface GivenOption {
  readonly option: OptionSpec;
  readonly word: string;
  readonly values: readonly string[];
}

export type LinePlace =
  /** A value of this option. `isFree`: it may also be something else, because the option has one already. */
  | { readonly kind: 'value'; readonly option: OptionSpec; readonly isFree: boolean }
  | { readonly kind: 'option' }
  /** `spec`: absent when the command takes no more. */
  | { readonly kind: 'argument'; readonly spec: ArgumentSpec | undefined };

/** What every command takes besides its own options; what makes no difference here is not offered. */
const HELP: OptionSpec = { flags: '-h, --help', help: 'print help' };
const NO_COLOUR: OptionSpec = { flags: '--no-color', help: 'no colours' };

export function nameOf({ id }: CommandSpec): string {
  return id.replace('.', ' ');
}

/** The line taken apart; undefined while its beginning is no command with a blank behind it. */
export function readLine(line: string): CommandLine | undefined {
  const words = lineWords(line);
  const before = words.slice(0, -1);
  const shift = before[0]?.text === 'cw' ? 1 : 0;
  const found = commandIn(before.slice(shift).map(({ text }) => text));
  const last = words.at(-1);
  if (found === undefined || last === undefined) return undefined;
  return readWords(found.command, before.slice(shift + found.words), last);
}

function commandIn(words: readonly string[]): { command: CommandSpec; words: number } | undefined {
  const [first, second] = words;
  if (first === undefined) return undefined;
  const child = COMMANDS.find(({ id }) => id === `${first}.${second}`);
  if (child !== undefined) return { command: child, words: 2 };
  const alone = COMMANDS.find(({ id }) => id === first);
  if (alone !== undefined) return { command: alone, words: 1 };
  // `task --json` is `task list --json`.
  const isOption = second?.startsWith('-') === true;
  if (!Object.hasOwn(PARENTS, first) || !isOption) return undefined;
  const usual = COMMANDS.find(({ id, isDefault }) => isDefault === true && id.startsWith(`${first}.`));
  return usual === undefined ? undefined : { command: usual, words: 1 };
}

function readWords(command: CommandSpec, words: readonly LineWord[], last: LineWord): CommandLine {
  const options: { option: OptionSpec; word: string; values: string[] }[] = [];
  const unknown: string[] = [];
  const args: string[] = [];
  let open: { option: OptionSpec; values: string[] } | undefined;
  let areWordsOnly = false;
  for (const { text } of words) {
    const isDashed = !areWordsOnly && text.startsWith('-') && text !== '-';
    if (isDashed && text === '--') areWordsOnly = true;
    else if (open !== undefined && (!isDashed || open.values.length === 0)) open.values.push(text);
    else if (!isDashed) args.push(text);
    else {
      const [flag = '', ...rest] = text.split('=');
      const option = optionOf(command, flag);
      if (option === undefined) unknown.push(flag);
      else options.push({ option, word: flag, values: rest.length === 0 ? [] : [rest.join('=')] });
    }
    const given = options.at(-1);
    const isOpen = given !== undefined && !areWordsOnly && takesMore(given);
    open = isOpen && (isDashed || open !== undefined) ? given : undefined;
  }
  const isFree = open !== undefined && open.values.length > 0;
  const isOption = !areWordsOnly && last.text.startsWith('-') && (open === undefined || isFree);
  const place: LinePlace = isOption
    ? { kind: 'option' }
    : open !== undefined
      ? { kind: 'value', option: open.option, isFree }
      : { kind: 'argument', spec: argumentAt(command, args.length) };
  return { command, options, unknown, args, last, place };
}

function takesMore({ option, values }: Pick<GivenOption, 'option' | 'values'>): boolean {
  if (!takesValue(option)) return false;
  return values.length === 0 || option.flags.includes('...');
}

export function takesValue({ flags }: OptionSpec): boolean {
  return /[<[]/.test(flags);
}

function optionOf({ options = [] }: CommandSpec, word: string): OptionSpec | undefined {
  return [...options, HELP, NO_COLOUR].find((option) => wordsOf(option).includes(word));
}

/** Those of the command that are worth an offer. */
export function optionsOf({ options = [] }: CommandSpec): readonly OptionSpec[] {
  return [...options, HELP];
}

/** How an option may be written: `-n`, `--max-agents`. */
export function wordsOf({ flags }: OptionSpec): readonly string[] {
  return flags.split(/[ ,]+/).filter((word) => word.startsWith('-'));
}

function argumentAt({ args = [] }: CommandSpec, at: number): ArgumentSpec | undefined {
  const last = args.at(-1);
  return args[at] ?? (last?.name.includes('...') === true ? last : undefined);
}
