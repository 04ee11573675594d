import { setTimeout as pause } from 'node:timers/promises';
import { ORCHESTRATOR_MARKER } from '../src/adapters/process/marker.ts';
import { processTable } from '../src/adapters/process/process-table.ts';
import { addDescendants } from '../src/adapters/process/tree.ts';
import { openStore } from '../src/adapters/store/open.ts';
import type { LoggedEvent } from '../src/core/events/event.ts';
import type { TaskId } from '../src/core/ids.ts';
import type { Store } from '../src/core/tasks/ports.ts';
import type { OrchestratorRecord } from '../src/core/tasks/task.ts';
import type { RunningCw } from '../test/support/installed-cw.ts';
import type { Survivor } from './invariants.ts';

const LOOK_MS = 20;
/** Only a broken program keeps us waiting so long. */
const PATIENCE_MS = 40_000;
const PAGE = 5_000;

/** A task at work, under one of its attempts. */
export interface HeldTask {
  readonly id: TaskId;
  readonly attempt: number;
}

/** Where the members of a fleet come from: the first one has the number 0. */
export interface Recruits {
  start(member: number): Promise<RunningCw>;
  survivor(): Pick<Survivor, 'store'>;
}

/** Several shipped orchestrators at work on one project, and a look into their store. */
export class Fleet implements AsyncDisposable {
  readonly store: Store;
  readonly #recruits: Recruits;
  readonly #members: RunningCw[] = [];

  private constructor(recruits: Recruits, store: Store) {
    this.#recruits = recruits;
    this.store = store;
  }

  static async open(recruits: Recruits, size: number): Promise<Fleet> {
    const first = await recruits.start(0);
    // It makes the store.
    await first.line((line) => line.includes('"orchestrator.started"'));
    const fleet = new Fleet(recruits, await openStore(recruits.survivor().store));
    fleet.#members.push(first);
    for (let more = 1; more < size; more += 1) await fleet.enlist();
    return fleet;
  }

  async enlist(): Promise<void> {
    const member = await this.#recruits.start(this.#members.length);
    this.#members.push(member);
    await member.line((line) => line.includes('"orchestrator.started"'));
  }

  /** Those that hold tasks and have agents at work. */
  async busy(): Promise<readonly { one: OrchestratorRecord; tasks: readonly HeldTask[] }[]> {
    const started = new Set((await this.store.processes()).map(({ task }) => task));
    const tasks = await this.store.tasks({ states: ['running'] });
    return (await this.store.orchestrators()).map((one) => ({
      one,
      tasks: tasks.flatMap(({ id, owner, attempts: attempt }) =>
        owner === one.id && started.has(id) ? [{ id, attempt }] : [],
      ),
    }));
  }

  /** The launcher of each, in the order in which they came. */
  get launchers(): readonly number[] {
    return this.#members.map(({ pid }) => pid);
  }

  async isOver(): Promise<boolean> {
    const { byState, total } = await this.store.counts();
    return byState.done === total;
  }

  async events(after: number): Promise<readonly LoggedEvent[]> {
    const events: LoggedEvent[] = [];
    for (;;) {
      const page = await this.store.events(events.at(-1)?.seq ?? after, { limit: PAGE });
      events.push(...page);
      if (page.length < PAGE) return events;
    }
  }

  /** False when it does not come true in time. */
  async until(holds: () => Promise<boolean>, patienceMs = PATIENCE_MS): Promise<boolean> {
    for (const end = performance.now() + patienceMs; performance.now() < end; await pause(LOOK_MS)) {
      if (await holds()) return true;
    }
    return false;
  }

  /** When the plan is at its end, with the exit codes of those that lived to see it. */
  async end(): Promise<readonly (number | null)[]> {
    return (await Promise.all(this.#members.map(({ end }) => end))).map(({ code }) => code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.store.close();
    for (const member of this.#members) await member[Symbol.asyncDispose]();
  }
}

/** Ends everything of one `cw run` in the same moment, as a power cut does: launcher, guardian, orchestrator, agents. */
export function killFamily({ id, process: { pid } }: OrchestratorRecord): void {
  const rows = processTable().rows();
  const table = new Map(rows.map((row) => [row.pid, row]));
  const family = new Map<number, (typeof rows)[number]>();
  // Launcher and guardian are in the orchestrator's group, which the harness is not.
  const group = table.get(pid)?.pgid;
  for (const row of rows) if (row.pid === pid || row.pgid === group) family.set(row.pid, row);
  for (const [each, marker] of processTable().variable(ORCHESTRATOR_MARKER)) {
    const row = table.get(each);
    if (marker === id && row !== undefined) family.set(each, row);
  }
  addDescendants(family, rows);
  for (const each of family.keys()) signal(each, 'SIGSTOP');
  for (const each of family.keys()) signal(each, 'SIGKILL');
}

/** Nothing when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // It ended meanwhile.
  }
}
