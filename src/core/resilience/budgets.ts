import type { Config } from '../config/schema.ts';
import type { Clock } from '../ports.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import type { Store } from '../tasks/ports.ts';
import { hasBudget, localDay, type ReachedBudget, reachedBudget } from './budget.ts';

interface Parts {
  readonly store: Pick<Store, 'spent' | 'log'>;
  readonly config: Pick<Config, 'budget'>;
  readonly clock: Clock;
}

/** What one run may spend. Agents of orchestrators that work beside it spend the same money. */
export class Budgets {
  readonly #parts: Parts;
  #spentBefore: number | undefined;
  #told = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** The budget of the run or the day that is spent; the first time it is also written to the log. */
  async reached(): Promise<ReachedBudget | undefined> {
    const { store, config, clock } = this.#parts;
    const { budget } = config;
    if (!hasBudget(budget)) return undefined;
    const day = localDay(clock.now());
    const total = budget.runUsd === undefined ? 0 : await store.spent();
    this.#spentBefore ??= total;
    const reached = reachedBudget(budget, {
      runUsd: total - this.#spentBefore,
      dayUsd: budget.dayUsd === undefined ? 0 : await store.spent(day.from),
    });
    if (reached !== undefined && !this.#told) {
      this.#told = true;
      const until = reached.scope === 'day' ? day.until : undefined;
      await store.log([{ type: 'budget.reached', ...reached, until }]);
    }
    return reached;
  }

  /** What the task may cost in all, USD; absent: anything. */
  ofTask(definition: TaskDefinition): number | undefined {
    return definition.budget?.usd ?? this.#parts.config.budget.taskUsd;
  }
}
