import { UsageError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { Terminal } from '../../core/terminal/ports.ts';
import { processDevice, type TerminalDevice } from './device.ts';
import { giveBackAtTheEnd } from './give-back-hooks.ts';
import { processJob } from './job.ts';
import { canDraw, colourDepth } from './look.ts';
import { TakenTerminal } from './taken-terminal.ts';

/**
 * Takes the terminal of this process. Throws `UsageError` where there is none, or none that can be drawn on, before
 * anything was written.
 */
export async function openTerminal(options: {
  readonly process: NodeJS.Process;
  readonly clock: Clock;
  readonly noColour: boolean;
  /** Told whenever the terminal is taken, and given back. */
  readonly onTaken?: (isTaken: boolean) => void;
}): Promise<Terminal> {
  const { process, clock, noColour, onTaken = () => {} } = options;
  const { stdin, stdout, env } = process;
  if (stdin.isTTY !== true || stdout.isTTY !== true) {
    throw unfit('standard input and output are not both a terminal');
  }
  if (!canDraw(env))
    throw unfit(`a terminal of the kind ${JSON.stringify(env['TERM'] ?? '')} cannot be drawn on`);
  return TakenTerminal.take({
    device: telling(
      processDevice({ stdin, stdout }, (ms) => clock.sleep(ms)),
      { process, onTaken },
    ),
    job: processJob(process, clock),
    clock,
    env,
    colours: colourDepth(env, noColour),
    atTheEnd: (giveBack) => giveBackAtTheEnd(process, giveBack),
  });
}

/** A terminal is in raw mode exactly as long as it is taken. */
function telling(
  device: TerminalDevice,
  { process, onTaken }: { process: NodeJS.Process; onTaken: (isTaken: boolean) => void },
): TerminalDevice {
  return {
    ...device,
    setRaw: (isRaw) => {
      device.setRaw(isRaw);
      // While the shell had it, the shell alone was told of its sizes.
      if (isRaw) process.emit('SIGWINCH', 'SIGWINCH');
      onTaken(isRaw);
    },
  };
}

function unfit(what: string): UsageError {
  return new UsageError('TERMINAL_UNFIT', what, {
    advice: 'use --plain for lines of text, or open it in a terminal (TERM=xterm-256color)',
  });
}
