import type { Config } from '../config/schema.ts';

/** What the project has spent, USD. */
export interface Spending {
  /** Since this run began. */
  readonly runUsd: number;
  /** Since local midnight. */
  readonly dayUsd: number;
}

export interface ReachedBudget {
  readonly scope: 'run' | 'day';
  readonly limitUsd: number;
  readonly spentUsd: number;
}

/** The budget that is spent, if one is; nothing more may be started then. */
export function reachedBudget(budget: Config['budget'], spent: Spending): ReachedBudget | undefined {
  const { runUsd, dayUsd } = budget;
  if (runUsd !== undefined && spent.runUsd >= runUsd) {
    return { scope: 'run', limitUsd: runUsd, spentUsd: spent.runUsd };
  }
  if (dayUsd !== undefined && spent.dayUsd >= dayUsd) {
    return { scope: 'day', limitUsd: dayUsd, spentUsd: spent.dayUsd };
  }
  return undefined;
}

/** Is there a budget that has to be looked at before something is started? */
export function hasBudget({ runUsd, dayUsd }: Config['budget']): boolean {
  return runUsd !== undefined || dayUsd !== undefined;
}

/** The last local midnight at `now` and the next one, epoch ms; `timeZone` is an IANA name, absent: this machine's. */
export function localDay(now: number, timeZone?: string): { from: number; until: number } {
  const from = midnightBefore(now, timeZone);
  // No day is longer than 25 hours or shorter than 23.
  return { from, until: midnightBefore(from + 30 * HOUR, timeZone) };
}

const HOUR = 3_600_000;
/** Clocks are set by whole quarters of an hour, everywhere. */
const QUARTER = 900_000;

function midnightBefore(time: number, timeZone: string | undefined): number {
  const date = new Intl.DateTimeFormat('en-CA', {
    timeZone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
  });
  const today = date.format(time);
  let from = time - (time % QUARTER);
  while (date.format(from - 1) === today) from -= QUARTER;
  return from;
}
