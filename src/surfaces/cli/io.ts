/** The outside of one `cw` process: its streams and what is known about the terminal. Tests pass buffers. */
export interface CliIo {
  /** Writes to standard output; a reader that has gone away is not an error. */
  out(text: string): void;
  err(text: string): void;
  /** Resolves when the reader of standard output has taken enough for more to be written. */
  drained(): Promise<void>;
  readonly outIsTerminal: boolean;
  readonly errIsTerminal: boolean;
  /** Columns of the terminal now; 80 when standard output is none. */
  columns(): number;
  /** Calls `listener` once when the reader of standard output has gone away. */
  onOutputClosed(listener: () => void): void;
  /** All of standard input as text; throws `UsageError` when it is longer than `maxBytes`. */
  readInput(maxBytes: number): Promise<string>;
  /** Both ends are a terminal with a person at it. */
  readonly canAsk: boolean;
  /** Asks a question and returns the line that was typed; empty at the end of input. */
  ask(question: string): Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
}
