import type { OutputLine } from './ports.ts';

const NEWLINE = 0x0a;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The JSON object that a line is, or `undefined`: agents print other things too, and a cut line is no object. */
export function parseJsonLine(line: OutputLine): Record<string, unknown> | undefined {
  const text = line.text.trim();
  if (line.truncated || !text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/**
 * The end of a stream of lines, in bounded memory: at least the last `length / 3` characters, at most `length`. Kept
 * as bytes outside of the heap: thousands of lines that live a moment each would fill it with garbage that is only
 * collected late.
 */
export class Tail {
  readonly #length: number;
  #bytes = new Uint8Array();
  #end = 0;

  constructor(length = 4_000) {
    this.#length = length;
  }

  add(line: string): void {
    const text = line.length < this.#length ? line : line.slice(-this.#length);
    // A character takes at most three bytes.
    const needed = 3 * text.length + 1;
    if (this.#end + needed > this.#bytes.length) this.#makeRoom(needed);
    this.#end += encoder.encodeInto(text, this.#bytes.subarray(this.#end)).written;
    this.#bytes[this.#end] = NEWLINE;
    this.#end += 1;
  }

  toString(): string {
    const from = Math.max(0, this.#end - this.#length);
    return decoder.decode(this.#bytes.subarray(this.#afterHalf(from), this.#end)).trim();
  }

  #makeRoom(needed: number): void {
    const from = Math.max(0, this.#end - this.#length);
    const kept = this.#bytes.subarray(from, this.#end);
    const capacity = Math.min(5 * this.#length, 2 * this.#bytes.length);
    if (kept.length + needed <= this.#bytes.length) this.#bytes.copyWithin(0, from, this.#end);
    else {
      const grown = new Uint8Array(Math.max(capacity, kept.length + needed));
      grown.set(kept);
      this.#bytes = grown;
    }
    this.#end = kept.length;
  }

  /** Behind the rest of a character that was cut in two. */
  #afterHalf(from: number): number {
    let at = from;
    while (at > 0 && at < this.#end && ((this.#bytes[at] ?? 0) & 0xc0) === 0x80) at += 1;
    return at;
  }
}

/** What a tool was asked to do, in one line: the field that people look for, else all of it. */
export function toolDetail(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  const fields = input as Record<string, unknown>;
  for (const name of [
    'command',
    'cmd',
    'file_path',
    'filePath',
    'path',
    'pattern',
    'url',
    'query',
    'description',
  ]) {
    if (typeof fields[name] === 'string') return fields[name];
  }
  return JSON.stringify(input);
}
