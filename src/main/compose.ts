import { existsSync, realpathSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { configStamp, loadConfig } from '../adapters/config-files/load.ts';
import { LogReader } from '../adapters/logs/read-logs.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemIds } from '../adapters/system/ids.ts';
import { LOCAL_PERSON } from '../core/api/actor.ts';
import { LocalProject } from '../core/api/local-project.ts';
import type { PlanningService, Project, ProjectParts } from '../core/api/parts.ts';
import type { HostedProject } from '../core/api/ports.ts';
import type { ConfigFiles } from '../core/config/ports.ts';
import { LogBus } from '../core/events/log-bus.ts';
import type { Store } from '../core/tasks/ports.ts';
import type { CliServices, LoadedSettings } from '../surfaces/cli/context.ts';
import { hasDoor } from '../surfaces/door/door-names.ts';
import { chooseApi } from './cli/choose-api.ts';
import { LocalFiles } from './cli/files-service.ts';
import { findRoot } from './cli/find-root.ts';
import { LocalNotices } from './cli/notice-service.ts';
import { once, onceFor } from './cli/once.ts';
import { patiently } from './cli/patiently.ts';
import { projectName } from './cli/project-name.ts';
import { LocalRecovery } from './cli/recovery-service.ts';
import { LocalRepository } from './cli/repository-service.ts';
import { LocalRoadmap } from './cli/roadmap-service.ts';
import { LocalRuns } from './cli/run-service.ts';
import { LocalServer } from './cli/server-service.ts';
import { LocalSettings } from './cli/settings-service.ts';
import { LocalSetup } from './cli/setup-service.ts';
import { LocalStorage } from './cli/storage-service.ts';
import { LocalTools } from './cli/tool-service.ts';
import { LocalWorktrees } from './cli/worktree-service.ts';
import { RESTARTED } from './guard/restarted.ts';
import { TERMINAL_WORDS } from './guard/terminal-words.ts';

/** Where the services work and with what. */
export interface ComposeOptions {
  /** Absolute. */
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  /** For the server itself: it asks no server, and what a config file says now is what counts. */
  readonly serves?: boolean;
  /** Something that the person should know, and that is no failure. */
  readonly note?: (message: string) => void;
}

/** What a process works with; disposing closes what was opened. */
export interface Composed extends CliServices, AsyncDisposable {
  /** The project of this process, for whoever reaches it from outside. */
  readonly hosted: HostedProject;
}

/**
 * The services of the command line on the real adapters. Making them loads and opens nothing: each part is loaded
 * when a command first asks for it, and what was opened is closed at the end.
 */
export function compose({ directory, env, version, serves = false, note }: ComposeOptions): Composed {
  const opened = new AsyncDisposableStack();

  const repository = once(async () => {
    const { openRepository } = await import('../adapters/git/repository.ts');
    return opened.use(await openRepository(directory, env));
  });
  const root = once(async (): Promise<string> => {
    const found = findRoot(directory);
    return found === undefined ? (await repository()).root : realpathSync(found);
  });
  const load = async (): Promise<LoadedSettings> => await loadConfig({ root: await root() });
  const loaded = serves ? onceFor(async () => configStamp({ root: await root() }), load) : once(load);
  const config = async () => (await loaded()).config;
  const project = once(async (): Promise<Project> => {
    const top = await root();
    const { roadmap, project: configured } = await config();
    const roadmapPath = resolve(top, roadmap.path);
    const text =
      configured === undefined ? await readFile(roadmapPath, 'utf8').catch(() => undefined) : undefined;
    const stateDirectory = join(top, '.codewalk', 'state');
    return {
      root: top,
      name: configured ?? projectName(text, top),
      roadmapPath,
      stateDirectory,
      logsDirectory: join(stateDirectory, 'logs'),
    };
  });
  const storeFile = async () => join((await project()).stateDirectory, 'codewalk.db');
  const place = async () => {
    const { database } = await config();
    // A file of its own belongs to one project, whatever that is called today.
    return database === undefined || database === ''
      ? { url: `sqlite:${await storeFile()}`, project: 'local' }
      : { url: database, project: (await project()).name };
  };
  const store = once(async (): Promise<Store> => {
    const { stateDirectory } = await project();
    // Late: a command that a server answers needs none of it.
    const { openStore } = await import('../adapters/store/open.ts');
    const where = { ...(await place()), version, stateDirectory };
    const open = () => openStore(where);
    return opened.use(
      env[RESTARTED] === undefined
        ? await open()
        : await patiently(open, (await config()).lease.storeGraceMs),
    );
  });
  const bus = once(async () => new LogBus(await store()));
  // A database that is gone has left its head, and is missed.
  const hasState = async () =>
    (await config()).database !== undefined ||
    existsSync(await storeFile()) ||
    existsSync(join((await project()).stateDirectory, 'head'));

  const roadmap = new LocalRoadmap({ project, store, config, directory });
  const branches = new LocalRepository({ repository, config, store, root, env });
  const planning = once(async () => {
    const { LocalPlanning } = await import('./planning/local-planning.ts');
    return new LocalPlanning({ project, store, config, roadmap, repository: branches });
  });
  const storage = new LocalStorage({
    version,
    project,
    hasState,
    place,
    now: () => Date.now(),
    recordMerged: async () => {
      await roadmap.refresh();
      const { recordMerged } = await import('./record-merged.ts');
      return await recordMerged(await store(), await repository(), await config());
    },
  });
  const outside = once(async () => {
    const { openOutside } = await import('./outside.ts');
    const opening = {
      repository: await repository(),
      config: await config(),
      store: await store(),
      bus: await bus(),
    };
    // Nobody has asked for what goes wrong here: who works is told by the answer.
    return opened.use(await openOutside({ project: opening, version, env, onNotice: () => {} }));
  });
  const parts: ProjectParts = {
    now: () => Date.now(),
    next: (prefix) => systemIds.next(prefix),
    project,
    config,
    store,
    bus,
    hasState,
    outside,
    refresh: (reason) => roadmap.refresh(reason),
    roadmap,
    planning: latePlanning(planning),
    repository: branches,
    recovery: new LocalRecovery({ repository, config, store, root }),
    logs: new LogReader(async () => (await project()).logsDirectory),
    configFiles: lateConfigFiles(root),
  };
  const hosted = new LocalProject(parts);
  const here = once(async () => hosted.as(LOCAL_PERSON));
  const api = serves
    ? here
    : once(async () => await chooseApi({ version, root, local: here, note: note ?? (() => {}) }));
  const files = new LocalFiles({ project, config, store, roadmap, repository, api: here });
  return {
    ...parts,
    version,
    api,
    hosted,
    tools: new LocalTools({ version, env, project: (actor) => hosted.as(actor) }),
    inTurn: hasDoor(env),
    isTurnsProject: async () =>
      env['CW_WORKTREE']?.startsWith(join(await root(), '.codewalk', 'worktrees', sep)) ?? false,
    desk: async () => (await import('../surfaces/door/door-client.ts')).deskOf(env),
    settings: new LocalSettings({ loaded, root }),
    storage,
    textFromEditor: async (text, name) => {
      const { textFromEditor } = await import('./cli/open-editor.ts');
      return await textFromEditor(text, env, name);
    },
    shellIn: async (where) => {
      const { shellIn } = await import('./cli/open-shell.ts');
      await shellIn(where, env);
    },
    pathsIn: async (where) => {
      const { pathsIn } = await import('./cli/paths-in.ts');
      return await pathsIn(resolve(directory, where));
    },
    worktrees: new LocalWorktrees({ repository, config, store, hasState }),
    notices: new LocalNotices({ env, now: () => Date.now(), config, project, store, bus }),
    runs: new LocalRuns({
      version,
      env,
      project,
      config,
      store,
      bus,
      hasState,
      storage,
      repository,
      roadmap,
      branches,
      planning,
      files,
    }),
    server: new LocalServer({
      version,
      env,
      root,
      open: (other) => compose({ directory: other, env, version, serves: true }),
    }),
    files,
    clock: systemClock,
    openTerminal: async ({ noColour }) => {
      const { openTerminal } = await import('../adapters/terminal/open-terminal.ts');
      const { keepHeapSmall } = await import('./keep-heap-small.ts');
      keepHeapSmall();
      const onTaken = (isTaken: boolean): void => {
        // Nobody else can give it back when this process is killed.
        if (process.connected) process.send?.(isTaken ? TERMINAL_WORDS.taken : TERMINAL_WORDS.given);
      };
      return await openTerminal({ process, clock: systemClock, noColour, onTaken });
    },
    setup: new LocalSetup({
      version,
      env,
      directory,
      root,
      loaded,
      project,
      repository,
      store,
      hasState,
      roadmap,
    }),
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}

/** Settings are looked at and changed seldom. */
function lateConfigFiles(root: () => Promise<string>): ConfigFiles {
  const files = once(async () => {
    const { DiskConfigFiles } = await import('../adapters/config-files/config-files.ts');
    return new DiskConfigFiles(async () => ({ root: await root() }));
  });
  return {
    read: async () => (await files()).read(),
    write: async (file, texts) => (await files()).write(file, texts),
  };
}

/** Plans are made seldom, and need the parser of roadmaps. */
function latePlanning(planning: () => Promise<PlanningService>): PlanningService {
  return {
    begin: async (request) => (await planning()).begin(request),
    find: async (id) => (await planning()).find(id),
    preview: async (plan) => (await planning()).preview(plan),
    amend: async (plan, text, onto) => (await planning()).amend(plan, text, onto),
    carryOut: async (plan, options) => (await planning()).carryOut(plan, options),
    drop: async (plan, by) => (await planning()).drop(plan, by),
  };
}
