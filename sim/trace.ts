import { createHash } from 'node:crypto';

const LINES_KEPT = 40;

/** Everything that happened, as one hash, and the newest of it as text. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #lines: string[] = [];
  #steps = 0;

  get steps(): number {
    return this.#steps;
  }

  /** One step of the world. */
  step(line: string): void {
    this.#steps += 1;
    this.note(line);
  }

  /** Something that a step led to. */
  note(line: string): void {
    this.#hash.update(line).update('\n');
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines.splice(0, LINES_KEPT);
  }

  /** What happened last, oldest first. */
  get recent(): readonly string[] {
    return this.#lines.slice(-LINES_KEPT);
  }

  /** SHA-256 over every line so far, hex. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }
}
