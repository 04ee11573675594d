import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { ProcessRow } from './process-row.ts';
import { parseStat, readShort } from './process-table.ts';
import { parsePsTable } from './ps-table.ts';
import { Slices } from './slices.ts';

/** One process and the memory it has resident. */
export interface UseRow extends ProcessRow {
  readonly residentBytes: number;
}

/** What the machine as a whole shows at the price of two small files. */
export interface MachinePulse {
  /** Pid of the newest process or thread. Each takes the next one, and begins again at the highest. */
  readonly lastPid: number;
  readonly takenBytes: number;
}

const PAGE_KB = /^KernelPageSize:\s+(\d+) kB/m;
const run = promisify(execFile);

/** Every process of the machine. Processes that come and go meanwhile may be missing. */
export async function readUse(): Promise<UseRow[]> {
  return process.platform === 'linux' ? await readProc() : await readPs();
}

/**
 * The memory of `pids` in which what they share counts once (Pss), bytes. The kernel walks their page tables for it,
 * which takes milliseconds for each gigabyte. A process that cannot be asked counts as `fallback` says.
 */
export async function sharedOnce(
  pids: readonly number[],
  fallback: (pid: number) => number,
): Promise<number> {
  let total = 0;
  for (const pid of pids) {
    const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    const kilobytes = /^Pss:\s+(\d+) kB/m.exec(rollup)?.[1];
    total += kilobytes === undefined ? fallback(pid) : Number(kilobytes) * 1_024;
  }
  return total;
}

/** `undefined` where the system has no such figures: then only a look at every process tells. */
export function machinePulse(): MachinePulse | undefined {
  // `0.20 0.18 0.12 1/80 11206`; see proc_loadavg(5).
  const lastPid = / (\d+)\n$/.exec(readShort('/proc/loadavg') ?? '')?.[1];
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readShort('/proc/meminfo') ?? '')?.[1];
  if (lastPid === undefined || available === undefined) return undefined;
  return { lastPid: Number(lastPid), takenBytes: -Number(available) * 1_024 };
}

async function readProc(): Promise<UseRow[]> {
  const rows: UseRow[] = [];
  const slices = new Slices();
  for (const name of await readdir('/proc')) {
    if (!/^\d/.test(name)) continue;
    const stat = readShort(`/proc/${name}/stat`);
    const row = stat === undefined ? undefined : parseStat(stat);
    if (stat !== undefined && row !== undefined) rows.push({ ...row, residentBytes: residentBytes(stat) });
    await slices.rest();
  }
  return rows;
}

/** Field 24 of /proc/<pid>/stat, in pages. */
function residentBytes(stat: string): number {
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ', 22)[21]) * pageBytes();
}

let page: number | undefined;

function pageBytes(): number {
  page ??= Number(PAGE_KB.exec(readShort('/proc/self/smaps') ?? '')?.[1] ?? 4) * 1_024;
  return page;
}

async function readPs(): Promise<UseRow[]> {
  const ps = async (columns: string) => {
    const { stdout } = await run('ps', ['-axo', columns], {
      maxBuffer: 64 * 1_048_576,
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
    });
    return stdout;
  };
  const [table, sizes] = await Promise.all([ps('pid=,ppid=,pgid=,stat=,lstart='), ps('pid=,rss=')]);
  const kilobytes = new Map(
    sizes.split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number]),
  );
  return parsePsTable(table).map((row) => ({
    ...row,
    residentBytes: (kilobytes.get(row.pid) ?? 0) * 1_024,
  }));
}
