/** Keeps the last bytes of an output. */
export class OutputTail {
  readonly #limit: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #cut = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#bytes > 2 * this.#limit) this.#trim();
  }

  /** The last bytes as text, from the beginning of a line when something before was dropped. */
  text(): string {
    this.#trim();
    const text = Buffer.concat(this.#chunks).toString('utf8');
    return this.#cut ? `[…]\n${text.slice(text.indexOf('\n') + 1)}` : text;
  }

  #trim(): void {
    const all = Buffer.concat(this.#chunks);
    if (all.length > this.#limit) this.#cut = true;
    const kept = all.subarray(Math.max(0, all.length - this.#limit));
    // A copy: a part of the old memory would keep all of it.
    this.#chunks = [Buffer.from(kept)];
    this.#bytes = kept.length;
  }
}
