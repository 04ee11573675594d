import type { Onlooker } from '../../../core/dispatch/onlooker.ts';
import { CodewalkError, messageOf } from '../../../core/errors.ts';
import type { LoggedEvent } from '../../../core/events/event.ts';
import { showFace } from '../../tui/face.ts';
import type { CliContext } from '../context.ts';

/**
 * The face of a run in this process. It opens when there is something to see, and the person may leave it while the run
 * goes on; then, and where the terminal cannot show it, the run is told in lines. While it is open a person looks on.
 */
export class RunFace implements Onlooker {
  readonly #context: CliContext;
  readonly #options: { readonly quitStops: boolean; readonly isAtOnce: boolean };
  readonly #ended = Promise.withResolvers<string | undefined>();
  readonly #kept: string[] = [];
  readonly #listeners = new Set<() => void>();
  #listener: ((text: string) => void) | undefined;
  #shown: Promise<void> | undefined;
  #isOpen = false;

  constructor(context: CliContext, options: { quitStops: boolean; isAtOnce: boolean; signal: AbortSignal }) {
    this.#context = context;
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  isThere(): boolean {
    return this.#isOpen;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Whether the face shows what happens; a run that has nothing to do is not worth one. */
  sees(events: readonly LoggedEvent[]): boolean {
    if (this.#shown === undefined && (this.#options.isAtOnce || events.some((event) => 'task' in event))) {
      this.#open();
    }
    return this.#isOpen;
  }

  /** Whether the face shows the message, for which it must be open. It is kept for afterwards too. */
  takes(message: string): boolean {
    if (!this.#isOpen) return false;
    this.#kept.push(message);
    this.#listener?.(message);
    return true;
  }

  /** Resolves, to what the terminal has not kept, when the person has left. `words`: how the run ended, if they are to be read. */
  async end(words: string | undefined): Promise<readonly string[]> {
    this.#ended.resolve(words);
    await this.#shown;
    return this.#kept.splice(0);
  }

  #set(isOpen: boolean): void {
    this.#isOpen = isOpen;
    for (const listener of this.#listeners) listener();
  }

  #open(): void {
    this.#set(true);
    const run = {
      quitStops: this.#options.quitStops,
      ended: this.#ended.promise,
      onNotice: (listener: (text: string) => void) => {
        this.#listener = listener;
      },
    };
    // A polite stop is seen through: the end of the run ends the face.
    const signal = new AbortController().signal;
    this.#shown = showFace(this.#context, { signal, run })
      .catch((error: unknown) => {
        if (error instanceof CodewalkError && error.code === 'TERMINAL_UNFIT') return;
        this.#kept.push(`the terminal face failed: ${messageOf(error)}`);
      })
      .finally(() => this.#set(false));
  }
}
