import { nearest } from '../../../core/source/nearest.ts';
import {
  type CommandLine,
  type GivenOption,
  nameOf,
  optionsOf,
  takesValue,
  wordsOf,
} from './command-line.ts';

/** What keeps a line from being carried out, known before it is tried. */
export interface LineProblem {
  readonly text: string;
  /** More of the line would mend it; else something in it is wrong. */
  readonly isUnfinished: boolean;
}

/** Options that keep a command from ending, or give the terminal to another program. */
const FOR_A_SHELL = ['--follow', '--editor', '--edit'];

/** The first thing that is wrong with the line, or that it lacks; `isTyped`: its last word may still grow. */
export function problemOf(line: CommandLine, isTyped: boolean): LineProblem | undefined {
  const { command } = line;
  const whole = withLast(line);
  const dashed = isTyped && line.place.kind === 'option' ? line.last.text : undefined;
  const isHelp = whole.options.some(({ word }) => word === '--help' || word === '-h');
  if (isHelp) return undefined;
  const unknown = whole.unknown.find((word) => word !== dashed || !isBeginning(line, word));
  if (unknown !== undefined) return wrong(unknownText(line, unknown));
  if (command.fromShell === true)
    return wrong(`needs a shell: leave with q, or Ctrl-z, and give cw ${nameOf(command)}`);
  for (const given of whole.options) {
    const isLast = isTyped && line.place.kind === 'value' && given === whole.options.at(-1);
    const found = valueProblem(given, isLast ? line.last.text : undefined);
    if (found !== undefined) return found;
    const shell = wordsOf(given.option).find((word) => FOR_A_SHELL.includes(word));
    if (shell !== undefined) return wrong(`${shell} needs a shell of its own`);
  }
  return argumentProblem(line, whole.args);
}

interface Whole {
  readonly options: readonly GivenOption[];
  readonly unknown: readonly string[];
  readonly args: readonly string[];
}

/** As it were with a blank at its end. */
function withLast({ command, options, unknown, args, last, place }: CommandLine): Whole {
  if (last.text === '') return { options, unknown, args };
  if (place.kind === 'argument') return { options, unknown, args: [...args, last.text] };
  if (place.kind === 'value') {
    const given = options.at(-1);
    if (given === undefined) return { options, unknown, args };
    return {
      options: [...options.slice(0, -1), { ...given, values: [...given.values, last.text] }],
      unknown,
      args,
    };
  }
  const [word = '', ...rest] = last.text.split('=');
  const option = optionsOf(command).find((each) => wordsOf(each).includes(word));
  if (option === undefined) return { options, unknown: [...unknown, word], args };
  const values = rest.length === 0 ? [] : [rest.join('=')];
  return { options: [...options, { option, word, values }], unknown, args };
}

function isBeginning({ command }: CommandLine, word: string): boolean {
  return optionsOf(command).some((option) => wordsOf(option).some((each) => each.startsWith(word)));
}

function unknownText({ command }: CommandLine, word: string): string {
  const meant = nearest(word, optionsOf(command).flatMap(wordsOf));
  return `${nameOf(command)} has no option ${word}${meant === undefined ? '' : `: ${meant}?`}`;
}

/** `typed`: the last value, which may still grow. */
function valueProblem(
  { option, word, values }: GivenOption,
  typed: string | undefined,
): LineProblem | undefined {
  if (!takesValue(option)) return values.length === 0 ? undefined : wrong(`${word} takes no value`);
  const [, name = 'a value'] = /[<[]([^\]>]*)[\]>]/.exec(option.flags) ?? [];
  if (values.length === 0)
    return option.flags.includes('[') ? undefined : unfinished(`${word} needs <${name}>`);
  const { value } = option;
  if (value === undefined) return undefined;
  for (const each of values) {
    if (typeof value !== 'string') {
      const isOpen = each === typed && value.some((choice) => choice.startsWith(each));
      if (isOpen && !value.includes(each)) return unfinished(`${word} is one of ${value.join(', ')}`);
      if (!value.includes(each)) return wrong(`${word} is one of ${value.join(', ')}`);
    } else if (!NUMBERS[value].pattern.test(each)) return wrong(`${word} is ${NUMBERS[value].is}`);
  }
  return undefined;
}

const NUMBERS = {
  positive: { pattern: /^0*[1-9]\d{0,14}$/, is: 'a whole number of at least 1' },
  whole: { pattern: /^\d{1,15}$/, is: 'a whole number' },
  amount: { pattern: /^\d{1,6}(\.\d{1,4})?$/, is: 'an amount in dollars, such as 2.50' },
} as const;

function argumentProblem({ command }: CommandLine, args: readonly string[]): LineProblem | undefined {
  const specs = command.args ?? [];
  const takesMany = specs.at(-1)?.name.includes('...') === true;
  if (args.length > specs.length && !takesMany) {
    return wrong(
      `${nameOf(command)} takes ${specs.length === 0 ? 'no words' : specs.map(({ name }) => name).join(' ')}`,
    );
  }
  const missing = specs.slice(args.length).find(({ name }) => name.startsWith('<'));
  return missing === undefined ? undefined : unfinished(`needs ${missing.name}: ${missing.help}`);
}

const wrong = (text: string): LineProblem => ({ text, isUnfinished: false });
const unfinished = (text: string): LineProblem => ({ text, isUnfinished: true });
