const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const BYTE_ORDER_MARK = '\uFEFF';

export interface SplitLine {
  /** Without its line end; invalid UTF-8 replaced by U+FFFD. */
  readonly text: string;
  readonly truncated: boolean;
}

/**
 * Cuts a byte stream into lines. Works on bytes, so that a character cut in two by a chunk border stays whole, and
 * keeps at most `lineBytes` of an unfinished line: the rest of a longer line is dropped and the line marked.
 */
export class LineSplitter {
  readonly #lineBytes: number;
  #partial = Buffer.alloc(0);
  #length = 0;
  #overlong = false;
  #first = true;

  constructor(lineBytes: number) {
    this.#lineBytes = lineBytes;
  }

  /** The lines that `chunk` completes. */
  push(chunk: Uint8Array): SplitLine[] {
    const lines: SplitLine[] = [];
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      lines.push(this.#complete(chunk.subarray(from, at)));
      from = at + 1;
    }
    if (from < chunk.length) this.#keep(chunk.subarray(from));
    return lines;
  }

  /** The last line, when the stream did not end in a line end. */
  end(): SplitLine[] {
    return this.#length > 0 ? [this.#complete(new Uint8Array())] : [];
  }

  #complete(tail: Uint8Array): SplitLine {
    let bytes = tail;
    let truncated = this.#overlong;
    if (this.#length > 0) {
      this.#keep(tail);
      truncated = this.#overlong;
      bytes = this.#partial.subarray(0, this.#length);
    } else if (tail.length > this.#lineBytes) {
      truncated = true;
      bytes = tail.subarray(0, this.#lineBytes);
    }
    const text = this.#decode(bytes, truncated);
    this.#length = 0;
    this.#overlong = false;
    // One huge line must not hold its memory for the rest of the run.
    if (this.#partial.length > 1_048_576) this.#partial = Buffer.alloc(0);
    return { text, truncated };
  }

  #keep(bytes: Uint8Array): void {
    const room = this.#lineBytes - this.#length;
    if (bytes.length > room) this.#overlong = true;
    const kept = bytes.length > room ? bytes.subarray(0, room) : bytes;
    const needed = this.#length + kept.length;
    if (needed > this.#partial.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#lineBytes, Math.max(needed, this.#partial.length * 2)));
      this.#partial.copy(grown, 0, 0, this.#length);
      this.#partial = grown;
    }
    this.#partial.set(kept, this.#length);
    this.#length = needed;
  }

  #decode(bytes: Uint8Array, truncated: boolean): string {
    let end = bytes.length;
    if (truncated) end = characterBorder(bytes);
    else if (bytes[end - 1] === CARRIAGE_RETURN) end -= 1;
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, end).toString('utf8');
    const first = this.#first;
    this.#first = false;
    return first && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  }
}

/** Where to end `bytes` so that no character is cut in two; its length when it ends well or is not UTF-8. */
function characterBorder(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(4, bytes.length); back++) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) return bytes.length;
    if (byte >= 0xc0) {
      const width = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < width ? bytes.length - back : bytes.length;
    }
  }
  return bytes.length;
}
