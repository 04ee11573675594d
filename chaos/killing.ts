import { processTable } from '../src/adapters/process/process-table.ts';
import type { E2eProject, PrintedEvent } from '../test/e2e/project.ts';
import type { RunningCw } from '../test/support/installed-cw.ts';
import { SLOW } from './kill-project.ts';

/** Whom a kill hits: a person finds each of these processes, the kernel's memory killer too. */
export const VICTIMS = ['orchestrator', 'guardian', 'launcher', 'all', 'agent'] as const;
export type Victim = (typeof VICTIMS)[number];

/** How many kills hit whom. */
export type Kills = Readonly<Record<Victim, number>>;

/** One more within a minute, and the guardian gives up. */
const CRASHES = 5;
/** Lines that a task prints from its claim to its end. */
const TASK_LINES = 12;
const DONE = '"type":"task.done"';
const STARTED = '"type":"orchestrator.started"';
const SLOW_AGENT = new RegExp(`"type":"agent\\.started".*"task":"t\\d*${SLOW}"`);

/**
 * Runs the plan to its end and kills as often as `wanted` meanwhile, spread over its tasks. Whom and when follows
 * from `random`, which gives whole numbers below its limit.
 */
export async function runUnderFire(
  project: E2eProject,
  options: {
    tasks: number;
    wanted: number;
    random: (limit: number) => number;
    note: (line: string) => void;
  },
): Promise<Kills> {
  const { tasks, wanted, random, note } = options;
  const kills: Record<Victim, number> = { orchestrator: 0, guardian: 0, launcher: 0, all: 0, agent: 0 };
  const total = () => VICTIMS.reduce((sum, victim) => sum + kills[victim], 0);
  let done = 0;
  for (;;) {
    await using running = await project.start(['run', '--json'], { patienceMs: 20 * 60_000 });
    let [crashes, from, isFatal] = [0, 0, false];
    while (!isFatal && total() < wanted) {
      const left = tasks - done;
      // A little faster than the plan goes, so that it does not end first.
      const most = Math.min((1.8 * left) / (wanted - total()), 0.6 * left);
      const after = from + 1 + random(Math.max(2, Math.round(most * TASK_LINES)));
      const chosen = VICTIMS[random(VICTIMS.length)] ?? 'all';
      const victim = chosen === 'orchestrator' && crashes === CRASHES ? 'launcher' : chosen;
      const isDue = (line: string, index: number) =>
        index >= after && (victim !== 'agent' || SLOW_AGENT.test(line));
      const line = await running.line(isDue).catch(() => undefined);
      if (line === undefined) break;
      const at = running.lines.length;
      done += running.lines.slice(from, at).filter((each) => each.includes(DONE)).length;
      from = at;
      if (!kill(running, victim, line)) continue;
      kills[victim] += 1;
      if (total() % Math.ceil(wanted / 20) === 0) note(`${total()} kills, about ${done} tasks done`);
      isFatal = victim !== 'orchestrator' && victim !== 'agent';
      if (victim !== 'orchestrator') continue;
      crashes += 1;
      // Not before its successor has spoken there is somebody to hit again.
      await running.line((each, index) => index >= at && each.includes(STARTED)).catch(() => {});
    }
    const { code, stderr } = await running.end;
    done += running.lines.slice(from).filter((each) => each.includes(DONE)).length;
    if (code === null) continue;
    // Whoever starts it while the database is away is told so at once, and starts it again.
    if (stderr.includes('"STORE_UNREACHABLE"')) continue;
    if (code !== 0) throw new Error(`cw run ended with ${code}: ${stderr.slice(-2_000)}`);
    return kills;
  }
}

/** False when whoever was meant is gone: that is no kill. */
function kill(running: RunningCw, victim: Victim, line: string): boolean {
  try {
    const pid = pidOf(running, victim, line);
    // 0 and 1 are no process of ours.
    return (pid > 1 || pid < -1) && process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

function pidOf(running: RunningCw, victim: Victim, line: string): number {
  if (victim === 'all') return -running.pid;
  if (victim === 'launcher') return running.pid;
  if (victim === 'agent') return agentIn(line);
  const orchestrator = orchestratorOf(running);
  return victim === 'orchestrator' ? orchestrator : (processTable().row(orchestrator)?.ppid ?? 0);
}

/** The newest orchestrator of a run: a crashed one has a successor. */
function orchestratorOf(running: RunningCw): number {
  const started = running.lines.findLast((line) => line.includes(STARTED));
  return Number((JSON.parse(started ?? '{}') as PrintedEvent)['pid'] ?? 0);
}

/** The pid in the event of an agent's start, if that is still the same process. */
function agentIn(line: string): number {
  const { process: started } = JSON.parse(line) as { process: { pid: number; startTime: string } };
  const row = processTable().row(started.pid);
  return row?.startTime === started.startTime && !row.zombie ? started.pid : 0;
}
