import { Wakeup } from '../dispatch/wakeup.ts';
import type { TaskId } from '../ids.ts';
import type { Clock } from '../ports.ts';
import type { Store } from '../tasks/ports.ts';
import type { QuestionRecord } from '../tasks/task.ts';

/** The newest question of each id, in the order of the ids. */
export function newestOf(records: readonly QuestionRecord[], ids: readonly string[]): QuestionRecord[] {
  return ids.flatMap((id) => records.findLast((record) => record.id === id) ?? []);
}

/**
 * Waits until none of a task's questions is open, or `enough` says so, or `waitMs` has passed, or `signal` aborts, and
 * returns them as they are then. Woken by the store's changes, not by looking again and again.
 */
export async function awaitAnswers(
  { store, clock }: { readonly store: Pick<Store, 'questions' | 'onChange'>; readonly clock: Clock },
  wanted: {
    readonly task: TaskId;
    readonly ids: readonly string[];
    readonly waitMs: number;
    readonly signal: AbortSignal;
    readonly enough?: (questions: readonly QuestionRecord[]) => boolean;
  },
): Promise<readonly QuestionRecord[]> {
  const { task, ids, waitMs, signal, enough } = wanted;
  const until = clock.steady() + waitMs;
  const bell = new Wakeup(clock);
  const ring = () => bell.wake();
  const endListening = store.onChange(ring);
  signal.addEventListener('abort', ring);
  try {
    for (;;) {
      const ticket = bell.ticket();
      const questions = newestOf(await store.questions({ task }), ids);
      const left = until - clock.steady();
      if (signal.aborted || left <= 0 || questions.every(({ state }) => state !== 'open')) return questions;
      if (enough?.(questions) === true) return questions;
      await bell.wait(ticket, left);
    }
  } finally {
    endListening();
    signal.removeEventListener('abort', ring);
    bell.close();
  }
}
