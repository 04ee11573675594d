import type { TerminalInput } from '../../core/terminal/ports.ts';

const MOST_WAITING = 10_000;

/** What the person did and nobody took yet. Of several sizes, or places of one drag, in a row only the last is kept. */
export class InputQueue {
  readonly #waiting: TerminalInput[] = [];
  #wake: (() => void) | undefined;
  #closed = false;

  push(input: TerminalInput): void {
    const last = this.#waiting.at(-1);
    if (last !== undefined && replaces(input, last)) this.#waiting.pop();
    if (this.#waiting.length < MOST_WAITING) this.#waiting.push(input);
    this.#wake?.();
  }

  /** Nothing more comes; what waits can still be taken. */
  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  async *take(signal: AbortSignal): AsyncGenerator<TerminalInput> {
    while (!signal.aborted) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        yield next;
        continue;
      }
      if (this.#closed) return;
      await this.#more(signal);
    }
  }

  async #more(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    signal.addEventListener('abort', () => resolve(), { once: true });
    await promise;
    this.#wake = undefined;
  }
}

function replaces(next: TerminalInput, last: TerminalInput): boolean {
  if (next.kind === 'resize') return last.kind === 'resize';
  return next.kind === 'mouse' && next.action === 'drag' && last.kind === 'mouse' && last.action === 'drag';
}
