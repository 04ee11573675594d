import type { Config } from '../config/schema.ts';
import type { Slots } from '../dispatch/slots.ts';
import type { Tenure } from '../dispatch/tenure.ts';
import type { AgentDoors } from '../door/ports.ts';
import type { MergeQueue } from '../merging/merge-queue.ts';
import type { Proposals } from '../planning/ports.ts';
import type { Clock, Ids } from '../ports.ts';
import type { Accounts } from '../resilience/accounts.ts';
import type { Budgets } from '../resilience/budgets.ts';
import type { Store } from '../tasks/ports.ts';
import type { CommandRunner, IntegrationRepo, Workspaces } from '../workspaces/ports.ts';
import type { AttemptLogs, Crew, Provisioner, Sandboxes } from './ports.ts';

/** Everything an attempt works with, chosen by `main` or by a test. */
export interface Engine {
  readonly orchestrator: string;
  readonly config: Config;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly crew: Crew;
  readonly accounts: Accounts;
  /** Who is at work in this orchestrator. */
  readonly slots: Slots;
  readonly budgets: Budgets;
  readonly workspaces: Workspaces;
  readonly integration: IntegrationRepo;
  readonly merges: MergeQueue;
  readonly commands: CommandRunner;
  readonly logs: AttemptLogs;
  readonly sandboxes: Sandboxes;
  readonly provisioner: Provisioner;
  /** How agents at work reach this orchestrator. */
  readonly doors: AgentDoors;
  /** Where the proposals of planning tasks go; absent: this orchestrator does none of those. */
  readonly proposals?: Proposals;
  /** The time in which this orchestrator may act. */
  readonly tenure: Tenure;
  /**
   * Stops what orchestrators left running on this machine whose process is gone or whose lease ran out. Their tasks
   * may be taken over then, because nobody works on them any more.
   */
  readonly bury: () => Promise<Buried>;
  /** Environment of agents and project commands: an allow-list made by `main`. */
  readonly env: Readonly<Record<string, string>>;
}

/** Which of the others are over, as `Store.reclaim` wants to know it. */
export interface Buried {
  /** Their process is gone. */
  readonly dead: readonly string[];
  /** They live on this machine and their lease held when it was looked at. */
  readonly spared: readonly string[];
  /** How many others are at work. */
  readonly others: number;
  /** When the first lease of another one runs out, ms from now; absent: nobody else holds one. */
  readonly nextMs: number | undefined;
}
