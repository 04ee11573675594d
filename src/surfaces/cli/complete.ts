import tab from '@bomb.sh/tab/commander';
import { UsageError } from '../../core/errors.ts';
import { EVENT_TYPES } from '../../core/events/types.ts';
import { COMMANDS, type Completion } from './commands.ts';
import type { CliServices } from './context.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { buildProgram } from './program.ts';
import type { CliHost } from './run-cli.ts';
import { safeLine } from './safe-text.ts';
import { SHOWN_STATES } from './task-words.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

type Values = readonly { readonly value: string; readonly description: string }[];
/** Of these a shell is offered the names. */
const SOURCES = [
  'task',
  'agent',
  'provider',
  'workflow',
  'state',
  'event',
] as const satisfies readonly Completion[];
type Source = (typeof SOURCES)[number];
/** Those that the config names. */
const CONFIGURED = ['agent', 'provider', 'workflow'] as const satisfies readonly Source[];

/**
 * `cw complete <shell>` prints the script for that shell; the script calls `cw complete -- <words>` at each Tab, and
 * that prints what may stand there. Task and agent names come from the project, and stay away in silence where
 * there is none.
 */
export async function complete(args: readonly string[], host: CliHost): Promise<ExitCode> {
  // The table's own `complete` is for the help; the parser's, made by the library, does the work.
  const program = buildProgram({
    version: host.version,
    print: () => {},
    chosen: () => {},
    without: ['complete'],
  });
  const root = tab(program);
  const [shell] = args;
  if (shell !== '--') {
    if (args.length !== 1 || !SHELLS.some((each) => each === shell)) {
      throw new UsageError('USAGE', `cw complete needs one of ${SHELLS.join(', ')}`, {
        advice: 'for example: source <(cw complete bash)',
      });
    }
    root.setup('cw', 'cw', shell ?? '');
    return EXIT.ok;
  }
  const words = args.slice(1);
  const values = await readValues(words, host);
  for (const spec of COMMANDS) {
    const command = root.commands.get(spec.id.replace('.', ' '));
    if (command === undefined) continue;
    for (const argument of spec.args ?? []) {
      const source = SOURCES.find((each) => each === argument.completes);
      if (source === undefined) continue;
      const name = argument.name.replace(/[<>[\].]/g, '');
      command.argument(name, (offer) => offerAll(values[source], offer), argument.name.includes('...'));
    }
    for (const option of spec.options ?? []) {
      const { value: choices } = option;
      const source = SOURCES.find((each) => each === option.completes);
      const long = /--([a-z-]+)/.exec(option.flags)?.[1];
      const short = /^-([a-z])\b/.exec(option.flags)?.[1];
      if (long === undefined) continue;
      if (source !== undefined) {
        command.option(long, option.help, (offer) => offerAll(values[source], offer), short);
      } else if (Array.isArray(choices)) {
        command.option(long, option.help, (offer) => choices.forEach((each) => void offer(each, '')), short);
      }
    }
  }
  root.parse([...words]);
  return EXIT.ok;
}

function offerAll(values: Values, offer: (value: string, description: string) => void): void {
  for (const { value, description } of values) offer(value, description);
}

/** Only what the words at hand can need is read: a Tab must not wait. */
async function readValues(
  words: readonly string[],
  host: CliHost,
): Promise<Readonly<Record<Source, Values>>> {
  const none: Readonly<Record<Source, Values>> = {
    task: [],
    agent: [],
    provider: [],
    workflow: [],
    state: Object.keys(SHOWN_STATES).map((value) => ({ value, description: '' })),
    event: EVENT_TYPES.map((value) => ({ value, description: '' })),
  };
  const at = words.findIndex((word) => word === '-C' || word === '--directory');
  const directory = host.resolve(host.directory, (at === -1 ? undefined : words[at + 1]) ?? '.');
  const wanted = COMMANDS.filter((spec) => spec.id.split('.').every((part) => words.includes(part))).flatMap(
    (spec) => [
      ...(spec.args ?? []).map((each) => each.completes),
      ...(spec.options ?? []).map((each) => each.completes),
    ],
  );
  const isRead = wanted.some((each) => CONFIGURED.some((source) => source === each));
  if (!wanted.includes('task') && !isRead) return none;
  try {
    await using services = await host.services(directory);
    return {
      ...none,
      ...(isRead ? await configValues(services) : {}),
      task: wanted.includes('task') ? await taskValues(services) : [],
    };
  } catch {
    return none;
  }
}

async function taskValues(services: CliServices): Promise<Values> {
  if (!(await services.hasState())) return [];
  const store = await services.store();
  return (await store.tasks()).map((task) => ({
    value: task.id,
    description: safeLine(`${task.state}: ${task.definition.title}`),
  }));
}

async function configValues(
  services: CliServices,
): Promise<Readonly<Record<(typeof CONFIGURED)[number], Values>>> {
  const { agents, providers, workflows } = await services.config();
  const named = (all: object, description: string): Values =>
    Object.keys(all).map((value) => ({ value, description }));
  return {
    agent: named(agents, 'agent'),
    provider: named(providers, 'provider'),
    workflow: named(workflows, 'workflow'),
  };
}
