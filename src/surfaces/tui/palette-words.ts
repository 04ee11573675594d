import { COMMANDS, type CommandSpec } from '../cli/commands.ts';
import { fuzzyScore } from './fuzzy.ts';

/** One thing that the palette offers: taken, it becomes `line`. */
export interface Offer {
  readonly line: string;
  readonly shown: string;
  readonly help: string;
  readonly command: CommandSpec | undefined;
}

const MOST = 200;

/** What may be meant by the line as far as it is typed: a command, or the id of a task where one goes. */
export function offersFor(line: string, tasks: readonly string[]): readonly Offer[] {
  const command = commandOf(line);
  return command === undefined ? commandOffers(line) : taskOffers(line, command, tasks);
}

/** The command whose whole name stands at the beginning of the line, with a blank behind it. */
export function commandOf(line: string): CommandSpec | undefined {
  const text = line.trimStart();
  const found = COMMANDS.filter((command) => text.startsWith(`${nameOf(command)} `));
  return found.toSorted((a, b) => b.id.length - a.id.length)[0];
}

export function nameOf({ id }: CommandSpec): string {
  return id.replace('.', ' ');
}

function commandOffers(line: string): readonly Offer[] {
  const wanted = line.trim();
  return COMMANDS.flatMap((command) => {
    const name = nameOf(command);
    const byName = fuzzyScore(name, wanted);
    const bySummary = wanted === '' ? undefined : fuzzyScore(command.summary, wanted);
    // What a command does counts only where its words stand in it as they are.
    const isSaid = bySummary !== undefined && command.summary.toLowerCase().includes(wanted.toLowerCase());
    if (byName === undefined && !isSaid) return [];
    const args = (command.args ?? []).map((each) => each.name).join(' ');
    const offer: Offer = {
      line: `${name}${args === '' ? '' : ' '}`,
      shown: args === '' ? name : `${name} ${args}`,
      help: command.fromShell === true ? `${command.summary} (in a shell)` : command.summary,
      command,
    };
    return [{ offer, score: wanted === '' ? 0 : (byName ?? -50) }];
  })
    .toSorted((a, b) => b.score - a.score)
    .map(({ offer }) => offer);
}

/** Ids that the last word may become, where the command takes tasks. */
function taskOffers(line: string, command: CommandSpec, tasks: readonly string[]): readonly Offer[] {
  const rest = line.slice(line.indexOf(nameOf(command)) + nameOf(command).length + 1);
  const words = rest.split(' ');
  const last = words.at(-1) ?? '';
  const argument = command.args?.[words.length - 1] ?? command.args?.at(-1);
  const takesMany = argument?.name.includes('...') === true;
  const isThere = words.length <= (command.args?.length ?? 0) || takesMany;
  const option = words.at(-2)?.startsWith('-') === true ? optionOf(command, words.at(-2) ?? '') : undefined;
  const source = option === undefined ? (isThere ? argument?.completes : undefined) : option;
  if (source !== 'task' || last.startsWith('-')) return [];
  const head = line.slice(0, line.length - last.length);
  return tasks
    .flatMap((id) => {
      const score = fuzzyScore(id, last);
      return score === undefined ? [] : [{ id, score: last === '' ? 0 : score }];
    })
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MOST)
    .map(({ id }) => ({ line: `${head}${id}`, shown: id, help: 'task', command: undefined }));
}

function optionOf(command: CommandSpec, word: string): 'task' | 'agent' | undefined {
  return command.options?.find(({ flags }) => flags.split(/[ ,]+/).includes(word))?.completes;
}
