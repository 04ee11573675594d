import {
  COMMANDS,
  type CommandGroup,
  type CommandSpec,
  type Completion,
  type OptionSpec,
} from '../../cli/commands.ts';
import { type CommandLine, nameOf, optionsOf, readLine, takesValue, wordsOf } from './command-line.ts';
import { fuzzyScore } from './fuzzy.ts';
import { quoted } from './split-line.ts';
import type { Value } from './values.ts';

/** One thing that the palette offers: taken, it becomes `line`. */
export interface Offer {
  readonly line: string;
  readonly shown: string;
  readonly help: string;
  /** It names a command; else it is a word of one. */
  readonly command: CommandSpec | undefined;
}

/** What offers are made of besides the table of commands. */
export interface Sources {
  values(kind: Completion): readonly Value[];
  /** Lines that were carried out, the newest last. */
  readonly history: readonly string[];
}

const MOST = 200;
/** Of the lines that were given before, so many are offered first. */
const MOST_EARLIER = 4;

/** What may be meant by the line as far as it is typed: a command, or what may stand for its last word. */
export function offersFor(line: string, sources: Sources): readonly Offer[] {
  const read = readLine(line);
  if (read !== undefined) return wordOffers(line, read, sources);
  const wanted = line.trim().replace(/^cw(\s+|$)/, '');
  return wanted === '' ? [...earlier(sources.history), ...allCommands()] : commandOffers(wanted);
}

function earlier(history: readonly string[]): readonly Offer[] {
  return history
    .slice(-MOST_EARLIER)
    .reverse()
    .map((line) => ({ line, shown: line, help: 'given before', command: undefined }));
}

/** What one looks at first, and last what only a shell can do. */
const ORDER: readonly CommandGroup[] = [
  'Look:',
  'Work:',
  'Plan and settings:',
  'Begin:',
  'For agents at work:',
];

function allCommands(): readonly Offer[] {
  const rank = ({ fromShell, group, id }: CommandSpec): number =>
    id === 'status' ? -1 : ORDER.indexOf(group) + (fromShell === true ? ORDER.length : 0);
  return COMMANDS.toSorted((a, b) => rank(a) - rank(b)).map(commandOffer);
}

function commandOffers(wanted: string): readonly Offer[] {
  return COMMANDS.flatMap((command) => {
    const byName = fuzzyScore(nameOf(command), wanted);
    // What a command does counts only where its words stand in it as they are.
    const isSaid = command.summary.toLowerCase().includes(wanted.toLowerCase());
    if (byName === undefined && !isSaid) return [];
    return [{ offer: commandOffer(command), score: byName ?? -50 }];
  })
    .toSorted((a, b) => b.score - a.score)
    .map(({ offer }) => offer);
}

function commandOffer(command: CommandSpec): Offer {
  const name = nameOf(command);
  const args = (command.args ?? []).map((each) => ` ${each.name}`).join('');
  return {
    line: `${name} `,
    shown: `${name}${args}`,
    help: command.fromShell === true ? `${command.summary} (in a shell)` : command.summary,
    command,
  };
}

/** For the word that is being typed: values where one goes, and options where one may begin. */
function wordOffers(line: string, read: CommandLine, sources: Sources): readonly Offer[] {
  const { place } = read;
  switch (place.kind) {
    case 'option':
      return optionOffers(line, read);
    case 'value': {
      const values = valueOffers(line, read, valuesOf(place.option, sources));
      return place.isFree && read.last.text === '' ? [...values, ...optionOffers(line, read)] : values;
    }
    case 'argument': {
      const { spec } = place;
      const values =
        spec?.completes === undefined ? [] : valueOffers(line, read, sources.values(spec.completes));
      return read.last.text === '' ? [...values, ...optionOffers(line, read)] : values;
    }
  }
}

function valuesOf({ value, completes }: OptionSpec, sources: Sources): readonly Value[] {
  if (Array.isArray(value)) return (value as readonly string[]).map((text) => ({ text, help: '' }));
  return completes === undefined ? [] : sources.values(completes);
}

function valueOffers(
  line: string,
  { last, args, options, place }: CommandLine,
  values: readonly Value[],
): readonly Offer[] {
  // A list needs nothing twice.
  const given = new Set(place.kind === 'value' ? options.at(-1)?.values : args);
  const head = line.slice(0, last.from);
  return best(
    values.filter(({ text }) => !given.has(text)),
    ({ text }) => text,
    last.text,
  ).map(({ text, help }) => ({
    // Behind a directory goes what is in it.
    line: `${head}${quoted(text)}${text.endsWith('/') ? '' : ' '}`,
    shown: text,
    help,
    command: undefined,
  }));
}

function optionOffers(line: string, { command, last, options }: CommandLine): readonly Offer[] {
  const head = line.slice(0, last.from);
  const free = optionsOf(command).filter(
    (option) => option.flags.includes('...') || options.every((given) => given.option !== option),
  );
  const dashes = last.text.replace(/^-+/, '') === '';
  return best(free, ({ flags }) => flags, dashes ? '' : last.text).map((option) => ({
    line: `${head}${wordsOf(option).at(-1) ?? ''} `,
    shown: option.flags,
    help: helpOf(option),
    command: undefined,
  }));
}

function helpOf(option: OptionSpec): string {
  const { value, help } = option;
  return takesValue(option) && Array.isArray(value) ? `${help} (${value.join(', ')})` : help;
}

function best<Each>(all: readonly Each[], textOf: (each: Each) => string, wanted: string): readonly Each[] {
  if (wanted === '') return all.slice(0, MOST);
  return all
    .flatMap((each) => {
      const score = fuzzyScore(textOf(each), wanted);
      return score === undefined ? [] : [{ each, score }];
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ each }) => each);
}
