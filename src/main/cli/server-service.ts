import { setTimeout as pause } from 'node:timers/promises';
import { runDirectory } from '../../adapters/server-files/run-directory.ts';

import type { ProcessIdentity } from '../../core/agents/ports.ts';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import type { ServerApi, ServerInfo } from '../../core/server/ports.ts';
import { present } from '../../core/source/present.ts';
import type { IssueToken, ServeHere, ServerService, TokenView } from '../../surfaces/cli/context.ts';
import type { Composed } from '../compose.ts';

/** Agents get their grace time, and what they did is saved: see `limits`. */
const STOP_MS = 120_000;
const GUARDIAN_MS = 5_000;
const LOOK_MS = 25;

export class LocalServer implements ServerService {
  readonly #version: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #root: () => Promise<string>;
  readonly #open: (root: string) => Composed;

  constructor(parts: {
    version: string;
    env: NodeJS.ProcessEnv;
    root: () => Promise<string>;
    open: (root: string) => Composed;
  }) {
    this.#version = parts.version;
    this.#env = parts.env;
    this.#root = parts.root;
    this.#open = parts.open;
  }

  get directory(): string {
    return runDirectory();
  }

  async find(): Promise<ServerApi | undefined> {
    const { findServer } = await import('../server/find-server.ts');
    return (await findServer(this.directory))?.api;
  }

  async here() {
    const info = await (await this.find())?.info().catch(() => undefined);
    if (info === undefined) return undefined;
    const root = await this.#root();
    return { info, project: info.projects.find((each) => each.root === root) };
  }

  async start({ port }: { readonly port: number | undefined }): Promise<ServerInfo> {
    const { startServer } = await import('../server/start-server.ts');
    return await startServer({ directory: this.directory, port, env: this.#env });
  }

  async serveHere(options: ServeHere): Promise<void> {
    const { serve } = await import('../server/server.ts');
    const { port = await this.#configuredPort() } = options;
    await serve({ ...options, port, directory: this.directory, version: this.#version, open: this.#open });
  }

  async stop(reason: string): Promise<ServerInfo> {
    const [{ findServer }, { identityOf }, { processTable }] = await Promise.all([
      import('../server/find-server.ts'),
      import('../../adapters/process/identity.ts'),
      import('../../adapters/process/process-table.ts'),
    ]);
    const found = await findServer(this.directory);
    if (found === undefined) throw notRunning();
    const info = await found.api.info();
    const { pid, startTime, bootId } = found.record;
    const guardian = identityOf(processTable().row(pid)?.ppid ?? 0);
    await found.api.stop({ reason });
    if (await hasEnded({ pid, startTime, bootId }, STOP_MS)) {
      // It clears up what is left, and has nothing to say about the end.
      if (guardian !== undefined) await hasEnded(guardian, GUARDIAN_MS);
      return info;
    }
    throw new CodewalkError('SERVER_STILL_STOPPING', `the server, process ${pid}, is still stopping`, {
      advice: `Its agents get time to end: cw server log. To end it at once: kill -9 ${pid}`,
    });
  }

  async readLog(from?: number) {
    const { readLog } = await import('../../adapters/server-files/server-log.ts');
    return readLog(this.directory, from);
  }

  async issueToken(request: IssueToken): Promise<TokenView & { readonly token: string }> {
    const { makeToken } = await import('../../surfaces/api/tokens.ts');
    const { name, role, expiresAt, projects } = request;
    const roots = projects === undefined ? undefined : await this.#rootsOf(projects);
    const { token, record } = makeToken();
    const issued = {
      ...{ ...record, name, role, createdAt: Date.now() },
      ...present({ expiresAt, projects: roots }),
    };
    (await this.#tokens()).add(issued);
    return { ...viewOf(issued), token };
  }

  async tokens(): Promise<readonly TokenView[]> {
    const tokens = await this.#tokens();
    return tokens
      .list()
      .map((token) => ({ ...viewOf(token), ...present({ usedAt: tokens.lastUse(token.id) }) }));
  }

  /** As the server knows them. Throws `UsageError` for a directory that is in no project. */
  async #rootsOf(directories: readonly string[]): Promise<string[]> {
    const roots = new Set<string>();
    for (const directory of directories) {
      await using opened = this.#open(directory);
      roots.add((await opened.project()).root);
    }
    return [...roots];
  }

  async revokeToken(id: string): Promise<void> {
    if ((await this.#tokens()).remove(id)) return;
    throw new UsageError('UNKNOWN_TOKEN', `there is no token "${id}"`, {
      advice: 'cw server token list shows them.',
    });
  }

  async #tokens() {
    const { makePrivate } = await import('../../adapters/server-files/run-directory.ts');
    const { TokenFiles } = await import('../../adapters/server-files/token-files.ts');
    makePrivate(this.directory);
    return new TokenFiles(this.directory);
  }

  /** What the global config says: a server belongs to no project. */
  async #configuredPort(): Promise<number | undefined> {
    const { loadConfig } = await import('../../adapters/config-files/load.ts');
    return (await loadConfig({ root: undefined })).config.server.port;
  }
}

async function hasEnded(process: ProcessIdentity, patienceMs: number): Promise<boolean> {
  const { isAlive } = await import('../../adapters/process/identity.ts');
  for (const deadline = performance.now() + patienceMs; performance.now() < deadline; await pause(LOOK_MS)) {
    if (!isAlive(process)) return true;
  }
  return false;
}

function notRunning(): UsageError {
  return new UsageError('SERVER_NOT_RUNNING', 'no server is running', { advice: 'cw serve starts one.' });
}

function viewOf({ id, name, role, createdAt, expiresAt, projects }: TokenView): TokenView {
  return { ...{ id, name, role, createdAt }, ...present({ expiresAt, projects }) };
}
