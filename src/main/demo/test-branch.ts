import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { ShellCommandRunner } from '../../adapters/command-runner/run-command.ts';
import { isolatedEnv } from '../../adapters/git/environment.ts';
import { runGit } from '../../adapters/git/git.ts';
import { ProcessLauncher } from '../../adapters/process/launcher.ts';
import { agentEnv } from '../agent-env.ts';

/** What `npm test` of the library runs, with the output that people read. */
const TESTS = 'node --test --test-reporter=spec test/*.test.mjs';
const TIMEOUT_MS = 5 * 60_000;
const LIMITS = { graceMs: 5_000, diskBytes: 0, memoryBytes: 0, processes: 0 };

/**
 * Runs the library's own tests on the files of `branch`, in a directory for temporary files that is gone afterwards;
 * neither the checkout nor its index is touched. True when they pass.
 */
export async function testBranch(options: {
  root: string;
  branch: string;
  env: NodeJS.ProcessEnv;
  signal: AbortSignal;
  onLine: (line: string) => void;
}): Promise<boolean> {
  const { root, branch, env, signal, onLine } = options;
  const scratch = await mkdtemp(join(tmpdir(), 'codewalk-demo-tests-'));
  try {
    const files = join(scratch, 'files');
    await mkdir(files);
    const gitEnv = isolatedEnv(env, { GIT_INDEX_FILE: join(scratch, 'index') });
    await runGit({ args: ['read-tree', branch], cwd: root, env: gitEnv });
    await runGit({ args: ['checkout-index', '--all', `--prefix=${files}${sep}`], cwd: root, env: gitEnv });
    const result = await new ShellCommandRunner({
      launcher: new ProcessLauncher({ orchestrator: 'demo' }),
      limits: LIMITS,
    }).run({
      command: TESTS,
      cwd: files,
      env: agentEnv(env),
      timeoutMs: TIMEOUT_MS,
      signal,
      onLine,
    });
    return result.kind === 'exited' && result.code === 0;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
