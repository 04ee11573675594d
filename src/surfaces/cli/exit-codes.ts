/** What `cw` exits with; scripts rely on these numbers. */
export const EXIT = {
  /** Everything asked for was done. */
  ok: 0,
  /** Some task failed or is blocked, or a check found something wrong. */
  failed: 1,
  /** Bad usage, config or roadmap: nothing was changed. */
  usage: 2,
  /** Only a person's answer lets the run go on. */
  waiting: 3,
  /** Stopped by a signal, with the state saved. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
