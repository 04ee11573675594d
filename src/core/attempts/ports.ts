import type { AgentSpec, Backend, OutputLine, ProviderSpec } from '../agents/ports.ts';
import type { TaskId } from '../ids.ts';

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
  /** Name of the provider that the role would use; absent when there is none. */
  providerOf(role: string): string | undefined;
}
