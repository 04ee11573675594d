import { resolve } from 'node:path';
import { processIo } from '../surfaces/cli/process-io.ts';
import { runCli } from '../surfaces/cli/run-cli.ts';
import { StopSignals } from './cli/stop-signals.ts';
import { programVersion } from './cli/version.ts';

const signals = new StopSignals(process);

// No process.exit here: what is still on its way to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), {
  io: processIo(process),
  version: programVersion(),
  directory: process.cwd(),
  resolve,
  stopSignal: () => signals.take(),
  services: async (directory) => {
    const { compose } = await import('./compose.ts');
    return compose({ directory, env: process.env, version: programVersion() });
  },
  writeCrashLog: async (error, directory) => {
    const { writeCrashLog } = await import('./cli/crash-log.ts');
    return writeCrashLog(error, directory);
  },
});
signals.end();
