import type { ProcessExit, StoppingLimit } from './ports.ts';

type Limited = Extract<ProcessExit, { allowed: number }>;

/** What each limit stops a program for; `{}` is what was measured. */
const PHRASES: Readonly<Record<StoppingLimit, string>> = {
  firstOutputMs: 'printed nothing for {} after its start',
  silenceMs: 'printed nothing for {}',
  totalMs: 'ran for {}',
  outputBytes: 'printed {}',
  diskBytes: 'wrote {} to disk',
  memoryBytes: 'used {} of memory with what it started',
  processes: 'ran {} processes at once',
};

/** What a program did that a limit forbids, with the setting to change: `ran for 60 min; limits.totalMs allows 60 min`. */
export function limitReason({ by, measured, allowed }: Limited): string {
  const did = PHRASES[by].replace('{}', () => amount(by, measured, Math.ceil));
  return `${did}; limits.${by} allows ${amount(by, allowed, Math.floor)}`;
}

/** Rounded so that what was too much never reads like what is allowed. */
function amount(limit: StoppingLimit, value: number, round: (value: number) => number): string {
  if (limit.endsWith('Bytes')) return scaled(value, BYTE_UNITS, round);
  if (limit.endsWith('Ms')) return scaled(value, TIME_UNITS, Math.round);
  return String(value);
}

type Units = readonly (readonly [unit: string, size: number])[];

const BYTE_UNITS: Units = [
  ['GiB', 2 ** 30],
  ['MiB', 2 ** 20],
  ['KiB', 2 ** 10],
  ['bytes', 1],
];
const TIME_UNITS: Units = [
  ['min', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

/** In the largest unit of which there is at least one, with at most one decimal. */
function scaled(value: number, units: Units, round: (value: number) => number): string {
  const [unit, size] = units.find(([, each]) => value >= each) ?? (units.at(-1) as Units[number]);
  return `${round((value / size) * 10) / 10} ${unit}`;
}
