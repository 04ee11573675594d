const MINUTE = 60_000;
const DAY_MINUTES = 1_440;
/** A clock time that passed so recently means now, not tomorrow. */
const JUST_PASSED_MINUTES = 10;

const UNITS: Readonly<Record<string, number>> = {
  s: 1_000,
  m: MINUTE,
  h: 60 * MINUTE,
  d: DAY_MINUTES * MINUTE,
};
const IN =
  /\b(?:again|resets?|retry|wait)\b[^.]*?\bin\s+((?:\d+(?:\.\d+)?\s*(?:days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])\b[\s,]*(?:and\s+)?)+)/i;
const AT =
  /\b(?:again at|resets?(?: at)?)\s+(?:([A-Z][a-z]{2})[a-z]*\s+(\d{1,2})(?:st|nd|rd|th)?,?(?:\s+(\d{4}),?)?\s+(?:at\s+)?)?(\d{1,2})(?::(\d{2}))?\s*(am|pm)\b(?:\s*\(([A-Za-z0-9_+\-/]+)\))?/i;
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

/**
 * The time (epoch ms) that a refusal names in words, or `undefined`: "resets 2:38am (UTC)", "try again at 2:29 AM",
 * "try again at Nov 22nd, 2026 2:29 AM", "try again in 3 hours 5 minutes". A clock time without a date is the next
 * one after `now`; without a zone it is this machine's.
 */
export function resetTime(text: string, now: number): number | undefined {
  const span = IN.exec(text)?.[1];
  if (span !== undefined) return now + spanMs(span);
  const [, month, day, year, hour, minute, half, zone] = AT.exec(text) ?? [];
  if (hour === undefined || half === undefined) return undefined;
  const minutes = (Number(hour) % 12) * 60 + Number(minute ?? 0) + (half.toLowerCase() === 'pm' ? 720 : 0);
  const wall = wallClock(now, zone);
  if (wall === undefined) return undefined;
  if (month === undefined) {
    let ahead = minutes - wall.minutes;
    if (ahead <= -JUST_PASSED_MINUTES) ahead += DAY_MINUTES;
    return Math.max(now, startOfMinute(now) + ahead * MINUTE);
  }
  const index = MONTHS.indexOf(month.toLowerCase());
  if (index === -1) return undefined;
  const midnight = (y: number) => Date.UTC(y, index, Number(day));
  const today = Date.UTC(wall.year, wall.month, wall.day);
  let named = midnight(year === undefined ? wall.year : Number(year));
  if (year === undefined && named < today) named = midnight(wall.year + 1);
  return startOfMinute(now) + (named - today) + (minutes - wall.minutes) * MINUTE;
}

function spanMs(span: string): number {
  let total = 0;
  for (const [, count, unit] of span.matchAll(/(\d+(?:\.\d+)?)\s*([dhms])/gi)) {
    total += Number(count) * (UNITS[(unit as string).toLowerCase()] ?? 0);
  }
  return Math.round(total);
}

function startOfMinute(now: number): number {
  return now - (now % MINUTE);
}

interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  /** Since midnight. */
  readonly minutes: number;
}

/** What clocks in `zone` show at `now`; `undefined` for a zone that does not exist. */
function wallClock(now: number, zone: string | undefined): WallClock | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      ...(zone === undefined ? {} : { timeZone: zone }),
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    });
  } catch {
    return undefined;
  }
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes) => parts.get(name) ?? 0;
  return {
    year: part('year'),
    month: part('month') - 1,
    day: part('day'),
    minutes: part('hour') * 60 + part('minute'),
  };
}
