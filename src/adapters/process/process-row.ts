/** One process of this machine. */
export interface ProcessRow {
  readonly pid: number;
  readonly ppid: number;
  readonly pgid: number;
  /** 0 where the system does not tell. */
  readonly sid: number;
  /** Ended, but not yet collected by its parent. */
  readonly zombie: boolean;
  /** The kernel's start time as text; see `startedBefore`. */
  readonly startTime: string;
}

/** Is `a` certainly older than `b`? Start times are clock ticks since boot (Linux) or dates (`ps`). */
export function startedBefore(a: string, b: string): boolean {
  const [left, right] = [startValue(a), startValue(b)];
  return left < right;
}

function startValue(startTime: string): number {
  return /^\d+$/.test(startTime) ? Number(startTime) : Date.parse(startTime);
}
