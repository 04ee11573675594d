import type { AttemptEnd } from '../attempts/attempt-context.ts';
import type { Engine } from '../attempts/engine.ts';
import type { Crew } from '../attempts/ports.ts';
import type { Config } from '../config/schema.ts';
import type { Tenure } from '../dispatch/tenure.ts';
import type { ObjectId, TaskId } from '../ids.ts';
import type { Clock, Ids } from '../ports.ts';
import type { Store } from '../tasks/ports.ts';

/** A client that keeps its claim says so this often, ms. */
export const KEEP_EVERY_MS = 30_000;

/** Work of one project for programs that Codewalk did not start: each takes a task, does it and hands it in. */
export interface OutsideWork {
  /**
   * Gives `client` the task, or the next one that is ready. A client has one task at a time: asked again it is told of
   * that one. Undefined when nothing is ready. Throws `UsageError` `TASK_NOT_READY` for a task that cannot be begun now.
   */
  claim(client: string, wish: ClaimWish): Promise<WorkAnswer | undefined>;
  /**
   * The client has done what `turn` asked for: it is saved, checked and merged. Answers when that is over, when the
   * client has more to do, or as `busy` when it takes long: then the same call, made again, asks how it stands.
   * Throws `UsageError` `CLAIM_UNKNOWN`.
   */
  complete(client: string, done: { claim: string; turn: number; summary: string }): Promise<WorkAnswer>;
  /** The client cannot do it; what it has made is saved. The rules of retries say what comes next. */
  fail(client: string, given: { claim: string; reason: string }): Promise<WorkAnswer>;
  /** The client is still there. Answers how the work stands. */
  keep(client: string, claim: string): Promise<WorkAnswer>;
}

export interface ClaimWish {
  readonly task?: string;
  /** The client says every `KEEP_EVERY_MS` that it is there. Else it is missed only after a long silence. */
  readonly kept?: boolean;
}

/** Why a client is asked to work. */
export type WorkReason =
  | 'new'
  /** It conflicts with what was merged meanwhile: the conflict is marked in `files`. */
  | 'conflict'
  /** The project's check fails on the merged result. */
  | 'check'
  /** It would bring in what leads out of the project. */
  | 'refused'
  /** A reviewer, a tester or a person sent it back, the task was edited, or an earlier attempt left it. */
  | 'changes';

interface OfTask {
  readonly claim: string;
  readonly task: TaskId;
}

export type WorkAnswer =
  /** To be done in `worktree`, then `complete` with this `turn`. */
  | (OfTask & {
      readonly kind: 'work';
      readonly turn: number;
      readonly why: WorkReason;
      readonly title: string;
      /** The whole task and what is to be done now, as Markdown. */
      readonly prompt: string;
      /** Absolute. */
      readonly worktree: string;
      readonly branch: string;
      /** What it is about, where files are known. */
      readonly files: readonly string[];
    })
  /** The worktree is being made, or the work is checked, reviewed or merged. Ask again. */
  | (OfTask & { readonly kind: 'busy' })
  | (OfTask & {
      readonly kind: 'over';
      readonly end: AttemptEnd;
      /** One line for people. */
      readonly reason: string;
      /** Of the merge; absent where there was none. */
      readonly commit?: ObjectId;
    });

/** What takes part in the project on this machine, for each claim anew. */
export interface OutsideHost {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Something that no answer says, such as a store that cannot be written. */
  onNotice(message: string): void;
  /** Puts an orchestrator of that name into the store, with a lease. */
  register(orchestrator: string): Promise<void>;
  /** What an attempt of it works with; `crewOf` says who plays which role. */
  engine(orchestrator: string, tenure: Tenure, crewOf: (own: Crew) => Crew): Promise<Engine>;
}
