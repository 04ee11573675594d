import type { ProcessRow } from './process-row.ts';

const ROW = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(.+?)\s*$/;

/** Parses `ps -o pid=,ppid=,pgid=,stat=,lstart=` in the C locale. `lstart` has a resolution of one second. */
export function parsePsTable(output: string): ProcessRow[] {
  const rows: ProcessRow[] = [];
  for (const line of output.split('\n')) {
    const [, pid, ppid, pgid, stat, lstart] = ROW.exec(line) ?? [];
    if (pid === undefined || stat === undefined || lstart === undefined) continue;
    rows.push({
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: 0,
      zombie: stat.startsWith('Z'),
      startTime: lstart,
    });
  }
  return rows;
}

/** Parses `ps -o pid=,command=` with the environment behind each command: pid → the rest of its line. */
export function parsePsEnvironment(output: string): Map<number, string> {
  const commands = new Map<number, string>();
  for (const line of output.split('\n')) {
    const [, pid, command] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    if (pid !== undefined && command !== undefined) commands.set(Number(pid), command);
  }
  return commands;
}
