import { chmodSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative } from 'node:path';
import type { AgentSpec, Confinement, ProviderSpec, SandboxMode } from '../../core/agents/ports.ts';
import type { PreparedSandbox, Sandboxes } from '../../core/attempts/ports.ts';
import type { Config } from '../../core/config/schema.ts';
import { UsageError } from '../../core/errors.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Workspace } from '../../core/workspaces/ports.ts';
import type { Availability } from './availability.ts';
import { STATE_VARIABLES, stateFiles } from './cli-state.ts';
import { unavailable } from './confiner.ts';
import { hostPlaces, openSockets, resolverFiles, systemSecrets } from './hidden-places.ts';
import { isWithin, makeBelow, realPath } from './paths.ts';
import { PrivateFiles } from './private-files.ts';
import { removeTree } from './remove-tree.ts';
import { named, type Surroundings, toolchains } from './toolchains.ts';

/** What a program in a sandbox sees of the repository besides the task's files. */
export interface RepositoryView extends Pick<Confinement, 'hidden' | 'readable' | 'mounts'> {
  /** Called when the program has ended. */
  collect(): Promise<void>;
}

export interface SandboxParts {
  readonly settings: Config['sandbox'];
  /** The private directories of the tasks, one below the other. */
  readonly directory: string;
  readonly availability: () => Promise<Availability>;
  /** Makes the git directory for the task's own git in `directory`. */
  readonly viewRepository: (workspace: Workspace, directory: string) => Promise<RepositoryView>;
  /** What a program gets of an environment; without `provider` it is a command of the project. */
  readonly environment: (
    env: Readonly<Record<string, string>>,
    provider: ProviderSpec | undefined,
    mode: SandboxMode,
  ) => Record<string, string>;
}

type Request = Parameters<Sandboxes['prepare']>[0];

/** Variables whose file must be there for a program to trust the certificates of the network. */
const CERTIFICATES = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'NODE_EXTRA_CA_CERTS'];
/** Paths of this machine that mean nothing inside. */
const HOST_ONLY = ['TMPDIR', 'TEMP', 'TMP', 'XDG_RUNTIME_DIR', 'SSH_AUTH_SOCK', 'DBUS_SESSION_BUS_ADDRESS'];

/** Sandboxes of this machine, with a private home for each task that lasts as long as the task's work. */
export class LocalSandboxes implements Sandboxes {
  readonly #parts: SandboxParts;

  constructor(parts: SandboxParts) {
    this.#parts = parts;
  }

