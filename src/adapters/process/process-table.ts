import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { ProcessRow } from './process-row.ts';
import { parsePsEnvironment, parsePsTable } from './ps-table.ts';

/** What this machine can tell about its processes: /proc on Linux, `ps` elsewhere. */
export interface ProcessTable {
  rows(): ProcessRow[];
  row(pid: number): ProcessRow | undefined;
  /** Those of `pids` whose environment holds `text`. Only processes of our own user can be asked. */
  withEnvironment(pids: readonly number[], text: string): number[];
  /** The values of variable `name` in the environments of all processes that have it, by pid. */
  variable(name: string): ReadonlyMap<number, string>;
  readonly bootId: string;
}

const buffer = Buffer.allocUnsafe(4_096);

/** A short /proc file; `undefined` when the process is gone. One shared buffer: this runs for every process. */
export function readShort(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    return buffer.toString('latin1', 0, readSync(fd, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
}

/** The environment a process was started with; `undefined` when it is gone or another user's. */
function readEnvironment(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return undefined;
  }
}

/**
 * Parses /proc/<pid>/stat: `pid (comm) state ppid pgrp session … starttime(field 22)`; proc_pid_stat(5).
 * The name may hold spaces and brackets, so the fields are counted from its last bracket.
 */
export function parseStat(stat: string): ProcessRow | undefined {
  const close = stat.lastIndexOf(')');
  const pid = Number.parseInt(stat, 10);
  const fields = stat.slice(close + 2).split(' ', 20);
  const startTime = fields[19];
  if (close === -1 || !Number.isInteger(pid) || startTime === undefined) return undefined;
  return {
    pid,
    ppid: Number(fields[1]),
    pgid: Number(fields[2]),
    sid: Number(fields[3]),
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    startTime,
  };
}

class LinuxProcessTable implements ProcessTable {
  readonly bootId: string;

  constructor() {
    // Pids mean nothing outside their namespace, so a container's processes are not taken for its host's.
    const namespace = readlinkSync('/proc/self/ns/pid');
    this.bootId = `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${namespace}`;
  }

  rows(): ProcessRow[] {
    const rows: ProcessRow[] = [];
    for (const pid of this.#pids()) {
      const row = this.row(pid);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }

  row(pid: number): ProcessRow | undefined {
    const stat = readShort(`/proc/${pid}/stat`);
    return stat === undefined ? undefined : parseStat(stat);
  }

  withEnvironment(pids: readonly number[], text: string): number[] {
    return pids.filter((pid) => readEnvironment(pid)?.includes(text) ?? false);
  }

  variable(name: string): ReadonlyMap<number, string> {
    const values = new Map<number, string>();
    for (const pid of this.#pids()) {
      const entries = readEnvironment(pid)?.split('\0') ?? [];
      const entry = entries.find((text) => text.startsWith(`${name}=`));
      if (entry !== undefined) values.set(pid, entry.slice(name.length + 1));
    }
    return values;
  }

  #pids(): number[] {
    return readdirSync('/proc').map(Number).filter(Number.isInteger);
  }
}

/** For macOS, where `ps` is the only door that needs no native code. */
class PsProcessTable implements ProcessTable {
  readonly bootId: string;

  constructor() {
    this.bootId = run('sysctl', ['-n', 'kern.bootsessionuuid']).trim();
  }

  rows(): ProcessRow[] {
    return parsePsTable(run('ps', ['-axo', 'pid=,ppid=,pgid=,stat=,lstart=']));
  }

  row(pid: number): ProcessRow | undefined {
    return parsePsTable(run('ps', ['-o', 'pid=,ppid=,pgid=,stat=,lstart=', '-p', String(pid)]))[0];
  }

  withEnvironment(pids: readonly number[], text: string): number[] {
    const wanted = new Set(pids);
    const found: number[] = [];
    for (const [pid, command] of this.#environments()) {
      if (wanted.has(pid) && command.includes(text)) found.push(pid);
    }
    return found;
  }

  variable(name: string): ReadonlyMap<number, string> {
    const values = new Map<number, string>();
    for (const [pid, command] of this.#environments()) {
      const value = new RegExp(`(?:^| )${name}=(\\S*)`).exec(command)?.[1];
      if (value !== undefined) values.set(pid, value);
    }
    return values;
  }

  #environments(): Map<number, string> {
    return parsePsEnvironment(run('ps', ['-axEww', '-o', 'pid=,command=']));
  }
}

function run(command: string, args: string[]): string {
  // Loaded where there is no /proc alone: every command loads this file.
  const { execFileSync } = process.getBuiltinModule('node:child_process');
  try {
    return execFileSync(command, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1_048_576,
      env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    // `ps -p` of a process that is gone ends with 1 and prints nothing.
    return '';
  }
}

let table: ProcessTable | undefined;

/** This machine's process table. */
export function processTable(): ProcessTable {
  table ??= process.platform === 'linux' ? new LinuxProcessTable() : new PsProcessTable();
  return table;
}
