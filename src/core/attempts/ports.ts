import type {
  AgentSpec,
  Backend,
  Confinement,
  OutputLine,
  ProviderSpec,
  SandboxMode,
} from '../agents/ports.ts';
import type { OpenDoor } from '../door/ports.ts';
import type { TaskId } from '../ids.ts';
import type { Workspace } from '../workspaces/ports.ts';

/** Where one step's output is kept, whole: raw lines and a text for people. Writing never throws. */
export interface StepLog extends AsyncDisposable {
  raw(line: OutputLine): void;
  text(text: string): void;
}

export interface AttemptLogs {
  open(step: { task: TaskId; attempt: number; step: number }): StepLog;
}

/** A role with all it takes to start it. */
export interface CrewMember {
  readonly agent: AgentSpec;
  readonly provider: ProviderSpec;
  readonly backend: Backend;
}

/** Who plays which role here: config, and what is installed on this machine. */
export interface Crew {
  /** Throws `UsageError` when the role is unknown or no provider for it is installed. */
  member(role: string): CrewMember;
  /**
   * The role on its own provider, then on each of that one's fallbacks that is installed, in order. Throws like
   * `member`.
   */
  candidates(role: string): readonly CrewMember[];
}

/** A sandbox for one program: an agent's turn, or a command of the project. Dispose it when the program has ended. */
export interface PreparedSandbox extends AsyncDisposable {
  readonly mode: SandboxMode;
  /** Absent when `mode` is `off`. */
  readonly confinement: Confinement | undefined;
  /** The whole environment of the program. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Shuts in what works for a task: it can change its worktree and a private home, sees of the repository only what
 * belongs to its task, and what it does to git there is not what our git reads.
 */
export interface Sandboxes {
  /**
   * `agent` and `provider` are absent for a command of the project, such as `verify`. Throws `CodewalkError`
   * `SANDBOX_UNAVAILABLE` when the config or the agent asks for a mode that this machine cannot give; where nobody
   * asks, the mode is then `off`.
   */
  prepare(request: {
    workspace: Workspace;
    agent?: AgentSpec;
    provider?: ProviderSpec;
    /** What the program would get without a sandbox. */
    env: Readonly<Record<string, string>>;
    /** The agent's way to its orchestrator, which it finds inside, too. */
    door?: Pick<OpenDoor, 'readable' | 'mounts'>;
  }): Promise<PreparedSandbox>;
  /** Removes the private directories of a task whose work is over. */
  discard(task: TaskId): Promise<void>;
}

/** What a task's worktree has been given. Dispose it at the end of the attempt: its ports are free then. */
export interface Provision extends AsyncDisposable {
  /** More variables for everything that runs in the worktree, such as CW_PORT_BASE. */
  readonly env: Readonly<Record<string, string>>;
  /** Paths that were put in from earlier worktrees. */
  readonly seeded: readonly string[];
  /** What the setup commands took, ms; 0 when none had to run. */
  readonly setupMs: number;
}

/** Makes a worktree ready to work in, as the config's `worktrees` says. */
export interface Provisioner {
  /**
   * Gives it ports, puts in what earlier worktrees with the same lockfile had, and runs the setup commands when
   * something is missing: always in a new worktree, not again in one that was made ready before. Throws
   * `CodewalkError` `SETUP_FAILED` with the end of the output when a command fails.
   */
  prepare(request: {
    workspace: Workspace;
    env: Readonly<Record<string, string>>;
    signal: AbortSignal;
    onLine: (line: string) => void;
  }): Promise<Provision>;
}