  async prepare(request: Request): Promise<PreparedSandbox> {
    const mode = await this.#mode(request.agent);
    const { provider, workspace } = request;
    const env = this.#parts.environment(request.env, provider, mode);
    if (mode === 'off') return { mode, confinement: undefined, env, async [Symbol.asyncDispose]() {} };
    for (const name of HOST_ONLY) delete env[name];
    const place = new PrivatePlace(join(this.#parts.directory, workspace.task), { ...env, ...provider?.env });
    env['HOME'] ??= place.homeTarget;
    const files = provider === undefined ? [] : stateFiles(provider, place.env, place.homeTarget);
    const copies = new PrivateFiles(join(place.directory, 'copied.json'), (path) => place.of(path));
    copies.copyIn(files);
    const repository = await this.#parts.viewRepository(workspace, place.directory);
    const confinement = this.#confinement({ ...request, mode, place, repository, env });
    return {
      mode,
      confinement,
      env,
      async [Symbol.asyncDispose]() {
        copies.handBack(files);
        await repository.collect();
      },
    };
  }

  async discard(task: TaskId): Promise<void> {
    // What cannot be removed now goes with `cw worktree prune`: the task's work is not concerned.
    await removeTree(join(this.#parts.directory, task)).catch(() => undefined);
  }

  async #mode(agent: AgentSpec | undefined): Promise<SandboxMode> {
    const wanted = agent?.sandbox ?? this.#parts.settings.mode;
    if (wanted === 'off') return 'off';
    const available = await this.#parts.availability();
    if (available.kind === 'available') return wanted ?? 'workspace';
    if (wanted === undefined) return 'off';
    throw unavailable(available);
  }

  #confinement(
    options: Request & {
      mode: Confinement['mode'];
      place: PrivatePlace;
      repository: RepositoryView;
      env: Readonly<Record<string, string>>;
    },
  ): Confinement {
    const { mode, place, repository, agent, provider, workspace } = options;
    const { settings } = this.#parts;
    const door = options.door ?? { readable: [], mounts: [] };
    const secrets = mode === 'strict' ? [] : systemSecrets();
    const hidden = [...hostPlaces(), ...repository.hidden, ...secrets.filter(isDirectory)].filter((path) =>
      existsSync(path),
    );
    const around: Surroundings = {
      home: place.homeTarget,
      hidden: [...hidden, place.homeTarget, realPath('/tmp')],
    };
    const certificates = CERTIFICATES.flatMap((name) => place.env[name] ?? []);
    const readable = [
      ...repository.readable,
      ...(mode === 'workspace' ? toolchains(place.env['PATH'] ?? '', around) : []),
      ...(provider === undefined
        ? []
        : [provider.command, ...provider.args].flatMap((word) => named(word, around))),
      ...certificates.filter((path) => existsSync(path)),
      ...resolverFiles(mode === 'strict' ? ['/'] : hidden),
      ...configured('readable', settings.readable),
      ...(writes(agent) ? [] : [workspace.path]),
      ...door.readable,
    ];
    const writable = [
      ...configured('writable', settings.writable),
      ...(writes(agent) ? [workspace.path] : []),
    ];
    const shown = [...readable, ...writable];
    return {
      mode,
      network: agent?.network ?? settings.network,
      hidden,
      readable,
      writable,
      mounts: [
        ...[...secrets.filter((path) => !isDirectory(path)), ...seenSockets(mode, around.hidden, shown)]
          .filter((target) => !door.mounts.some(({ source }) => isWithin(target, source)))
          .map((target) => ({ source: '/dev/null', target, writable: false })),
        ...repository.mounts,
        ...place.mounts,
        ...door.mounts,
      ],
      home: place.home,
      tmp: place.tmp,
    };
  }
}

/** A role without a tool that changes files gets a worktree that cannot be changed. Commands may write theirs. */
function writes(agent: AgentSpec | undefined): boolean {
  return agent === undefined || agent.tools.includes('edit') || agent.tools.includes('shell');
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

/** Sockets in what the program would see. */
function seenSockets(
  mode: Confinement['mode'],
  hidden: readonly string[],
  shown: readonly string[],
): string[] {
  const isSeen = (path: string): boolean => {
    const over = [...hidden, ...shown]
      .filter((each) => isWithin(path, each))
      .sort((a, b) => b.length - a.length);
    return over[0] === undefined ? mode === 'workspace' : shown.includes(over[0]);
  };
  return openSockets().filter((path) => realPath(path) === path && isSeen(path));
}

/** Paths of the config, which must be there. */
function configured(key: 'readable' | 'writable', paths: readonly string[]): string[] {
  return paths.map((path) => {
    const full = path.startsWith('~/') ? join(homedir(), path.slice(2)) : path;
    if (existsSync(full)) return realPath(full);
    throw new UsageError('SANDBOX_PATH_MISSING', `sandbox.${key} names ${path}, which does not exist`, {
      advice: `Make it, or take it out of sandbox.${key}.`,
    });
  });
}

/** The private directories of one task, and which of the person's directories they stand for. */
class PrivatePlace {
  readonly directory: string;
  readonly home: string;
  readonly tmp: string;
  /** Where programs find the home. */
  readonly homeTarget: string;
  /** The environment that the program will have. */
  readonly env: Readonly<Record<string, string>>;
  readonly mounts: Confinement['mounts'];
  readonly #home: string;
  readonly #roots: readonly { readonly target: string; readonly source: string }[];

  constructor(directory: string, env: Readonly<Record<string, string>>) {
    this.directory = directory;
    this.home = join(directory, 'home');
    this.tmp = join(directory, 'tmp');
    for (const path of [this.home, this.tmp]) {
      mkdirSync(path, { recursive: true, mode: 0o700 });
      // An agent may have taken it from itself, and with it from the next one.
      chmodSync(path, 0o700);
    }
    this.#home = env['HOME'] ?? '/';
    const home = realPath(this.#home);
    const isHome = home !== '/' && statSync(home, { throwIfNoEntry: false })?.isDirectory();
    this.homeTarget = isHome ? home : '/tmp/home';
    this.env = { ...env, HOME: this.homeTarget };
    const main = [
      { target: this.homeTarget, source: this.home },
      { target: realPath('/tmp'), source: this.tmp },
    ];
    const own: { target: string; source: string }[] = [];
    const inside: { target: string; source: string }[] = [];
    for (const name of STATE_VARIABLES) {
      const value = env[name];
      if (value === undefined || !value.startsWith('/')) continue;
      const target = this.#targetOf(value);
      const root = [...own, ...main].find((each) => isWithin(target, each.target));
      if (root !== undefined) {
        const source = join(root.source, relative(root.target, target));
        makeBelow(root.source, source, 'directory');
        // What is readable around it, such as the programs on PATH, would else lie over it.
        if (target !== root.target && isDirectory(target)) inside.push({ target, source });
        continue;
      }
      // The CLI would make it, too; only then there is a place to put the private one over.
      mkdirSync(target, { recursive: true });
      const source = join(directory, 'state', name);
      mkdirSync(source, { recursive: true, mode: 0o700 });
      own.push({ target, source });
    }
    this.mounts = [...own, ...inside].map((each) => ({ ...each, writable: true }));
    this.#roots = [...own, ...main];
  }

  /** Where a path of the person's is found in the private directories, if it is. */
  of(path: string): { root: string; path: string } | undefined {
    const target = this.#targetOf(path);
    const root = this.#roots.find((each) => isWithin(target, each.target));
    return root && { root: root.source, path: join(root.source, relative(root.target, target)) };
  }

  /** A path as the program finds it. In the private home there are none of the links that the person's may hold. */
  #targetOf(path: string): string {
    for (const home of [this.#home, this.homeTarget]) {
      if (isWithin(path, home)) return join(this.homeTarget, relative(home, path));
    }
    return realPath(path);
  }
}
