import type { PersonRole } from '../../core/api/actor.ts';
import type { ProjectParts } from '../../core/api/parts.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import type { Config, ConfigScope } from '../../core/config/schema.ts';
import type { Hold } from '../../core/dispatch/hold.ts';
import type { Onlooker } from '../../core/dispatch/onlooker.ts';
import type { AgentDesk } from '../../core/door/ports.ts';
import type { LoggedEvent, MergeStrategy } from '../../core/events/event.ts';
import type { TaskId } from '../../core/ids.ts';
import type { Clock } from '../../core/ports.ts';
import type { ProjectInfo, ServedProject, ServerApi, ServerInfo } from '../../core/server/ports.ts';
import type { Storage } from '../../core/storage/ports.ts';
import type { Counts } from '../../core/tasks/ports.ts';
import type { Terminal } from '../../core/terminal/ports.ts';
import type { WorktreeFacts } from '../../core/workspaces/retention.ts';
import type { ExitCode } from './exit-codes.ts';
import type { CliIo } from './io.ts';
import type { Paint } from './style.ts';

/** What every command is given. */
export interface CliContext {
  readonly io: CliIo;
  /** The directory the command works from, absolute. */
  readonly directory: string;
  /** Was `--json` given? */
  readonly json: boolean;
  readonly paint: Paint;
  readonly services: CliServices;
  /**
   * Aborts at the first SIGINT, SIGTERM or SIGHUP. A command that asks for it ends by itself then; any other is
   * ended by the first signal at once.
   */
  stopSignal(options?: StopOptions): AbortSignal;
  /** Does what a SIGINT of the terminal does, for whoever reads the keys itself. */
  interrupt(): void;
  /** Colours were not switched off. */
  readonly colours: boolean;
  /** Carries another command line out with the same services, and returns what it would have printed. Never throws. */
  captured(
    argv: readonly string[],
    columns: number,
  ): Promise<{ readonly code: number; readonly text: string }>;
  /** Carries something out in another directory, with services of its own. */
  within<T>(directory: string, work: (inside: CliContext) => Promise<T>): Promise<T>;
}

/** What a second signal does: usually it ends the process at once; who has much to save asks for patience. */
export interface StopOptions {
  readonly again?: 'forces' | 'ignored';
}

/**
 * What the commands need from the rest of the program. Everything is opened when it is first asked for and closed
 * once at the end. All methods may throw `UsageError` for a place, config or roadmap that cannot be used.
 */
export interface CliServices extends ProjectParts {
  readonly version: string;
  /** The project as the person at this terminal reaches it. */
  api(): Promise<ProjectApi>;
  /** Was this process started by an agent at work? */
  readonly inTurn: boolean;
  /** Is it the project that the turn works for? */
  isTurnsProject(): Promise<boolean>;
  /** Of the turn that this process is part of. Throws `UsageError` `NO_DOOR` outside of one. */
  desk(): Promise<AgentDesk>;
  readonly tools: ToolService;
  readonly settings: SettingsService;
  readonly storage: Storage;
  readonly worktrees: WorktreeService;
  readonly runs: RunService;
  readonly setup: SetupService;
  readonly notices: NoticeService;
  readonly files: FilesService;
  /** Lets a person change a text in their editor. */
  textFromEditor(text: string, name?: string): Promise<string>;
  /** A person's shell in a directory of this machine, on this terminal, until they leave it. Throws `UsageError`. */
  shellIn(directory: string): Promise<void>;
  /** Names of what is in a directory, those of directories with a slash behind them; relative to where `cw` works. */
  pathsIn(directory: string): Promise<readonly string[]>;
  readonly server: ServerService;
  readonly clock: Clock;
  /** Takes the terminal of this process as a whole. Throws `UsageError` `TERMINAL_UNFIT`. */
  openTerminal(options: { readonly noColour: boolean }): Promise<Terminal>;
}

