import type { TaskId } from '../ids.ts';
import type { Store } from '../tasks/ports.ts';
import type { EventType, LoggedEvent } from './event.ts';

const PAGE = 1_000;

/**
 * Hands every event after `after` to `onEvents`, in order and without gaps, until `signal` aborts; then once more
 * whatever was committed before. Returns the number of the last event handed over.
 */
export async function followEvents(
  store: Store,
  options: {
    after: number;
    signal: AbortSignal;
    filter?: { task?: TaskId; types?: readonly EventType[] };
    onEvents: (events: readonly LoggedEvent[]) => void | Promise<void>;
  },
): Promise<number> {
  const { signal, onEvents, filter = {} } = options;
  let after = options.after;
  let ring: (() => void) | undefined;
  let rung = false;
  const wake = () => {
    rung = true;
    ring?.();
  };
  const stopListening = store.onChange(wake);
  signal.addEventListener('abort', wake);
  const drain = async () => {
    for (;;) {
      const events = await store.events(after, { ...filter, limit: PAGE });
      const last = events.at(-1);
      if (last === undefined) return;
      after = last.seq;
      await onEvents(events);
    }
  };
  try {
    while (!signal.aborted) {
      rung = false;
      await drain();
      if (rung || signal.aborted) continue;
      const { promise, resolve } = Promise.withResolvers<void>();
      ring = resolve;
      await promise;
      ring = undefined;
    }
    await drain();
    return after;
  } finally {
    stopListening();
    signal.removeEventListener('abort', wake);
  }
}
