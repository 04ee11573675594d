/** What one claim came to. */
export interface Finding {
  /** What was done, with how many. */
  readonly what: string;
  /** What it should come to. */
  readonly aim: string;
  /** What it came to. */
  readonly found: string;
  /** Absent: it is measured, and nothing is aimed at. */
  readonly met: boolean | undefined;
}

export interface ExperimentOptions {
  /** Everything that is left to chance follows from it. */
  readonly seed: number;
  /** Share of the full number of rounds, above 0 and at most 1. */
  readonly scale: number;
  /** A line for who watches. */
  readonly note: (line: string) => void;
}

/** One way of doing harm, and what must be true afterwards. Clears up after itself, also when it throws. */
export interface Experiment {
  /** One sentence for the report: what is done to what. */
  readonly about: string;
  run(options: ExperimentOptions): Promise<readonly Finding[]>;
}

/** `full` rounds, or the share of them that was asked for; at least one. */
export function rounds(full: number, scale: number): number {
  return Math.max(1, Math.round(full * scale));
}
