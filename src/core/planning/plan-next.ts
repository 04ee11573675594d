import type { TaskId } from '../ids.ts';
import type { TaskDefinition } from '../roadmap/model.ts';
import { HASH_KEY } from '../syncing/look.ts';
import type { Store } from '../tasks/ports.ts';
import { concernedBy } from './effects.ts';
import { DEFAULT_LIMIT, matches, type NextFilter, type NextTask, nextTasks, statesOf } from './next-tasks.ts';

/** The answer to "what is next". */
export interface NextAnswer {
  readonly tasks: readonly NextTask[];
  /** Hash of the roadmap file that the plan was made from; undefined before the first one. */
  readonly planHash: string | undefined;
}

interface Entry {
  readonly filter: NextFilter;
  readonly tasks: readonly NextTask[];
  readonly ids: ReadonlySet<TaskId>;
}

/** More events than this are not looked at one by one. */
const MOST_EVENTS = 500;
/** So many answers are kept; the one that was not asked for the longest time goes first. */
const MOST_ENTRIES = 100;

/**
 * Says which tasks are next, and keeps its answers for each set of filters. An answer is forgotten when the log names
 * a task that stands in it or could come into it, whoever wrote that; so it is right across processes.
 */
export class PlanNext {
  readonly #store: Store;
  readonly #agentOf: (definition: TaskDefinition) => string;
  readonly #entries = new Map<string, Entry>();
  /** Number of the last event that the kept answers know of. */
  #seen = 0;

  /** `agentOf`: the agent that begins a task. */
  constructor(store: Store, agentOf: (definition: TaskDefinition) => string) {
    this.#store = store;
    this.#agentOf = agentOf;
  }

  /** How many answers it holds, and so would give without asking the database for tasks. */
  get kept(): number {
    return this.#entries.size;
  }

  async next(filter: NextFilter = {}): Promise<NextAnswer> {
    await this.#forget();
    const planHash = await this.#store.getMeta(HASH_KEY);
    const key = keyOf(filter);
    const known = this.#entries.get(key);
    this.#entries.delete(key);
    const entry = known ?? (await this.#ask(filter));
    this.#entries.set(key, entry);
    const [oldest] = this.#entries.keys();
    if (this.#entries.size > MOST_ENTRIES && oldest !== undefined) this.#entries.delete(oldest);
    return { tasks: entry.tasks, planHash };
  }

  async #ask(filter: NextFilter): Promise<Entry> {
    const tasks = nextTasks(await this.#store.tasks({ states: statesOf(filter) }), filter, this.#agentOf);
    return { filter, tasks, ids: new Set(tasks.map(({ id }) => id)) };
  }

  /** Drops what the events since the last time may have made untrue. */
  async #forget(): Promise<void> {
    const head = await this.#store.head();
    if (head === this.#seen) return;
    const events =
      this.#entries.size === 0 ? [] : await this.#store.events(this.#seen, { limit: MOST_EVENTS });
    const concerned = events.length === MOST_EVENTS ? 'all' : concernedBy(events);
    this.#seen = Math.max(head, events.at(-1)?.seq ?? 0);
    if (concerned === 'all') return this.#entries.clear();
    if (concerned.size === 0) return;
    const now = await this.#store.tasks({ ids: [...concerned] });
    for (const [key, { filter, ids }] of this.#entries) {
      const isInIt = [...concerned].some((id) => ids.has(id));
      const couldJoin = now.some((task) => matches(task, filter, this.#agentOf));
      if (isInIt || couldJoin) this.#entries.delete(key);
    }
  }
}

/** The same for the same filters in any order. */
function keyOf(filter: NextFilter): string {
  const { states = ['ready'], limit = DEFAULT_LIMIT, initiative, phase, plan, domain, agent } = filter;
  return JSON.stringify([[...new Set(states)].sort(), limit, initiative, phase, plan, domain, agent]);
}
