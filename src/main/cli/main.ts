import { resolve } from 'node:path';
import { processIo } from '../../surfaces/cli/process-io.ts';
import { runCli } from '../../surfaces/cli/run-cli.ts';
import { compose } from '../compose.ts';
import { crashWhereAsked } from './crash-at.ts';
import { StopSignals } from './stop-signals.ts';
import { programVersion } from './version.ts';

/** Carries out the command line of this process and resolves to its exit code. */
export async function main(process: NodeJS.Process): Promise<number> {
  const signals = new StopSignals(process);
  const io = processIo(process);
  try {
    return await runCli(process.argv.slice(2), {
      io,
      version: programVersion(),
      directory: process.cwd(),
      resolve,
      stopSignal: (options) => signals.take(options),
      interrupt: () => signals.raise(),
      services: (directory) => {
        crashWhereAsked(process.env);
        return compose({
          directory,
          env: process.env,
          version: programVersion(),
          note: (message) => io.err(`note: ${message}\n`),
        });
      },
      writeCrashLog: async (error, directory) => {
        const { writeCrashLog } = await import('./crash-log.ts');
        return writeCrashLog(error, directory);
      },
    });
  } finally {
    signals.end();
  }
}
