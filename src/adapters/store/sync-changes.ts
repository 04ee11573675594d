import type { TaskId } from '../../core/ids.ts';
import type { Gate, Plan, PlannedTask, TaskDefinition } from '../../core/roadmap/model.ts';
import { ACTIVE_STATES, type TaskState } from '../../core/tasks/states.ts';

export interface StoredTask {
  readonly definition: string;
  readonly needs: string;
  readonly position: number;
  readonly chain: number;
  readonly state: TaskState;
  readonly leaving: number;
  readonly archived_from: TaskState | null;
}

/** A row to write, with its definition and needs as the JSON text that is stored and compared. */
export interface TaskRow {
  readonly task: PlannedTask;
  readonly definition: string;
  readonly needs: string;
  readonly isNew: boolean;
  readonly needsChanged: boolean;
}

/** `leaves` and `stays`: out of the roadmap and back while active. Otherwise an event, or the state to take. */
export interface Move {
  readonly id: TaskId;
  readonly to: 'leaves' | 'stays' | 'reset' | 'cancelled' | 'done' | TaskState;
}

export interface PlanChanges {
  readonly added: TaskId[];
  readonly changed: TaskId[];
  readonly removed: TaskId[];
  readonly unchanged: number;
  /** Rows that differ in any way; a new position alone does not make a task `changed`. */
  readonly rows: TaskRow[];
  readonly gates: Gate[];
  readonly removedGates: string[];
  readonly moves: Move[];
  readonly isEmpty: boolean;
}

/** What of the plan differs from what is stored. */
export function planChanges(
  plan: Plan,
  stored: ReadonlyMap<string, StoredTask>,
  storedGates: ReadonlyMap<string, string>,
): PlanChanges {
  const added: TaskId[] = [];
  const changed: TaskId[] = [];
  const removed: TaskId[] = [];
  const rows: TaskRow[] = [];
  const moves: Move[] = [];
  const planned = new Set<string>();

  for (const task of plan.tasks) {
    const { id } = task.definition;
    planned.add(id);
    const old = stored.get(id);
    const row = rowOf(task, old);
    if (old === undefined || old.state === 'archived') {
      added.push(id);
      rows.push(row);
      if (old !== undefined) moves.push({ id, to: returnState(old) });
      else if (task.definition.initialState === 'cancelled') moves.push({ id, to: 'cancelled' });
      else if (task.definition.initialState === 'done') moves.push({ id, to: 'done' });
      continue;
    }
    if (old.leaving === 1) moves.push({ id, to: 'stays' });
    if (old.definition !== row.definition || row.needsChanged) {
      changed.push(id);
      const move = editedStatus(old, task.definition);
      if (move !== undefined) moves.push({ id, to: move });
    }
    if (changed.at(-1) === id || old.position !== task.order || old.chain !== task.chain) rows.push(row);
  }
  for (const [id, old] of stored) {
    if (planned.has(id) || old.state === 'archived' || old.leaving === 1 || isAdHoc(old)) continue;
    removed.push(id as TaskId);
    moves.push({ id: id as TaskId, to: 'leaves' });
  }

  const gates = plan.gates.filter((gate) => storedGates.get(gate.id) !== JSON.stringify(gate.members));
  const kept = new Set<string>(plan.gates.map(({ id }) => id));
  const removedGates = [...storedGates.keys()].filter((id) => !kept.has(id));
  return {
    added,
    changed,
    removed,
    unchanged: plan.tasks.length - added.length - changed.length,
    rows,
    gates,
    removedGates,
    moves,
    isEmpty: [rows, gates, removedGates, moves].every((list) => list.length === 0),
  };
}

/** Was it added by itself? The roadmap has no say in such a task. */
function isAdHoc(task: StoredTask): boolean {
  return (JSON.parse(task.definition) as TaskDefinition).adHoc === true;
}

function rowOf(task: PlannedTask, old: StoredTask | undefined): TaskRow {
  const needs = JSON.stringify(task.needs);
  // The needs of an archived task were taken out of the graph.
  const needsChanged =
    old === undefined || old.state === 'archived' || old.leaving === 1 || old.needs !== needs;
  return { task, definition: JSON.stringify(task.definition), needs, isNew: old === undefined, needsChanged };
}

/** A task that comes back is what it was: what is done needs no second time. */
function returnState(old: StoredTask): TaskState {
  const { archived_from: before } = old;
  return before === 'done' || before === 'failed' || before === 'skipped' || before === 'cancelled'
    ? before
    : 'pending';
}

/** A status that a person changed in the file counts; one that stands there since the last sync does not. */
function editedStatus(old: StoredTask, definition: TaskDefinition): Move['to'] | undefined {
  const before = (JSON.parse(old.definition) as TaskDefinition).initialState ?? 'pending';
  const after = definition.initialState ?? 'pending';
  if (before === after || (ACTIVE_STATES as readonly TaskState[]).includes(old.state)) return undefined;
  switch (after) {
    case 'done':
      return old.state === 'pending' ? 'done' : undefined;
    case 'cancelled':
      return ['pending', 'waiting_input', 'blocked'].includes(old.state) ? 'cancelled' : undefined;
    case 'pending':
      return ['failed', 'skipped', 'cancelled'].includes(old.state) ? 'reset' : undefined;
  }
}