export interface NoticeService {
  /** Tells everybody of the config, or the webhook of that number (from 1) alone, that this is a test. */
  test(which: { webhook?: number }): Promise<readonly NoticeTest[]>;
  /** Tells them of what happens, until it is disposed of. A run does so by itself. */
  start(onNotice: (message: string) => void): Promise<AsyncDisposable>;
}

/** Who was told; `problem` when that failed. */
export interface NoticeTest {
  readonly to: string;
  readonly problem: string | undefined;
}

export interface ToolService {
  /**
   * Serves MCP on standard input and output until the client closes it or the signal comes: the tools of the turn that
   * this process is part of, else those of the project as far as `role` allows. `name`: what the log calls the client;
   * absent: as it calls itself.
   */
  serve(client: { role: PersonRole; name: string | undefined; signal: AbortSignal }): Promise<void>;
}

/** The inbox and the plan as files. */
export interface FilesService {
  /** Writes and reads them once; `false`: another process keeps them, which does it anyway. */
  once(): Promise<boolean>;
  /** Keeps them in step while the config says so, unless another process does. `what`: names this one, for people. */
  keep(how: { what: string; onNotice: (message: string) => void }): Promise<AsyncDisposable>;
  status(): Promise<FilesStatus>;
}

export interface FilesStatus {
  /** Absolute. */
  readonly directory: string;
  readonly keptBy: { readonly pid: number; readonly what: string } | undefined;
  readonly pages: number;
  /** Paths below the directory: what was kept of a person's words, and warnings. */
  readonly conflicts: readonly string[];
  readonly warnings: readonly string[];
}

export interface SettingsService {
  /** The settings in force with the scope that each comes from (by key path), and the files looked for. */
  load(): Promise<LoadedSettings>;
  /** Changes one key of one file, if the whole is valid with it. Returns the file's path. */
  set(scope: FileScope, keyPath: readonly string[], value: unknown): Promise<string>;
  /** Throws `UsageError` when the file does not set the key. */
  unset(scope: FileScope, keyPath: readonly string[]): Promise<string>;
}

export type FileScope = Exclude<ConfigScope, 'built-in'>;

export interface LoadedSettings {
  readonly config: Config;
  readonly origins: Readonly<Record<string, ConfigScope>>;
  readonly files: readonly { readonly scope: FileScope; readonly path: string; readonly exists: boolean }[];
}

export interface WorktreeService {
  /** Every worktree of this checkout, and what is left of others. */
  list(): Promise<readonly WorktreeEntry[]>;
  /** What a clean-up would remove and keep; with `dryRun` unset it is done. */
  prune(options: PruneOptions): Promise<PruneReport>;
}

export interface WorktreeEntry {
  readonly facts: WorktreeFacts;
  /** Bytes on the disk. */
  readonly bytes: number;
  /** Why `prune` without options keeps it; absent when it would go. */
  readonly kept: string | undefined;
}

export interface PruneOptions {
  readonly dryRun: boolean;
  /** Absent: `worktrees.keepDays` of the config. */
  readonly olderThanMs: number | undefined;
  readonly pooled: boolean;
  readonly seeds: boolean;
}

export interface PruneReport {
  readonly removed: readonly WorktreeEntry[];
  /** Each with its reason. */
  readonly kept: readonly WorktreeEntry[];
  /** Private homes of agents whose task is over. */
  readonly homes: readonly { readonly task: string; readonly bytes: number }[];
  readonly seeds: readonly { readonly key: string; readonly bytes: number }[];
}

export interface RunService {
  /**
   * Works until nothing more can run or `signal` aborts, beside whoever else works on the project. Returns what keeps
   * ready tasks waiting for a person, and who asked this run to end, if anybody did.
   */
  run(options: RunOptions): Promise<RunOutcome>;
}

export interface RunOutcome {
  readonly holds: readonly Hold[];
  readonly stoppedBy: string | undefined;
}

