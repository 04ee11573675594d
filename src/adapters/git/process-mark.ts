import { readFileSync } from 'node:fs';

/**
 * Names a process of this machine for as long as it runs, in letters that a file name may have: its pid and when it was
 * started, because pids come back within minutes on a busy machine. Only the pid where the system does not tell more.
 */
export function markOf(pid: number): string {
  const started = startOf(pid);
  return started === undefined ? String(pid) : `${pid}.${started}`;
}

/** Does the process of that mark still run? One that has ended and waits for its parent does not. */
export function isRunning(mark: string): boolean {
  const [pid = '', started] = mark.split('.');
  if (!/^[1-9]\d*$/.test(pid)) return false;
  if (started !== undefined) return startOf(Number(pid)) === started;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** In ticks since the boot; see proc_pid_stat(5). */
function startOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name may hold spaces and brackets, so the fields are counted from its last bracket.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}
