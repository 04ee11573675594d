import type { Sandboxes } from '../../core/attempts/ports.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { CommandRunner, Workspace } from '../../core/workspaces/ports.ts';

const TOLD_CHARS = 400;

export interface Setup {
  readonly setup: readonly string[];
  readonly setupTimeoutMs: number;
}

/**
 * Runs the setup commands in order, shut in like `verify`. Throws `SETUP_FAILED` with the end of the output at the
 * first that fails.
 */
export async function runSetup(
  { setup, setupTimeoutMs }: Setup,
  how: {
    workspace: Workspace;
    env: Readonly<Record<string, string>>;
    signal: AbortSignal;
    onLine: (line: string) => void;
    commands: CommandRunner;
    sandboxes: Sandboxes;
  },
): Promise<void> {
  const { workspace, env, signal, onLine, commands } = how;
  await using sandbox = await how.sandboxes.prepare({ workspace, env });
  for (const command of setup) {
    onLine(`$ ${command}`);
    const result = await commands.run({
      command,
      cwd: workspace.path,
      env: sandbox.env,
      ...(sandbox.confinement === undefined ? {} : { confinement: sandbox.confinement }),
      timeoutMs: setupTimeoutMs,
      signal,
      onLine,
    });
    if (result.kind === 'exited' && result.code === 0) continue;
    signal.throwIfAborted();
    const ended = result.kind === 'exited' ? `exited with ${result.code}` : `took over ${setupTimeoutMs} ms`;
    throw new CodewalkError('SETUP_FAILED', `setup \`${command}\` ${ended}${told(result.outputTail)}`, {
      advice: `Run it in a fresh clone to see what is wrong, or change worktrees.setup in the config. The whole output: cw task logs ${workspace.task}`,
    });
  }
}

/** The end of the output on one line. */
function told(output: string): string {
  const text = output.trim().replace(/\s*\n\s*/g, ' | ');
  if (text === '') return '';
  return `: ${text.length > TOLD_CHARS ? `…${text.slice(-TOLD_CHARS)}` : text}`;
}
