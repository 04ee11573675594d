import type { TaskId } from '../ids.ts';

/** What `decide` sees of a task that could start: pending, and everything it needs is finished. */
export interface ReadyTask {
  readonly id: TaskId;
  readonly priority: number;
  readonly chain: number;
  readonly order: number;
  readonly files: readonly string[];
  readonly notBefore: number | undefined;
  /** Agent role of its first step; decides the provider, which may be parked. */
  readonly agent: string | undefined;
  readonly workflow: string | undefined;
}

/** A task that an orchestrator holds now, with the file locks it has. */
export interface ActiveTask {
  readonly id: TaskId;
  readonly files: readonly string[];
}
