/** Where the next line goes when there is room for it. */
interface Room {
  readonly start: number;
  readonly isWrapped: boolean;
}

const [FIRST_BYTES, FIRST_LINES] = [16_384, 256];

/**
 * The newest lines of a text, as UTF-8 in one block of memory that is written in a circle: so many of them come and go
 * that as strings they would be most of what is ever collected. Lines have numbers, which go on for as long as lines
 * come; the oldest go when there are more than `mostLines`, or more than `mostBytes` of them. Halves of characters
 * become U+FFFD.
 */
export class LineRing {
  readonly #mostLines: number;
  readonly #mostBytes: number;
  #bytes = Buffer.alloc(0);
  /** Where each line stands and how long it is, at twice its number modulo how many fit. */
  #places = new Uint32Array(0);
  #first = 0;
  #end = 0;
  /** Where the newest line ends. */
  #tail = 0;
  /** The newest line stands before the oldest. */
  #isWrapped = false;
  #used = 0;

  constructor({ mostLines, mostBytes }: { readonly mostLines: number; readonly mostBytes: number }) {
    this.#mostLines = mostLines;
    this.#mostBytes = mostBytes;
  }

  /** Number of the oldest line that is kept. */
  get first(): number {
    return this.#first;
  }

  /** Number behind the newest line. */
  get end(): number {
    return this.#end;
  }

  /** The line of that number; undefined when it is gone, or not there yet. */
  at(line: number): string | undefined {
    if (line < this.#first || line >= this.#end) return undefined;
    const start = this.#start(line);
    return this.#bytes.toString('utf8', start, start + this.#length(line));
  }

  /** Puts a line behind all others. */
  push(text: string): void {
    const bytes = Buffer.byteLength(text);
    if (this.#end - this.#first >= this.#mostLines) this.#drop();
    let room = this.#room(bytes);
    while (room === undefined) {
      const size = this.#bytes.length;
      const isEmpty = this.#first === this.#end;
      // A line that is longer than all that may be kept is kept alone.
      if (size < this.#mostBytes || isEmpty) {
        this.#rebuild(Math.max(bytes, Math.min(this.#mostBytes, Math.max(FIRST_BYTES, size * 2))));
      } else this.#drop();
      room = this.#room(bytes);
    }
    if ((this.#end - this.#first + 1) * 2 > this.#places.length) this.#rebuild(this.#bytes.length);
    this.#isWrapped = room.isWrapped;
    this.#place(this.#end, room.start, this.#bytes.write(text, room.start));
    this.#end += 1;
  }

  /** Puts lines before all others, with numbers that go on downwards; false when there is no room for all of them. */
  prepend(texts: readonly string[]): boolean {
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const count = this.#end - this.#first + texts.length;
    if (count > this.#mostLines || this.#used + bytes > this.#mostBytes) return false;
    const kept = Array.from({ length: this.#end - this.#first }, (_line, at) =>
      this.#slice(this.#first + at),
    );
    this.#first -= texts.length;
    this.#lay(Math.max(this.#bytes.length, this.#used + bytes), [
      ...texts.map((text) => Buffer.from(text)),
      ...kept,
    ]);
    return true;
  }

  #room(bytes: number): Room | undefined {
    if (this.#first === this.#end) {
      return bytes <= this.#bytes.length ? { start: 0, isWrapped: false } : undefined;
    }
    const head = this.#start(this.#first);
    const isWrapped = this.#isWrapped;
    if (this.#tail + bytes <= (isWrapped ? head : this.#bytes.length))
      return { start: this.#tail, isWrapped };
    return !isWrapped && bytes <= head ? { start: 0, isWrapped: true } : undefined;
  }

  #drop(): void {
    const head = this.#start(this.#first);
    this.#used -= this.#length(this.#first);
    this.#first += 1;
    if (this.#first === this.#end || this.#start(this.#first) < head) this.#isWrapped = false;
  }

  #rebuild(size: number): void {
    const lines = Array.from({ length: this.#end - this.#first }, (_line, at) =>
      this.#slice(this.#first + at),
    );
    this.#lay(size, lines);
  }

  /** The lines from `#first` on, one behind the other in a block of that size. */
  #lay(size: number, lines: readonly Uint8Array[]): void {
    this.#bytes = Buffer.allocUnsafeSlow(size);
    this.#places = new Uint32Array(2 * Math.min(this.#mostLines, Math.max(FIRST_LINES, lines.length * 2)));
    this.#used = 0;
    this.#tail = 0;
    this.#isWrapped = false;
    this.#end = this.#first;
    for (const line of lines) {
      this.#bytes.set(line, this.#tail);
      this.#place(this.#end, this.#tail, line.length);
      this.#end += 1;
    }
  }

  #place(line: number, start: number, length: number): void {
    const index = this.#index(line);
    this.#places[index] = start;
    this.#places[index + 1] = length;
    this.#tail = start + length;
    this.#used += length;
  }

  #slice(line: number): Uint8Array {
    const start = this.#start(line);
    return this.#bytes.subarray(start, start + this.#length(line));
  }

  #start(line: number): number {
    return this.#places[this.#index(line)] ?? 0;
  }

  #length(line: number): number {
    return this.#places[this.#index(line) + 1] ?? 0;
  }

  #index(line: number): number {
    const most = this.#places.length / 2;
    return 2 * (((line % most) + most) % most);
  }
}
