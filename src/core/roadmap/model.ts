import type { GateId, NodeId, TaskId } from '../ids.ts';
import type { PlanningOrder } from '../planning/ports.ts';

/**
 * What happens to dependents when a task fails for good: `hard` blocks them, `soft` lets them run,
 * `skip` counts the failure as success.
 */
export type FailureMode = 'hard' | 'soft' | 'skip';

export const PRIORITIES = { critical: 100, high: 75, medium: 50, low: 25 } as const;

/** A task as the roadmap defines it. Definitions flow one way, from the file to the store. */
export interface TaskDefinition {
  readonly id: TaskId;
  readonly title: string;
  readonly prompt: string;
  /** Ids of the containers it stands in; a level that the roadmap leaves out is absent. */
  readonly path: { readonly initiative?: string; readonly phase?: string; readonly plan?: string };
  /** Ids as written: tasks, plans, phases or initiatives. */
  readonly dependsOn: readonly string[];
  /** Paths and globs that it will write, relative to the repository. Empty: takes no file lock. */
  readonly files: readonly string[];
  readonly agent?: string;
  readonly workflow?: string;
  /** Higher runs first; `PRIORITIES.medium` when the roadmap is silent. */
  readonly priority: number;
  /** Command line that must exit 0 on the merged tree, run by `sh -c` in a checkout of it. */
  readonly verify?: string;
  readonly exitCriteria: readonly string[];
  /** A person has to approve the work before it is merged. */
  readonly approve?: true;
  readonly onFailure: FailureMode;
  /** Limit of one attempt, in milliseconds. */
  readonly timeoutMs?: number;
  readonly budget?: { readonly usd?: number; readonly turns?: number };
  /** How many attempts may fail before the task does. */
  readonly maxAttempts?: number;
  /** `done` in the file at the first sync: the task is taken as finished before Codewalk came. */
  readonly initialState?: 'pending' | 'done' | 'cancelled';
  /** A one-off job that somebody gave an agent: never in the roadmap, and no sync takes it away. */
  readonly adHoc?: true;
  /** It makes a plan: what its agent answers is a proposal, and nothing that it changes is kept. */
  readonly planning?: PlanningOrder;
  /** Area of the product, its own or that of the nearest container; `plan_next` filters by it. */
  readonly domain?: string;
}

/** A task as it stands in the file. */
export interface RoadmapTask extends TaskDefinition {
  /** Ids that it had before. No part of its definition: once followed, they mean nothing. */
  readonly was?: readonly string[];
}

export interface PlanGroup {
  readonly id: string;
  readonly was?: readonly string[];
  readonly title: string;
  readonly description?: string;
  readonly dependsOn: readonly string[];
  /** Plans of one wave may run together; each waits for all earlier waves beside it. None: waits for no wave. */
  readonly wave?: number;
  readonly tasks: readonly RoadmapTask[];
}

export interface Phase {
  readonly id: string;
  readonly was?: readonly string[];
  readonly title: string;
  readonly description?: string;
  /** True for a decimal id such as `2.1`: pushed in after the phases were planned. */
  readonly inserted: boolean;
  readonly goal?: string;
  readonly requirements: readonly string[];
  /** Whether something must be found out first, and what. */
  readonly research?: { readonly needed: boolean; readonly topics: readonly string[] };
  readonly dependsOn: readonly string[];
  readonly plans: readonly PlanGroup[];
  /** Tasks that stand in the phase without a plan. */
  readonly tasks: readonly RoadmapTask[];
}

export interface Initiative {
  readonly id: string;
  readonly was?: readonly string[];
  readonly title: string;
  readonly description?: string;
  readonly goal?: string;
  readonly dependsOn: readonly string[];
  readonly phases: readonly Phase[];
  readonly plans: readonly PlanGroup[];
  readonly tasks: readonly RoadmapTask[];
}

/** A roadmap that passed every check. Phases are in numeric order (1, 1.1, 2). */
export interface Roadmap {
  readonly project?: string;
  readonly initiatives: readonly Initiative[];
  readonly phases: readonly Phase[];
  readonly plans: readonly PlanGroup[];
  readonly tasks: readonly RoadmapTask[];
}

/** A task in the DAG. */
export interface PlannedTask {
  readonly definition: TaskDefinition;
  /** Position in the roadmap, from 0; breaks ties in dispatch. */
  readonly order: number;
  /** What must be finished before it: tasks, and gates for containers and waves. */
  readonly needs: readonly NodeId[];
  /** Tasks on the longest chain from this one to an end of the DAG, itself included. */
  readonly chain: number;
  /** Ids that it had before, see `resolveRenames`. */
  readonly was?: readonly string[];
}

/**
 * All of a container or wave as one node, so that "after phase 1" costs one edge for each waiting task and one
 * for each member instead of their product.
 */
export interface Gate {
  readonly id: GateId;
  readonly members: readonly TaskId[];
}

/** The DAG that the store holds: tasks in roadmap order and the gates that some task needs. */
export interface Plan {
  readonly tasks: readonly PlannedTask[];
  readonly gates: readonly Gate[];
  /** Ids that containers had before, with those they have now. */
  readonly renamedContainers?: ReadonlyMap<string, string>;
}
