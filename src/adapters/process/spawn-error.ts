import { statSync } from 'node:fs';
import type { ProcessExit } from '../../core/agents/ports.ts';
import { CodewalkError, messageOf } from '../../core/errors.ts';

type SpawnFailed = Extract<ProcessExit, { kind: 'spawn-failed' }>;

/** Why `command` cannot start in `cwd`, when that shows before it is tried. */
export function cwdProblem(cwd: string): SpawnFailed | undefined {
  try {
    if (statSync(cwd).isDirectory()) return undefined;
    return {
      kind: 'spawn-failed',
      code: 'ENOTDIR',
      message: `The working directory ${cwd} is not a directory`,
    };
  } catch (error) {
    return {
      kind: 'spawn-failed',
      // Not the real code: ENOENT would say that the program is missing.
      code: 'ENOTDIR',
      message: `The working directory ${cwd} cannot be used: ${messageOf(error)}`,
    };
  }
}

/** The exit of a program that the system refused to start. */
export function spawnFailed(command: string, error: unknown): SpawnFailed {
  const code = codeOf(error);
  const hint = HINTS[code] ?? messageOf(error);
  return { kind: 'spawn-failed', code, message: `${command} could not be started (${code}): ${hint}` };
}

export function notFound(command: string): SpawnFailed {
  return {
    kind: 'spawn-failed',
    code: 'ENOENT',
    message: `${command} was not found on PATH or may not be executed`,
  };
}

/** The exit of a script whose interpreter is not there. */
export function noInterpreter(command: string): SpawnFailed {
  return spawnFailed(command, Object.assign(new Error(), { code: 'ENOENT' }));
}

/** The exit of a program that was to be shut in and could not be. */
export function notConfined(command: string, error: unknown): SpawnFailed {
  const code = error instanceof CodewalkError ? error.code : 'SANDBOX_UNAVAILABLE';
  return { kind: 'spawn-failed', code, message: `${command} was not started: ${messageOf(error)}` };
}

const HINTS: Readonly<Record<string, string>> = {
  ENOENT: 'the program or its interpreter is missing',
  EACCES: 'it may not be executed',
  E2BIG: 'its arguments and environment are too large',
  EAGAIN: 'the limit of processes is reached (ulimit -u)',
  EMFILE: 'the limit of open files is reached (ulimit -n)',
  ENFILE: 'the machine has no file handles left',
  ENOMEM: 'the machine is out of memory',
};

function codeOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  return typeof code === 'string' ? code : 'UNKNOWN';
}
