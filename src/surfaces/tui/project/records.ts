import type { AgentRecord, UsageSum } from '../../../core/agents/history.ts';
import type { BudgetView } from '../../../core/api/ports.ts';
import type { ErrorFacts } from '../../../core/error-facts.ts';
import type { AccountCause } from '../../../core/resilience/breaker.ts';
import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import type { MessageRecord } from '../../../core/tasks/message.ts';
import type { MergeRecord, OrchestratorRecord, Pause, QuestionRecord } from '../../../core/tasks/task.ts';
import type { EventRow } from './event-rows.ts';
import type { TaskTable } from './task-table.ts';

/** What the view is made of, as the project gave it. */
export interface Records {
  /** Number of the last event that is in it. */
  readonly seq: number;
  readonly project: string;
  readonly tasks: TaskTable;
  readonly outline: readonly OutlinePart[];
  /** Of the tasks that have a pane. */
  readonly agents: ReadonlyMap<string, readonly AgentRecord[]>;
  /** Of the tasks of which it matters; undefined for one that reported nothing. */
  readonly reports: ReadonlyMap<string, Report | undefined>;
  /** The open ones. */
  readonly questions: readonly QuestionRecord[];
  /** To the person, not read yet. */
  readonly messages: readonly MessageRecord[];
  /** Those that wait for a person, oldest first. */
  readonly plans: readonly ProposedPlan[];
  readonly merges: readonly MergeRecord[];
  readonly orchestrators: readonly OrchestratorRecord[];
  /** Somebody paused the whole project. */
  readonly paused: Pause | undefined;
  readonly heartbeatMs: number;
  /** Those that take no work. */
  readonly accounts: readonly ClosedAccount[];
  readonly spending: Spending;
  readonly maxWaiting: number | undefined;
  readonly roadmapProblem: ErrorFacts | undefined;
  readonly events: readonly EventRow[];
}

/** A plan that was made and that nobody has applied or dropped yet. */
export interface ProposedPlan {
  readonly id: string;
  readonly goal: string;
  /** Epoch ms. */
  readonly at: number;
}

/** Of the project, since ever. */
export interface Spending {
  readonly total: UsageSum;
  readonly budgets: readonly BudgetView[];
}

/** How far an agent said it is. */
export interface Report {
  readonly text: string;
  readonly percent: number | undefined;
  readonly attempt: number;
  /** Epoch ms. */
  readonly at: number;
}

/** One of a project's accounts that takes no work. */
export interface ClosedAccount {
  readonly account: string;
  readonly cause: AccountCause;
  /** Epoch ms. */
  readonly until: number;
  readonly reason: string;
}
