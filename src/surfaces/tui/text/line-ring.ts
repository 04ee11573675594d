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
        this.#move(Math.max(bytes, Math.min(this.#mostBytes, Math.max(FIRST_BYTES, size * 2))));
      } else this.#drop();
      room = this.#room(bytes);
    }
    if ((this.#end - this.#first + 1) * 2 > this.#places.length)
      this.#makePlaces(this.#end - this.#first + 1);
    this.#isWrapped = room.isWrapped;
    this.#tail = room.start + this.#bytes.write(text, room.start);
    this.#place(this.#end, room.start, bytes);
    this.#used += bytes;
    this.#end += 1;
  }

  /** Puts lines before all others, with numbers that go on downwards; false when there is no room for all of them. */
  prepend(texts: readonly string[]): boolean {
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const count = this.#end - this.#first + texts.length;
    if (count > this.#mostLines || this.#used + bytes > this.#mostBytes) return false;
    this.#move(Math.max(this.#bytes.length, this.#used + bytes), bytes);
    this.#makePlaces(count);
    let line = this.#first - texts.length;
    let start = 0;
    for (const text of texts) {
      const length = this.#bytes.write(text, start);
      this.#place(line, start, length);
      start += length;
      line += 1;
    }
    this.#first -= texts.length;
    this.#used += bytes;
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

  /** Brings all lines into a block of that size, in their order, behind `before` bytes. */
  #move(size: number, before = 0): void {
    const bytes = Buffer.allocUnsafeSlow(size);
    let tail = before;
    // Mostly one stretch, or two: they are copied whole.
    let [from, to, target] = [0, 0, before];
    const copy = (): unknown => this.#bytes.copy(bytes, target, from, to);
    for (let line = this.#first; line < this.#end; line += 1) {
      const [start, length] = [this.#start(line), this.#length(line)];
      if (start !== to) {
        copy();
        [from, target] = [start, tail];
      }
      to = start + length;
      this.#place(line, tail, length);
      tail += length;
    }
    copy();
    this.#bytes = bytes;
    this.#tail = tail;
    this.#isWrapped = false;
  }

  /** Room for so many lines, and as many again while that is no more than may be kept. */
  #makePlaces(lines: number): void {
    const before = this.#places;
    const places = new Uint32Array(2 * Math.min(this.#mostLines, Math.max(FIRST_LINES, lines * 2)));
    for (let line = this.#first; line < this.#end; line += 1) {
      const [from, to] = [indexIn(before, line), indexIn(places, line)];
      places[to] = before[from] ?? 0;
      places[to + 1] = before[from + 1] ?? 0;
    }
    this.#places = places;
  }

  #place(line: number, start: number, length: number): void {
    const index = indexIn(this.#places, line);
    this.#places[index] = start;
    this.#places[index + 1] = length;
  }

  #start(line: number): number {
    return this.#places[indexIn(this.#places, line)] ?? 0;
  }

  #length(line: number): number {
    return this.#places[indexIn(this.#places, line) + 1] ?? 0;
  }
}

function indexIn(places: Uint32Array, line: number): number {
  const most = places.length / 2;
  return 2 * (((line % most) + most) % most);
}