export interface RunOptions {
  readonly maxAgents?: number;
  readonly only?: readonly TaskId[];
  readonly strategy?: MergeStrategy;
  /** In the place of `budget.runUsd`. */
  readonly budgetUsd?: number;
  /** Follow the roadmap; else only do what the store holds already. */
  readonly roadmap: boolean;
  /** Wait for more when nothing can run, until the signal comes. */
  readonly watch?: boolean;
  /** Who sits at the run and may act on it; see `OrchestratorOptions`. */
  readonly onlooker?: Onlooker;
  /** What this process is, for who asks. Default: cw run. */
  readonly what?: string;
  /** False: leave what is merged where it is, whatever `merge.deliver` says. */
  readonly deliver?: boolean;
  readonly signal: AbortSignal;
  /** Events in order, with the counts after them. */
  readonly onEvents: (events: readonly LoggedEvent[], counts: Counts) => void;
  /** Something worth a line that is no event. */
  readonly onNotice: (message: string) => void;
}

export interface SetupService {
  /** Agent CLIs of the config that are installed on this machine, the one that serves by default first. */
  agentClis(): Promise<readonly AgentCli[]>;
  /** The JSON Schemas that editors use. */
  schemas(): Promise<{ readonly config: string; readonly roadmap: string }>;
  /** The doctor's findings, each as soon as it is known. */
  checks(): AsyncIterable<Check>;
  /** Makes the demo and runs it, with a report like that of a run. */
  demo(context: CliContext, options: DemoOptions): Promise<ExitCode>;
}

export interface DemoOptions {
  /** Absolute; absent: a new directory for temporary files. */
  readonly directory: string | undefined;
  /** A real agent CLI in place of the script. */
  readonly agent: 'claude' | 'codex' | 'goose' | undefined;
  /** False: only make the repository. */
  readonly run: boolean;
}

export interface AgentCli {
  /** Name of the provider. */
  readonly name: string;
  readonly path: string;
}

/** The server of this user, which looks after projects in the background. */
export interface ServerService {
  /** The one that runs; undefined: none. */
  find(): Promise<ServerApi | undefined>;
  /** What the one that runs says of itself and of the project around the working directory; undefined: none runs. */
  here(): Promise<{ readonly info: ServerInfo; readonly project: ProjectInfo | undefined } | undefined>;
  /** Starts one in the background and resolves when it answers. Throws `CodewalkError` `SERVER_NOT_STARTED`. */
  start(options: { readonly port: number | undefined }): Promise<ServerInfo>;
  /** Is the server until the signal comes or somebody stops it. Throws `UsageError` `SERVER_RUNNING`. */
  serveHere(options: ServeHere): Promise<void>;
  /** Resolves, to what it was, when the process has ended. Throws `UsageError` `SERVER_NOT_RUNNING`. */
  stop(reason: string): Promise<ServerInfo>;
  /**
   * Whole lines of what it wrote down in the background, from byte `from` on, or the last of them. Throws
   * `CodewalkError` `NO_SERVER_LOG`.
   */
  readLog(from?: number): Promise<{ readonly lines: readonly string[]; readonly next: number }>;
  /** Makes a token. Nobody can read it again later. */
  issueToken(request: IssueToken): Promise<TokenView & { readonly token: string }>;
  tokens(): Promise<readonly TokenView[]>;
  /** Throws `UsageError` `UNKNOWN_TOKEN`. */
  revokeToken(id: string): Promise<void>;
}

export interface ServeHere {
  /** On loopback; 0: a free one; undefined: what the global config says. */
  readonly port: number | undefined;
  readonly project: ServedProject | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
}

export interface IssueToken {
  readonly name: string;
  readonly role: PersonRole;
  /** Epoch ms; absent: it does not end by itself. */
  readonly expiresAt?: number;
  /** Directories, absolute, of the projects that it is for; absent: all of the server. */
  readonly projects?: readonly string[];
}

export interface TokenView extends IssueToken {
  readonly id: string;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms, to the minute; absent: nobody has used it yet. */
  readonly usedAt?: number;
}

/** One finding of the doctor. */
export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it. */
  readonly advice?: string;
}
