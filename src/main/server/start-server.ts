import { spawn } from 'node:child_process';
import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { ORCHESTRATOR_MARKER } from '../../adapters/process/marker.ts';
import { makePrivate } from '../../adapters/server-files/run-directory.ts';
import { logPath, openLog } from '../../adapters/server-files/server-log.ts';
import { CodewalkError } from '../../core/errors.ts';
import type { ServerInfo } from '../../core/server/ports.ts';
import { programFile } from '../cli/program-file.ts';
import { findServer } from './find-server.ts';

/** A machine under load may take its time to start a program. */
const PATIENCE_MS = 30_000;
const LOOK_MS = 25;
/** Of what it said before it gave up. */
const MOST_LINES = 8;

/**
 * Starts the server in the background, in a session of its own with its log as its output, and resolves when it
 * answers. Whoever else started one at the same time was as good: the one that answers counts. Throws
 * `CodewalkError` `SERVER_NOT_STARTED` with what it said last.
 */
export async function startServer(options: {
  directory: string;
  port: number | undefined;
  env: NodeJS.ProcessEnv;
}): Promise<ServerInfo> {
  const { directory, port } = options;
  makePrivate(directory);
  const log = openLog(directory);
  const from = fstatSync(log).size;
  const words = [
    'serve',
    '--foreground',
    '--no-project',
    ...(port === undefined ? [] : ['--port', String(port)]),
  ];
  const child = spawn(process.execPath, [programFile(), ...words], {
    cwd: directory,
    detached: true,
    stdio: ['ignore', log, log],
    env: serverEnv(options.env),
  });
  closeSync(log);
  let ended: string | undefined;
  child.once('error', (error) => {
    ended = error.message;
  });
  child.once('exit', (code, signal) => {
    ended = `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  for (const deadline = performance.now() + PATIENCE_MS; performance.now() < deadline; await pause(LOOK_MS)) {
    const info = await (await findServer(directory))?.api.info().catch(() => undefined);
    if (info !== undefined) return info;
    if (ended !== undefined) break;
  }
  const said = readFileSync(logPath(directory)).subarray(from).toString('utf8').trimEnd();
  const last = said === '' ? [] : said.split('\n').slice(-MOST_LINES);
  throw new CodewalkError(
    'SERVER_NOT_STARTED',
    [`the server did not start: ${ended ?? 'it does not answer'}`, ...last].join('\n'),
    { advice: `See ${logPath(directory)}, or start it here to look on: cw serve --foreground` },
  );
}

/** Without what marks a process as an agent's: a server that an agent starts is nobody's part. */
function serverEnv(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { [ORCHESTRATOR_MARKER]: _, CW_TOKEN: _token, CW_SOCKET: _socket, ...rest } = env;
  return rest;
}
