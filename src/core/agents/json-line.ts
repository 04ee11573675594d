import type { OutputLine } from './ports.ts';

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

/** The end of a stream of lines, in bounded memory. */
export class Tail {
  readonly #length: number;
  #text = '';

  constructor(length = 4_000) {
    this.#length = length;
  }

  add(line: string): void {
    this.#text = `${this.#text}${line}\n`.slice(-this.#length);
  }

  toString(): string {
    return this.#text.trim();
  }
}

/** What a tool was asked to do, in one line: the field that people look for, else all of it. */
export function toolDetail(input: unknown): string {
  if (typeof input !== 'object' || input === null) return '';
  const fields = input as Record<string, unknown>;
  for (const name of ['command', 'cmd', 'file_path', 'path', 'pattern', 'url', 'query', 'description']) {
    if (typeof fields[name] === 'string') return fields[name];
  }
  return JSON.stringify(input);
}
