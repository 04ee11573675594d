import type { TaskId } from '../ids.ts';
import type { TaskState } from '../tasks/states.ts';
import type { StepRecord } from '../tasks/task.ts';
import type { SandboxMode } from './ports.ts';
import type { AgentStatus } from './status.ts';
import type { AgentEnd, TurnEntry } from './turn.ts';

/** Tokens and money, summed up. */
export interface UsageSum {
  readonly turns: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cachedTokens: number;
  readonly costUsd: number;
  /** Of the input and output, what no price is known for. */
  readonly unpricedTokens: number;
}

/** A step with the turn of its agent. Times are epoch ms. */
export interface TurnRecord extends StepRecord {
  readonly account: string;
  readonly model: string | undefined;
  readonly sandbox: SandboxMode | undefined;
  readonly usage: Omit<UsageSum, 'turns'>;
  /** Absent where the step had no turn, or began in an older version of the program. */
  readonly turn: TurnWords | undefined;
}

export interface TurnWords {
  readonly prompt: string;
  readonly beganAt: number;
  /** What it said last, or why it could not. */
  readonly answer: string | undefined;
  readonly ended: AgentEnd | undefined;
  readonly endedAt: number | undefined;
  /** Entries that were not kept: the log files have them. */
  readonly leftOut: number;
}

/** What was said in a turn between two commits. */
export interface SaidRecord {
  readonly step: number;
  /** Orders the parts of one turn. */
  readonly first: number;
  readonly entries: readonly TurnEntry[];
}

/** One role on one task: its newest step, and all that it has used. */
export interface AgentRecord {
  readonly task: TaskId;
  readonly title: string;
  readonly taskState: TaskState;
  readonly orchestrator: string | undefined;
  readonly branch: string | undefined;
  readonly worktree: string | undefined;
  readonly status: AgentStatus;
  /** The id by which its CLI knows the conversation. */
  readonly session: string | undefined;
  readonly step: TurnRecord;
  readonly usage: UsageSum;
}

/** What usage is summed up by. `account`: of the provider, its own name unless the config says another. `time`: quarters of an hour, from which days in any time zone are made. */
export type UsageKey = 'task' | 'agent' | 'provider' | 'account' | 'model' | 'time';

/**
 * What was used under one key: a task's id, …, or for `time` its beginning, epoch ms. Absent: a model
 * that was not named, and no task, which is advice of the orchestrator's agent.
 */
export interface UsageRow extends UsageSum {
  readonly key: string | undefined;
}

export interface UsageReport {
  /** The most expensive first, by time in order. */
  readonly rows: readonly UsageRow[];
  /** Of all keys, also those beyond the limit. */
  readonly total: UsageSum;
}
