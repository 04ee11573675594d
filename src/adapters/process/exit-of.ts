import { constants } from 'node:os';
import type { ProcessExit } from '../../core/agents/ports.ts';

type Ended = Extract<ProcessExit, { kind: 'exited' | 'signalled' }>;

/** A shell, and bubblewrap too, report a program that a signal ended as this and the signal's number. */
const SIGNALLED = 128;

/** How a program ended, from how its process did. What shuts a program in ends with a code for both. */
export function exitOf(
  { code, signal }: { code: number | null; signal: NodeJS.Signals | null },
  { confined }: { confined: boolean },
): Ended {
  const name = signal ?? (confined ? signalOf(code ?? 0) : undefined);
  return name === undefined ? { kind: 'exited', code: code ?? 0 } : { kind: 'signalled', signal: name };
}

function signalOf(code: number): string | undefined {
  return Object.entries(constants.signals).find(([, number]) => number === code - SIGNALLED)?.[0];
}
