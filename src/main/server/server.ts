import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { setInterval as every } from 'node:timers/promises';
import { ownIdentity } from '../../adapters/process/identity.ts';
import { takeInstanceLock } from '../../adapters/server-files/instance-lock.ts';
import { ProjectList } from '../../adapters/server-files/project-list.ts';
import { makePrivate, socketPath } from '../../adapters/server-files/run-directory.ts';
import { isLogged, rotateLog } from '../../adapters/server-files/server-log.ts';
import { forgetServer, readServer, writeServer } from '../../adapters/server-files/server-record.ts';
import { TokenFiles } from '../../adapters/server-files/token-files.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemIds } from '../../adapters/system/ids.ts';
import { type Actor, LOCAL_PERSON } from '../../core/api/actor.ts';
import { messageOf, UsageError } from '../../core/errors.ts';
import type { ServedProject, ServerApi, ServerRecord } from '../../core/server/ports.ts';
import { present } from '../../core/source/present.ts';
import { EventStreams } from '../../surfaces/api/event-stream.ts';
import { HttpFront } from '../../surfaces/api/http-front.ts';
import { isToken, makeToken, tokenId } from '../../surfaces/api/tokens.ts';
import type { KeeperOptions } from './project-keeper.ts';
import { serverRoutes } from './routes.ts';
import { ServedProjects } from './served-projects.ts';

export interface ServeOptions {
  /** Of this life of the server; made when it is not there. */
  readonly directory: string;
  readonly version: string;
  /** Also listen on this port of loopback; 0: a free one. */
  readonly port: number | undefined;
  /** A project to begin with, beside those of the list. */
  readonly project: ServedProject | undefined;
  readonly open: KeeperOptions['open'];
  readonly signal: AbortSignal;
  log(line: string): void;
}

const ROTATE_MS = 60_000;

/**
 * Is the server of this user until it is asked to stop: on a socket and, when asked, on loopback, for any number of
 * projects. When it returns, no agent runs and everything is saved. Throws `UsageError` `SERVER_RUNNING` beside
 * another one, and `PORT_IN_USE`.
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { directory, log } = options;
  makePrivate(directory);
  using lock = takeInstanceLock(directory);
  if (lock === undefined) throw running();
  const stop = new AbortController();
  let reason = 'stopped by a signal';
  options.signal.addEventListener('abort', () => stop.abort(), { once: true });
  if (options.signal.aborted) return;

  const { token, record: admin } = makeToken();
  const tokens = new TokenFiles(directory);
  const authenticate = (given: string): Actor | undefined => {
    if (isToken(given, admin)) return LOCAL_PERSON;
    const issued = tokens.find(tokenId(given) ?? '');
    if (!isToken(given, issued) || issued === undefined) return undefined;
    const { id, name, role, projects, expiresAt } = issued;
    const now = Date.now();
    if (expiresAt !== undefined && expiresAt <= now) return undefined;
    tokens.use(id, now);
    return { kind: 'client', name, role, ...present({ projects }) };
  };

  const list = new ProjectList(directory);
  const known = list.read();
  const record: ServerRecord = await announceable(options);
  const projects = new ServedProjects(list, {
    server: record,
    open: options.open,
    clock: systemClock,
    log,
  });
  const api: ServerApi = {
    info: async () => ({
      ...record,
      ...listening,
      uptimeMs: Date.now() - record.startedAt,
      calls: front.calls,
      memoryBytes: process.memoryUsage.rss(),
      projects: projects.infos(),
    }),
    addProject: (project) => projects.add(project),
    removeProject: ({ root }) => projects.remove(root),
    stop: async (request) => {
      reason = request.reason;
      stop.abort();
    },
  };
  using streams = new EventStreams();
  const onError = (error: unknown): void => log(`a request failed: ${stackOf(error)}`);
  const { version } = options;
  const front = new HttpFront<Actor>({
    authenticate,
    routes: serverRoutes({ server: api, host: projects, streams, version, onError }),
    onError,
  });
  const listening = await listen(front, record.socket, options, readServer(directory)?.record.port);
  try {
    writeServer(directory, { record: { ...record, ...listening }, token });
    log(
      `codewalk ${options.version}, process ${record.pid}, listens on ${placesOf(record.socket, listening)}`,
    );
    projects.start(known);
    if (options.project !== undefined) await projects.add(options.project);
    await rotating(directory, stop.signal);
    log(`stops: ${reason}`);
    await projects.halt(reason);
  } finally {
    await front[Symbol.asyncDispose]();
    await projects.close();
    forgetServer(directory);
    rmSync(record.socket, { force: true });
    log('stopped');
  }
}

/** Resolves at the signal; until then a log that grows long is put aside. */
async function rotating(directory: string, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of every(ROTATE_MS, undefined, { signal })) {
      if (isLogged(directory)) rotateLog(directory);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function announceable({ directory, version }: ServeOptions): Promise<ServerRecord> {
  const { pid, startTime, bootId } = ownIdentity();
  return {
    ...{ id: systemIds.next('srv'), pid, startTime, bootId, version },
    socket: socketPath(directory),
    startedAt: Date.now(),
  };
}

/** A free port is the one that it was before, when that is free: clients go on finding it after a crash. */
async function listen(
  front: HttpFront<Actor>,
  socket: string,
  { port }: ServeOptions,
  before: number | undefined,
): Promise<{ readonly port?: number }> {
  makePrivate(dirname(socket));
  // Whoever holds the lock knows that nobody listens there any more.
  rmSync(socket, { force: true });
  await front.listenOnSocket(socket);
  if (port === undefined) return {};
  if (port === 0 && before !== undefined) {
    try {
      return { port: await front.listenOnLoopback(before) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    }
  }
  try {
    return { port: await front.listenOnLoopback(port) };
  } catch (cause) {
    await front[Symbol.asyncDispose]();
    throw new UsageError(
      'PORT_IN_USE',
      `Port ${port} of 127.0.0.1 cannot be listened on: ${messageOf(cause)}`,
      {
        advice: 'Choose another one with --port, or 0 for a free one.',
        cause,
      },
    );
  }
}

function placesOf(socket: string, { port }: { readonly port?: number }): string {
  return port === undefined ? socket : `${socket} and http://127.0.0.1:${port}`;
}

function running(): UsageError {
  return new UsageError('SERVER_RUNNING', 'A server is running already', {
    advice: 'cw server status shows it; cw serve adds this project to it; cw stop ends it.',
  });
}

/** Where it happened, for who mends it; the lines of Node itself say nothing about that. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return messageOf(error);
  return error.stack
    .split('\n')
    .filter((line) => !line.includes('node:internal'))
    .slice(0, 6)
    .join(' · ');
}
