import { closeSync, openSync, readSync } from 'node:fs';
import type { Writable } from 'node:stream';
import type { LaunchLimits, ResolvedProgram } from '../../core/agents/ports.ts';

/** Where the program waits for its start. */
const GATE_FD = 3;
/** The name under which the shell speaks, should the system refuse the program after all. */
const SHELL_NAME = 'cw';
/**
 * Waits for a line on the gate, ends when it is closed instead, and becomes the program. No core dumps: they would
 * hold all that an agent knew.
 */
const WAIT_AT_GATE = 'ulimit -c 0; read -r go <&3 || exit 125; exec 3<&- "$@"';
/** What `ulimit -f` counts in. */
const BLOCK_BYTES = 512;

/**
 * The program behind a gate: nothing of it runs before `open` is called, and when we die before, it never does. So
 * whoever recorded its process first knows everything that ever ran. The shell sets PWD, and leaves out variables
 * whose names are no names to it.
 *
 * No single file grows beyond `diskBytes` and a little: what is watched is measured now and then, and a fast writer
 * takes a gigabyte in between.
 */
export function behindGate(
  program: ResolvedProgram,
  { diskBytes }: Pick<LaunchLimits, 'diskBytes'>,
): ResolvedProgram {
  const cap = diskBytes === 0 ? '' : `ulimit -f ${Math.ceil(diskBytes / BLOCK_BYTES) + 8} 2>/dev/null; `;
  return {
    ...program,
    program: '/bin/sh',
    args: ['-c', `${cap}${WAIT_AT_GATE}`, SHELL_NAME, program.program, ...program.args],
  };
}

/** Our end of the gate of a child that was started with a pipe in fourth place. */
export class Gate {
  readonly #pipe: Writable;

  constructor(stdio: readonly unknown[]) {
    this.#pipe = stdio[GATE_FD] as Writable;
    // Who waited behind it is gone: no matter.
    this.#pipe.on('error', () => {});
  }

  /** Lets the program run. */
  open(): void {
    this.#pipe.write('\n', () => this.close());
  }

  close(): void {
    this.#pipe.destroy();
  }
}

/** The interpreter that a script names in its first line; `undefined` for every other program. */
export function interpreterOf(path: string): string | undefined {
  const start = Buffer.alloc(256);
  let length: number;
  try {
    const fd = openSync(path, 'r');
    try {
      length = readSync(fd, start);
    } finally {
      closeSync(fd);
    }
  } catch {
    // Executable, but not readable: the system may still run it.
    return undefined;
  }
  return /^#![ \t]*([^\s]+)/.exec(start.toString('latin1', 0, length))?.[1];
}
