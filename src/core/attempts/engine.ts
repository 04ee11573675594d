import type { Config } from '../config/schema.ts';
import type { MergeQueue } from '../merging/merge-queue.ts';
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
  readonly budgets: Budgets;
  readonly workspaces: Workspaces;
  readonly integration: IntegrationRepo;
  readonly merges: MergeQueue;
  readonly commands: CommandRunner;
  readonly logs: AttemptLogs;
  readonly sandboxes: Sandboxes;
  readonly provisioner: Provisioner;
  /**
   * Finds orchestrators of this machine whose process is gone and stops what they left running. Returns their ids:
   * their tasks may be taken over at once, because nobody works on them any more.
   */
  readonly buryDead: () => Promise<readonly string[]>;
  /** Environment of agents and project commands: an allow-list made by `main`. */
  readonly env: Readonly<Record<string, string>>;
}
