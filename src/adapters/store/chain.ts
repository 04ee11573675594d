import { hash } from 'node:crypto';

/** What the hash of the first event is made over. */
export const GENESIS = '0'.repeat(64);
/** Keeps these hashes apart from all others, and the next way of making them from this one. */
const DOMAIN = 'codewalk event 1';

/** An event as its row holds it, without the project: a log that moves to another database keeps its hashes. */
export interface EventRow {
  readonly seq: number;
  /** Epoch ms. */
  readonly at: number;
  readonly type: string;
  readonly task: string | null;
  /** The JSON text itself, byte by byte. */
  readonly body: string;
}

/** Where a log ends: the number of its newest event, and that event's hash. */
export interface Head {
  readonly seq: number;
  readonly hash: string;
}

/**
 * SHA-256, hex, over the hash of the event before it and all of its own columns: whatever is changed, taken out, put in
 * or swapped in a log shows in every hash after it. The input is one JSON list, whose quotes keep the columns apart.
 */
export function eventHash(previous: string, { seq, at, type, task, body }: EventRow): string {
  return hash('sha256', JSON.stringify([DOMAIN, previous, seq, at, type, task, body]), 'hex');
}
