import { limitReason } from './limit-reason.ts';
import type { TurnOutcome } from './outcome.ts';
import { oneLine } from './plain-text.ts';
import type { LaunchLimits, ProcessExit } from './ports.ts';

/** How a CLI's process ended, with what is needed to explain it. */
export interface TurnEnd {
  readonly exit: ProcessExit;
  /** As configured: what to name in a message. */
  readonly command: string;
  /** The end of what it printed on standard error. */
  readonly stderrTail: string;
}

/** Codes of a start that failed because the machine is full, which passes. */
const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'ETXTBSY'];

/** The outcome of an end that is the same for every CLI: `undefined` when it ended by itself with an exit code. */
export function exitOutcome(
  { exit, command }: TurnEnd,
  cli: { readonly install: string },
): TurnOutcome | undefined {
  const name = programName(command);
  switch (exit.kind) {
    case 'exited':
      return undefined;
    case 'signalled':
      return { kind: 'killed', byUs: false, reason: `${name} was ended by ${exit.signal}` };
    case 'stopped':
      if (exit.by === 'signal') return { kind: 'killed', byUs: true, reason: `${name} was stopped` };
      return { kind: 'stalled', limit: exit.by, reason: `${name} ${limitReason(exit)}` };
    case 'spawn-failed':
      if (SHORTAGES.includes(exit.code)) return { kind: 'transient', reason: exit.message };
      if (exit.code === 'ENOENT' || exit.code === 'EACCES') {
        return { kind: 'permanent', cause: 'missing_cli', reason: `${exit.message}. ${cli.install}` };
      }
      return { kind: 'permanent', cause: 'config', reason: exit.message };
  }
}

const TIME_LIMITS: readonly string[] = [
  'firstOutputMs',
  'silenceMs',
  'totalMs',
] satisfies (keyof LaunchLimits)[];

/**
 * Did the program end as one that has done its work does, or was it only stopped because it did not end? One that
 * took too much of the machine did not end well, whatever it reported before.
 */
export function endedWell(exit: ProcessExit): boolean {
  return (
    (exit.kind === 'exited' && exit.code === 0) || (exit.kind === 'stopped' && TIME_LIMITS.includes(exit.by))
  );
}

/** One line: how `command` ended, and what it said about it. */
export function describeExit({ exit, command, stderrTail }: TurnEnd, printed = ''): string {
  const code = exit.kind === 'exited' ? ` with exit code ${exit.code}` : '';
  const said = oneLine(stderrTail.slice(-1_000) || printed.slice(-1_000), 1_000);
  return `${programName(command)} ended${code}${said === '' ? ' and printed nothing that says why' : `: ${said}`}`;
}

/** A failure that only its text describes: worth another try, and a second one if the text is one that passes. */
export function transientByText(reason: string, passing: RegExp): TurnOutcome {
  return { kind: 'transient', reason, ...(passing.test(reason) ? {} : { recognised: false as const }) };
}

/** A path is long, and what matters comes behind it; the config has it in full. */
function programName(command: string): string {
  return command.split(/[\\/]/).at(-1) || command;
}
