import type { Question } from '../agents/outcome.ts';
import type { ProcessIdentity, SessionTotals } from '../agents/ports.ts';
import type { MergeStrategy, QuestionStage, StepKind, StepRef } from '../events/event.ts';
import type { NodeId, ObjectId, TaskId } from '../ids.ts';
import type { TaskField } from '../roadmap/changed-fields.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import type { TaskState } from './states.ts';

/** A task as the store holds it: its definition and its life so far. Times are epoch ms. */
export interface Task {
  readonly id: TaskId;
  readonly definition: TaskDefinition;
  readonly state: TaskState;
  readonly order: number;
  readonly chain: number;
  readonly needs: readonly NodeId[];
  /** Tasks and gates it still waits for. */
  readonly pendingNeeds: number;
  /** Attempts claimed so far; the current one's number while it is active. */
  readonly attempts: number;
  /** Attempts that failed since the last reset; compared with the limit. */
  readonly failures: number;
  /** How often a conflict or a failed verify sent the work back in the current merge. */
  readonly bounces: number;
  readonly fence: number;
  readonly owner: string | undefined;
  readonly leaseUntil: number | undefined;
  readonly notBefore: number | undefined;
  /** A person lets it rest: nobody begins it or goes on with it. */
  readonly paused: Pause | undefined;
  /** Why it is failed, blocked, waiting or back in the queue. One line. */
  readonly reason: string | undefined;
  readonly summary: string | undefined;
  readonly branch: string | undefined;
  readonly worktree: string | undefined;
  readonly base: ObjectId | undefined;
  /** Last snapshot commit. */
  readonly head: ObjectId | undefined;
  readonly mergeCommit: ObjectId | undefined;
  readonly mergeStrategy: MergeStrategy | undefined;
  /** A merge that was about to become visible: the only thing a recovery has to settle. */
  readonly intent: MergeIntent | undefined;
  readonly costUsd: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly createdAt: number;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** What was edited since its agents were told; mostly empty. */
  readonly stale: readonly StaleField[];
  /** The id that its branch, worktree and logs are named by: its own, unless it was renamed after its first attempt. */
  readonly place: TaskId;
  /** Changes with the definition. */
  readonly revision: string;
}

/** A person's word that something is to rest. */
export interface Pause {
  readonly by: string;
  /** One line or more; empty when nothing was said. */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
}

/** A field of the definition, by its name in the file, that was edited after its agents were told of it. */
export interface StaleField {
  readonly field: TaskField;
  /** The text that the agents know; empty when it was not set. */
  readonly before: string;
}

export interface MergeIntent {
  readonly branch: string;
  readonly expected: ObjectId;
  readonly commit: ObjectId;
}

/** One step of a task, in the order they were started. */
export interface StepRecord extends StepRef {
  readonly task: TaskId;
  readonly attempt: number;
  readonly kind: StepKind;
  readonly provider: string;
  readonly state: 'running' | 'finished';
  readonly outcome: string | undefined;
  readonly verdict: 'done' | 'rejected' | 'questions' | 'error' | undefined;
  /** The coder's summary, or the reviewer's feedback. */
  readonly summary: string | undefined;
  readonly session: string | undefined;
  readonly process: ProcessIdentity | undefined;
  readonly costUsd: number;
  readonly startedAt: number;
  readonly finishedAt: number | undefined;
}

/** A CLI's conversation with one role on one task; `totals` is what it had reported so far. */
export interface SessionRecord {
  readonly task: TaskId;
  readonly agent: string;
  readonly provider: string;
  readonly session: string;
  readonly totals: SessionTotals;
}

export interface QuestionRecord extends Question {
  readonly task: TaskId;
  readonly attempt: number;
  readonly step: number;
  readonly askedAt: number;
  /** Who is to answer it; once it is over, who was last. */
  readonly stage: QuestionStage;
  /** `dropped`: its task went on without an answer. `withdrawn`: nobody will answer it. */
  readonly state: 'open' | 'answered' | 'withdrawn' | 'dropped';
  readonly answer: string | undefined;
  readonly answeredAt: number | undefined;
  readonly answeredBy: string | undefined;
  /** Why the orchestrator's agent left it to a person; of a withdrawn one, why it was withdrawn. */
  readonly note?: string;
  /** The step whose agent was told what became of it. Absent: nobody was told yet. */
  readonly told?: number;
}

export interface MergeRecord {
  readonly task: TaskId;
  readonly title: string;
  readonly state: 'queued' | 'merging' | 'conflicted' | 'merged';
  readonly head: ObjectId | undefined;
  readonly commit: ObjectId | undefined;
  readonly strategy: MergeStrategy | undefined;
  readonly bounces: number;
  readonly at: number;
}

/** What an orchestrator says of itself when it begins. */
export interface NewOrchestrator {
  readonly id: string;
  readonly host: string;
  readonly process: ProcessIdentity;
  readonly version: string;
  readonly maxAgents: number;
}

/** One orchestrator process. Durations are by the database's clock, so that clocks of hosts may differ. */
export interface OrchestratorRecord extends NewOrchestrator {
  /** Attempts that it was working on at its last heartbeat. */
  readonly agents: number;
  readonly startedAt: number;
  readonly lastHeartbeat: number;
  /** How long ago its last heartbeat was. */
  readonly silentMs: number;
  /** 0 when it ran out: others may take its tasks. */
  readonly leaseLeftMs: number;
  /** Its tasks were taken from it. */
  readonly isLost: boolean;
  /** Who asked it to finish its turns and end. */
  readonly stopBy: string | undefined;
}
