import type { Updateable } from 'kysely';
import type { NewEvent } from '../../../core/events/event.ts';
import type { TaskId } from '../../../core/ids.ts';
import { ACTIVE_STATES, mayMove, type TaskState } from '../../../core/tasks/states.ts';
import type { MergeState, Subject } from '../ahead.ts';
import { prepared } from '../prepared.ts';
import type { Write } from '../session.ts';
import type { TasksTable } from '../tables.ts';

type Patch = Updateable<TasksTable>;

/** What is over rests anyhow. One that leaves the roadmap is what it was when it comes back. */
const ENDS_PAUSE: ReadonlySet<TaskState> = new Set(['done', 'failed', 'skipped', 'cancelled']);

/** One update for each set of columns that events ever change together. */
const updates = new Map<string, ReturnType<typeof updateOf>>();

function updateOf(columns: readonly string[]) {
  return prepared((db, values: Record<string, string> & { id: string }, { project }) =>
    db
      .updateTable('tasks')
      .set(Object.fromEntries(columns.map((column) => [column, values[column]])))
      .where('project_id', '=', project)
      .where('id', '=', values.id),
  );
}

/**
 * One task while events change it: its row as it stands after the events so far, the columns to write, and the
 * facts to log, which are the events and what follows from them.
 */
export class TaskChange {
  readonly tx: Write;
  readonly id: TaskId;
  readonly row: Subject;
  readonly facts: NewEvent[] = [];
  /** Nobody stopped the attempt's processes: its steps stay listed as running, for the boot sweep. */
  stepsLive = false;
  #patch: Patch = {};

  constructor(tx: Write, id: TaskId, row: Subject) {
    this.tx = tx;
    this.id = id;
    this.row = row;
  }

  /** Reads the task and holds it until the transaction ends. */
  static async begin(tx: Write, id: TaskId): Promise<TaskChange | undefined> {
    const row = await tx.ahead.subject(tx, id);
    return row === undefined ? undefined : new TaskChange(tx, id, row);
  }

  get isActive(): boolean {
    return (ACTIVE_STATES as readonly TaskState[]).includes(this.row.state);
  }

  /** Checks the move against the states' diagram: an illegal one is a bug and undoes the transaction. */
  move(to: TaskState): void {
    const { state } = this.row;
    if (state === to) return;
    if (!mayMove(state, to)) throw new Error(`Task ${this.id} may not move from ${state} to ${to}`);
    if (state === 'pending' || to === 'pending') this.tx.ahead.forgetDispatch();
    this.row.state = to;
    this.#patch.state = to;
    if (this.row.paused_at !== null && ENDS_PAUSE.has(to)) {
      this.row.paused_at = null;
      this.set({ paused_at: null, paused_by: null, paused_for: null });
    }
  }

  set(patch: Patch): void {
    Object.assign(this.#patch, patch);
  }

  setMerge(state: MergeState | null, at: number | null): void {
    this.row.merge_state = state;
    this.set({ merge_state: state, merge_at: at });
  }

  /** Writes the columns that changed; queries about other tasks that read this one come after it. */
  flush(): void {
    const columns = Object.keys(this.#patch).sort();
    if (columns.length === 0) return;
    const key = columns.join();
    let update = updates.get(key);
    if (update === undefined) {
      update = updateOf(columns);
      updates.set(key, update);
    }
    update.post(this.tx, { ...(this.#patch as Record<string, string>), id: this.id });
    this.#patch = {};
  }
}
