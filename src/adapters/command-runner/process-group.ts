import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;
/** A process that cannot even be killed, such as one in the kernel, must not hold up its caller for ever. */
const AFTER_KILL_MS = 2_000;

/** SIGTERM to a process group, after `graceMs` SIGKILL; resolves when nothing of it runs any more. */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return;
  const killAt = performance.now() + graceMs;
  let killed = false;
  while (isGroupRunning(leader)) {
    if (!killed && performance.now() >= killAt) {
      killed = true;
      signalGroup(leader, 'SIGKILL');
    }
    if (performance.now() >= killAt + AFTER_KILL_MS) return;
    await sleep(POLL_MS);
  }
}

/** `false` when no process of the group is there, not even an ended one. */
function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(-leader, signal);
    return true;
  } catch {
    return false;
  }
}

function isGroupRunning(leader: number): boolean {
  if (!signalGroup(leader, 0)) return false;
  // In a container the first process often collects nobody: an ended process of the group stays as a zombie.
  return existsSync('/proc/self/stat') ? hasRunningMember(leader) : true;
}

/** See proc_pid_stat(5): after the name in parentheses come state, parent and process group. */
function hasRunningMember(group: number): boolean {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const [state, , processGroup] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(processGroup) === group && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}
