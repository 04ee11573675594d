import { crashPoint } from '../crash-points.ts';
import type { Clock } from '../ports.ts';
import type { Journal } from './journal.ts';

const LINES_PER_EVENT = 40;
const LINE_CHARS = 400;
const FLUSH_MS = 250;

/**
 * Turns what an agent says into bounded `agent.output` events, at most four a second: lines beyond the limit
 * are counted as dropped. The whole output is in the log files.
 */
export class OutputFeed {
  readonly #journal: Journal;
  readonly #clock: Clock;
  readonly #step: number;
  #lines: string[] = [];
  #dropped = 0;
  #flushing: { readonly done: Promise<void>; readonly hurry: AbortController } | undefined;

  constructor(options: { journal: Journal; clock: Clock; step: number }) {
    this.#journal = options.journal;
    this.#clock = options.clock;
    this.#step = options.step;
  }

  add(text: string): void {
    for (const line of text.split('\n')) {
      if (line.trim() === '') continue;
      if (this.#lines.length >= LINES_PER_EVENT) this.#dropped += 1;
      else this.#lines.push(line.length > LINE_CHARS ? `${line.slice(0, LINE_CHARS)}…` : line);
    }
    if (this.#lines.length === 0 || this.#flushing !== undefined) return;
    const hurry = new AbortController();
    this.#flushing = { done: this.#flushSoon(hurry.signal), hurry };
  }

  /** Puts what is left into the journal's next commit, at once. */
  async end(): Promise<void> {
    this.#flushing?.hurry.abort();
    await this.#flushing?.done;
    this.#note();
  }

  async #flushSoon(ended: AbortSignal): Promise<void> {
    await this.#clock.sleep(FLUSH_MS, ended);
    this.#flushing = undefined;
    this.#note();
    if (ended.aborted) return;
    try {
      await this.#journal.commit();
      crashPoint('output.kept');
    } catch {
      // A lost lease has already aborted the attempt; after any other failure the journal keeps the lines, and
      // the attempt meets the failure at its own next commit.
    }
  }

  #note(): void {
    if (this.#lines.length === 0) return;
    const { task, attempt } = this.#journal.lease;
    this.#journal.note({
      type: 'agent.output',
      task,
      attempt,
      step: this.#step,
      lines: this.#lines,
      dropped: this.#dropped,
    });
    this.#lines = [];
    this.#dropped = 0;
  }
}
