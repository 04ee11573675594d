import type { Position } from './located.ts';

/** One thing wrong with a file that a person wrote: where, what, and what to do. */
export interface SourceProblem<Code extends string = string> {
  /** The file's name as it is shown. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
  /** Stable name of the kind of problem. */
  readonly code: Code;
  /** One line: what is wrong, with the value. */
  readonly message: string;
  /** One line: what to do. */
  readonly advice: string;
  /** The line of the file and, below it, a caret under the place. Empty when the file has no such line. */
  readonly excerpt: string;
}

/** More than this is noise: the rest shows up when these are mended. */
const MOST_PROBLEMS = 100;

/** Gathers everything wrong with one file, so that a person mends it in one go. */
export class ProblemList<Code extends string = string> {
  readonly #found: SourceProblem<Code>[] = [];
  readonly #file: string;
  readonly #text: string;
  #lines: readonly string[] | undefined;

  constructor(file: string, text: string) {
    this.#file = file;
    this.#text = text;
  }

  get file(): string {
    return this.#file;
  }

  get size(): number {
    return this.#found.length;
  }

  /** Nothing more is taken: what costs time to find out is not worth finding out. */
  get isFull(): boolean {
    return this.#found.length >= 10 * MOST_PROBLEMS;
  }

  add(at: Position, code: Code, message: string, advice: string): void {
    if (this.isFull) return;
    this.#lines ??= this.#text.split('\n');
    const excerpt = excerptOf(this.#lines[at.line - 1], at);
    const { line, col } = at;
    // Both quote the file, in which anything may stand.
    const [said, help] = [visible(message), visible(advice)];
    this.#found.push({ file: this.#file, line, col, code, message: said, advice: help, excerpt });
  }

  /** In the order of the file, without repetitions, the first hundred. */
  sorted(): readonly SourceProblem<Code>[] {
    const seen = new Set<string>();
    return this.#found
      .toSorted((a, b) => a.line - b.line || a.col - b.col)
      .filter((problem) => {
        const key = `${problem.line}:${problem.col}:${problem.message}`;
        return !seen.has(key) && seen.add(key);
      })
      .slice(0, MOST_PROBLEMS);
  }
}

const BEFORE = 60;
const WIDTH = 100;

/**
 * The line, cut to a window around the place, with a caret below; control characters made visible.
 * @internal Exported for its test.
 */
export function excerptOf(line: string | undefined, at: Position): string {
  if (line === undefined) return '';
  const from = at.col > WIDTH - 20 ? at.col - 1 - BEFORE : 0;
  const shown = visible(line.replace(/\r$/, '').slice(from, from + WIDTH));
  const head = `${at.line} | ${from > 0 ? '…' : ''}`;
  return `${head}${shown}\n${' '.repeat(head.length + at.col - 1 - from)}^`;
}

/** Text from a file or an agent, safe to print on a terminal: one line, control characters replaced. */
export function visible(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '�');
}

/** A value as a message quotes it: bounded and printable. */
export function quoted(text: string): string {
  return `"${visible(text.length > 60 ? `${text.slice(0, 57)}…` : text)}"`;
}
