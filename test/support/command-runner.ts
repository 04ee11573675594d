import { ShellCommandRunner } from '../../src/adapters/command-runner/run-command.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';

/** Runs commands as `cw run` does, without limits. */
export function commandRunner(): ShellCommandRunner {
  return new ShellCommandRunner({
    launcher: new ProcessLauncher({ orchestrator: 'test' }),
    limits: { diskBytes: 0, memoryBytes: 0, processes: 0, graceMs: 1_000 },
  });
}
