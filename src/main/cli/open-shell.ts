import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { UsageError } from '../../core/errors.ts';

/**
 * Gives the terminal to the person's shell (`SHELL`, else `/bin/sh`) in a directory until they leave it; how it ends
 * does not matter. Throws `UsageError` `NO_WORKTREE` and `SHELL_FAILED`.
 */
export async function shellIn(
  directory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  if (!existsSync(directory)) {
    throw new UsageError('NO_WORKTREE', `${directory} is not on this machine`, {
      advice: 'it is on the host that does the work, or was cleared up: cw worktree list',
    });
  }
  const program = env['SHELL'] || '/bin/sh';
  process.stdout.write(`${directory}\nexit brings the project back\n`);
  const child = spawn(program, [], { cwd: directory, stdio: 'inherit', env: { ...env, PWD: directory } });
  await once(child, 'close').catch((error: unknown) => {
    throw new UsageError('SHELL_FAILED', `The shell ${program} cannot be started.`, {
      advice: 'Name another one with SHELL.',
      cause: error,
    });
  });
}
