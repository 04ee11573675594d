import type { Config } from '../config/schema.ts';
import { roleOf } from '../dispatch/accounts-of.ts';
import type { EventBus } from '../events/bus.ts';
import { PlanNext } from '../planning/plan-next.ts';
import { present } from '../source/present.ts';
import { accountOperations } from './account-operations.ts';
import type { Actor } from './actor.ts';
import { agentOperations } from './agent-operations.ts';
import { eventOperations } from './event-operations.ts';
import { inboxOperations } from './inbox-operations.ts';
import { messageOperations } from './message-operations.ts';
import { orchestratorOperations } from './orchestrator-operations.ts';
import { outsideOperations } from './outside-operations.ts';
import type { ProjectParts } from './parts.ts';
import { pauseOperations } from './pause-operations.ts';
import { planOperations } from './plan-operations.ts';
import type { HostedProject, ProjectApi } from './ports.ts';
import { freshStatus } from './read-status.ts';
import { reviewOperations } from './review-operations.ts';
import { roadmapOperations } from './roadmap-operations.ts';
import { settingsOperations } from './settings-operations.ts';
import { spawnAgent } from './spawn-agent.ts';
import { taskOperations } from './task-operations.ts';

/** One project in this process, for any number of actors; what was worked out for one serves the others. */
export class LocalProject implements HostedProject {
  readonly #parts: ProjectParts;
  #next: { readonly planNext: PlanNext; readonly config: Config } | undefined;

  constructor(parts: ProjectParts) {
    this.#parts = parts;
  }

  /** The project as `actor` reaches it. Whether the actor may is for the door to ask: see `mayCall`. */
  as(actor: Actor): ProjectApi {
    const parts = this.#parts;
    return {
      ...taskOperations(parts, actor, () => this.#planNext()),
      ...roadmapOperations(parts, actor),
      ...planOperations(parts, actor),
      ...agentOperations(parts),
      ...accountOperations(parts),
      ...orchestratorOperations(parts, actor),
      ...pauseOperations(parts, actor),
      ...inboxOperations(parts, actor),
      ...reviewOperations(parts, actor),
      ...messageOperations(parts, actor),
      ...outsideOperations(parts, actor),
      ...eventOperations(parts),
      ...settingsOperations(parts),
      spawnAgent: spawnAgent(parts, actor),
      status: () => freshStatus(parts),
      merges: async (filter) => await (await parts.store()).merges(filter),
      pending: ({ target } = {}) => parts.repository.pending(target),
      proposal: ({ target } = {}) => parts.repository.proposal({ target }),
      deliver: ({ target, ...how } = {}) => parts.repository.deliver({ target, ...present(how) }),
    };
  }

  bus(): Promise<EventBus> {
    return this.#parts.bus();
  }

  async #planNext(): Promise<PlanNext> {
    const config = await this.#parts.config();
    if (this.#next?.config !== config) {
      const store = await this.#parts.store();
      this.#next = { config, planNext: new PlanNext(store, (definition) => roleOf(definition, config)) };
    }
    return this.#next.planNext;
  }
}
