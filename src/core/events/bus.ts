import type { TaskId } from '../ids.ts';
import type { EventOf, EventPattern } from './types.ts';

/** Which events somebody wants to hear of. */
export interface EventFilter<Pattern extends EventPattern = EventPattern> {
  /** Absent: every type. An empty list: none. */
  readonly types?: readonly Pattern[];
  /** Only what is about this task. */
  readonly task?: TaskId;
}

export interface Subscription<Pattern extends EventPattern = EventPattern> extends EventFilter<Pattern> {
  /** Number of the last event that is known already: 0 for none, so that every event of the log comes. */
  readonly after: number;
  /** When it aborts, what was committed before that is handed over, and then the iteration ends. */
  readonly until?: AbortSignal;
  /** When it aborts, the iteration ends at once. */
  readonly cut?: AbortSignal;
}

/**
 * Tells whoever asks of everything that happens, soon after it was committed. Publishers write to the log and know
 * nothing of a bus; a bus tells what the log holds. So a subscriber may begin at any number, and after any cut it goes
 * on from the last one that it has seen.
 */
export interface EventBus {
  /**
   * Events after `after` that match, in order, each once, in batches that are never empty. The next batch is made when
   * it is asked for: who is slow holds nobody up, and nothing piles up for it. Throws when the log cannot be read; who
   * subscribes anew then misses nothing.
   */
  subscribe<Pattern extends EventPattern>(
    subscription: Subscription<Pattern>,
  ): AsyncIterable<readonly EventOf<Pattern>[]>;
}
