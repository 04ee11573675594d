import type { TaskId } from '../ids.ts';
import type { Proposal } from './proposal.ts';

/** What a planning task is asked for: part of its definition. */
export interface PlanningOrder {
  readonly goal: string;
  /** Titles of the issues that the goal was made from; empty: it is one text. */
  readonly issues: readonly string[];
  /** A task that failed for good, for which another way is wanted. Then a person is asked before it is applied. */
  readonly replaces?: TaskId;
}

/** A proposal as it is kept, under the id of the task that made it. */
export interface NewPlan extends PlanningOrder {
  readonly id: TaskId;
  readonly proposal: Proposal;
  /** What a person should know before it is applied. */
  readonly notes: readonly string[];
}

export interface PlanRecord extends NewPlan {
  readonly state: 'open' | 'applied' | 'dropped';
  /** What a person made of the roadmap file instead; only while the file has the hash `onto`. */
  readonly edited: EditedPlan | undefined;
  /** Tasks that came into the roadmap with it. */
  readonly added: readonly TaskId[];
  /** Epoch ms. */
  readonly proposedAt: number;
  readonly settledAt: number | undefined;
  readonly settledBy: string | undefined;
}

export interface EditedPlan {
  readonly text: string;
  /** Hash of the file that it was made from, hex. */
  readonly onto: string;
}

/** What becomes of an answer to a planning task. */
export type TakenProposal =
  /** It is kept. `summary` is one line for people. */
  | { kind: 'kept'; summary: string }
  /** What its agent has to mend. */
  | { kind: 'refused'; problems: readonly string[] };

/** Takes what planning tasks come to. */
export interface Proposals {
  /** Checks what an agent answered against the roadmap file as it is now, and keeps it when it could be applied. */
  take(plan: TaskId, order: PlanningOrder, answer: unknown): Promise<TakenProposal>;
  /** Applies a kept proposal. Throws `UsageError` when the roadmap has moved on so that it cannot be. */
  apply(plan: TaskId, by: string): Promise<void>;
  drop(plan: TaskId, by: string): Promise<void>;
}
