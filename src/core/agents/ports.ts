import type { TurnOutcome } from './outcome.ts';
import type { PermissionGrant } from './permissions.ts';

/**
 * What names one process for ever: a pid alone may be reused. `startTime` is the kernel's start time of the
 * process as text (field 22 of /proc/<pid>/stat on Linux), `bootId` the machine's boot.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
  readonly bootId: string;
}

/**
 * An argument that is the path of a file: `content` is written to a file of this `name`, in a private directory that
 * lives as long as the process.
 */
export interface FileArgument {
  readonly name: string;
  readonly content: string;
  readonly executable?: boolean;
}

/** How far a program is shut in. `workspace`: all of the system readable; `strict`: only what programs need to run. */
export const SANDBOX_MODES = ['off', 'workspace', 'strict'] as const;
export type SandboxMode = (typeof SANDBOX_MODES)[number];

/**
 * What a confined program can reach besides the system's own read-only directories. All paths are absolute. It sees
 * its own processes only, has no capabilities, and finds no socket of the host.
 */
export interface Confinement {
  readonly mode: Exclude<SandboxMode, 'off'>;
  /** May it use the host's network? */
  readonly network: boolean;
  /** Directories that it sees empty, but for what the lists below put inside. */
  readonly hidden: readonly string[];
  readonly readable: readonly string[];
  readonly writable: readonly string[];
  /** What it finds at another place than where it lies. */
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  /** The directory that stands in the place of the user's home; belongs to it alone. */
  readonly home: string;
  /** The same for /tmp. */
  readonly tmp: string;
}

/** A program found on PATH, with its final arguments and environment. */
export interface ResolvedProgram {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** Makes a program into one that runs confined. */
export interface Confiner {
  /** Throws `CodewalkError` with code `SANDBOX_UNAVAILABLE` where that cannot be done. */
  confine(program: ResolvedProgram, confinement: Confinement): Promise<ResolvedProgram>;
}

/** A program to start. `command` is looked up on the PATH of `env`. Nothing passes through a shell. */
export interface LaunchSpec {
  readonly command: string;
  readonly args: readonly (string | FileArgument)[];
  readonly cwd: string;
  /** The whole environment of the program, besides markers that the launcher finds its descendants by. */
  readonly env: Readonly<Record<string, string>>;
  /** Written to its standard input when `lines()` is first called. */
  readonly stdin?: string;
  /** Leave standard input open after that, for `write`; otherwise it is closed. */
  readonly keepInput?: boolean;
  readonly limits: LaunchLimits;
  /** What it may reach; absent: all that the user may. */
  readonly confinement?: Confinement;
  /**
   * Aborting stops the process tree in order: SIGTERM, grace, SIGKILL, also descendants that left the group. With the
   * reason `AT_ONCE` it is frozen and killed.
   */
  readonly signal: AbortSignal;
  /**
   * Awaited before the polite signal of a stop that has a moment to spare: one that the caller or a time limit asked
   * for. A program that exceeds any other limit does harm as long as it runs. Must end soon and not reject.
   */
  readonly beforeStop?: () => Promise<void>;
}

/**
 * Abort reason of a stop that must not wait, because somebody else may begin the same work: nobody is asked, and
 * nothing is saved before.
 */
export const AT_ONCE = 'at-once';

/** Every limit is named in the outcome when it stops a process. */
export interface LaunchLimits {
  /** From start to the first line of output, ms. 0: `silenceMs` counts from the start. */
  readonly firstOutputMs: number;
  /** Between two lines of output, ms. 0: no limit. */
  readonly silenceMs: number;
  /** The whole life of the process, ms. 0: no limit. */
  readonly totalMs: number;
  /** Longer lines are cut there and marked `truncated`, bytes. */
  readonly lineBytes: number;
  /** All output; beyond it the process is stopped, bytes. */
  readonly outputBytes: number;
  /**
   * What it may write to its working directory, its private home and /tmp, bytes on disk. A file that was there and
   * is changed counts whole. 0: no limit.
   */
  readonly diskBytes: number;
  /** Resident memory of the whole tree, bytes; what its processes share counts once. 0: no limit. */
  readonly memoryBytes: number;
  /** Processes of the whole tree at once. 0: no limit. */
  readonly processes: number;
  /** Between SIGTERM and SIGKILL, ms. */
  readonly graceMs: number;
}

export interface OutputLine {
  readonly stream: 'stdout' | 'stderr';
  /** Without its line end; invalid UTF-8 replaced. */
  readonly text: string;
  readonly truncated: boolean;
}

export type ProcessExit =
  | { kind: 'exited'; code: number }
  | { kind: 'signalled'; signal: string }
  /** The program could not be started: missing, not executable, no such directory. */
  | { kind: 'spawn-failed'; code: string; message: string }
  /** We stopped it: by the caller's signal, or because more was measured than the named limit allows. */
  | { kind: 'stopped'; by: 'signal'; signal?: string; code?: number }
  | {
      kind: 'stopped';
      by: StoppingLimit;
      measured: number;
      allowed: number;
      signal?: string;
      code?: number;
    };

/** The limits that end a process; the others shape what happens. */
export type StoppingLimit = Exclude<keyof LaunchLimits, 'lineBytes' | 'graceMs'>;

/** A running process tree. Disposing stops it and waits until all of it is gone. */
export interface AgentProcess extends AsyncDisposable {
  /** Absent when the start failed. */
  readonly identity: ProcessIdentity | undefined;
  /**
   * Both streams in order of arrival, read concurrently, with back-pressure. Ends when both are closed. The first
   * call sends the standard input: whoever must record the process first does so before it. One reader.
   */
  lines(): AsyncIterable<OutputLine>;
  /**
   * Writes to a standard input that was kept open, after `lines()` was called. Resolves when the program may be given
   * more, or does not read any more; never rejects.
   */
  write(text: string): Promise<void>;
  /** Resolves when the process and the group it led are gone. Never rejects. */
  readonly exit: Promise<ProcessExit>;
}

export interface Launcher {
  /** Never rejects for a program that cannot start: that is `exit` = `spawn-failed`. */
  start(spec: LaunchSpec): Promise<AgentProcess>;
}

/**
 * Tokens and money of one turn, not cumulative: adapters subtract what the session had before. `inputTokens` counts
 * all input; `cachedTokens` is the part of it that was read from a cache.
 */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  /** 0 where the CLI names no price. */
  readonly costUsd: number;
  /** Did the CLI name a price? Absent: only if it is more than 0. */
  readonly priced?: boolean;
}

/** What a conversation reports while it runs. The last one of a turn is always `outcome`. */
export type AgentEvent =
  /** The process runs; comes before the prompt is sent. */
  | { type: 'process'; identity: ProcessIdentity }
  /** The id by which a later process continues this conversation. */
  | { type: 'session'; sessionId: string }
  /** Whole lines: an adapter joins what its CLI prints in smaller pieces. */
  | { type: 'text'; text: string }
  | { type: 'tool'; name: string; detail: string; status: 'started' | 'completed' | 'failed' }
  | { type: 'usage'; usage: Usage; totals: SessionTotals }
  | { type: 'retrying'; reason: string; attempt: number; delayMs?: number }
  | { type: 'limit'; status: 'warning' | 'rejected'; until?: number; reason: string }
  | { type: 'notice'; message: string }
  | { type: 'outcome'; outcome: TurnOutcome };

/** What a cumulative CLI had reported when the last turn of a session ended; kept to subtract. */
export interface SessionTotals {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
}

/** A session to continue. */
export interface SessionRef {
  readonly sessionId: string;
  readonly totals: SessionTotals;
}

/** What a role may do; each adapter enforces it on its CLI. `edit` implies `read`. */
export const AGENT_TOOLS = ['read', 'edit', 'shell', 'web'] as const;
export type AgentTool = (typeof AGENT_TOOLS)[number];

/** How to start an agent CLI: one entry of `providers` in the config, with its name. */
export interface ProviderSpec {
  readonly name: string;
  readonly type: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly model?: string;
  /** Whose limits and failures it shares: providers of one account are parked together. Default: its name. */
  readonly account?: string;
  /** Providers that take over while this one takes no work, in order. */
  readonly fallback?: readonly string[];
}

/** What happens when a CLI asks whether it may use a tool that its role does not settle. */
export const PERMISSION_POLICIES = ['allow', 'deny', 'ask'] as const;
export type PermissionPolicy = (typeof PERMISSION_POLICIES)[number];

/** A role: one entry of `agents` in the config, with its name. */
export interface AgentSpec {
  readonly role: string;
  readonly model?: string;
  readonly systemPrompt: string;
  readonly tools: readonly AgentTool[];
  /** May it end with `rejected`? True for reviewer and tester. */
  readonly verdict: boolean;
  /** Absent: the config's `sandbox.mode`. */
  readonly sandbox?: SandboxMode;
  /** Absent: the config's `sandbox.network`. */
  readonly network?: boolean;
  /** Absent: `allow` within its tools. */
  readonly permissions?: PermissionPolicy;
}

export interface McpServer {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** How long a call of one of its tools may take, ms. Absent: as long as the CLI lets it. */
  readonly callTimeoutMs?: number;
}

export interface ConversationOptions {
  /** The worktree, an absolute path. */
  readonly cwd: string;
  readonly provider: ProviderSpec;
  readonly agent: AgentSpec;
  /** Absent: a new conversation. */
  readonly session?: SessionRef;
  readonly mcp: readonly McpServer[];
  /** The base environment of the CLI; the provider's `env` is laid over it. */
  readonly env: Readonly<Record<string, string>>;
  readonly limits: LaunchLimits;
  readonly confinement?: Confinement;
  readonly budget?: { readonly usd?: number; readonly turns?: number };
  /** JSON Schema of the result that is asked for, for CLIs that take one. Absent: that of a step. */
  readonly resultSchema?: object;
  /** What a person answered when the task's agents asked for leave. */
  readonly grants?: readonly PermissionGrant[];
  /** Raw output, line by line, for the attempt's log files. Must not throw. */
  readonly onRawLine?: (line: OutputLine) => void;
  readonly signal: AbortSignal;
  /** See `LaunchSpec.beforeStop`. */
  readonly beforeStop?: () => Promise<void>;
}

/** One conversation with one agent CLI. */
export interface Conversation extends AsyncDisposable {
  /**
   * Sends a prompt and reports what comes back. Always ends with one `outcome` event and never throws: what
   * goes wrong is an outcome. One turn at a time.
   */
  send(prompt: string): AsyncIterable<AgentEvent>;
}

/** One kind of agent CLI. Opening starts nothing: each `send` starts, or continues, the CLI. */
export interface Backend {
  readonly type: string;
  /** It is no program that we start in the worktree: it has to be told where that is, and how to end. */
  readonly worksElsewhere?: true;
  /** Does a continued session still know what was asked in it? Without that, every prompt repeats the task. */
  readonly remembers: boolean;
  open(options: ConversationOptions): Conversation;
}
