import type { TaskId } from '../../core/ids.ts';
import {
  changedFields,
  type FieldChange,
  isTold,
  type TaskField,
} from '../../core/roadmap/changed-fields.ts';
import type { Gate, Plan, PlannedTask, TaskDefinition } from '../../core/roadmap/model.ts';
import { heldRemoval, isOpen } from '../../core/syncing/hold.ts';
import type { HeldRemoval } from '../../core/syncing/ports.ts';
import { type Rename, resolveRenames, withOldIds } from '../../core/syncing/renames.ts';
import { statusEdit } from '../../core/syncing/status-edit.ts';
import type { SyncEffect, SyncOptions, TaskDifference } from '../../core/tasks/ports.ts';
import { ACTIVE_STATES, isFinal, type TaskState } from '../../core/tasks/states.ts';
import { digestOf, isAdHoc, positionIn, sameNeeds } from './digest.ts';
import { definitionColumn, parseColumn, stringsColumn, textsColumn } from './json-column.ts';
import { needCounts } from './need-counts.ts';
import type { Session } from './session.ts';
import {
  detailsOf,
  finishedIn,
  pendingIn,
  type StoredPlan,
  type StoredTask,
  type TaskDetails,
} from './sync-read.ts';

/** A row to write, with its definition and needs as the JSON text that is stored. */
export interface TaskRow {
  readonly task: PlannedTask;
  readonly definition: string;
  readonly needs: string;
  readonly digest: string;
  readonly pendingNeeds: number;
  readonly was: string | null;
  readonly place: string | null;
  readonly isNew: boolean;
  readonly needsChanged: boolean;
}

/** The state that a task takes, or what becomes of one that leaves: `stops` takes it from its orchestrator. */
export interface Move {
  readonly id: TaskId;
  readonly to: 'leaves' | 'stops' | 'stays' | 'reset' | 'reopened' | TaskState;
}

/** An edit of a task that was begun by the older definition. */
export interface Edit {
  readonly id: TaskId;
  readonly fields: readonly TaskField[];
  /** As it is stored. */
  readonly stale: string | null;
}

export interface PlanChanges {
  /** With the ids that tasks have after the sync. */
  readonly plan: Plan;
  readonly added: readonly TaskId[];
  readonly changed: readonly TaskId[];
  readonly removed: readonly TaskId[];
  readonly renamed: readonly Rename[];
  readonly deferred: readonly Rename[];
  readonly unchanged: number;
  /** Rows that differ in any way; a new position alone does not make a task `changed`. */
  readonly rows: readonly TaskRow[];
  readonly gates: readonly (Gate & { readonly pending: number; readonly isNew: boolean })[];
  readonly removedGates: readonly string[];
  /** What other tasks and gates wait for now. */
  readonly counts: { readonly tasks: readonly NeedCount[]; readonly gates: readonly NeedCount[] };
  readonly moves: readonly Move[];
  readonly edits: readonly Edit[];
  readonly held: HeldRemoval | undefined;
  /** Tasks that are not over once the changes are made. */
  readonly open: number;
  readonly differences: readonly Difference[];
  readonly isEmpty: boolean;
}

export interface NeedCount {
  readonly id: string;
  readonly pending: number;
}

/** The title of a removed task is in the store. */
export type Difference = Omit<TaskDifference, 'title'> & { readonly title: string | undefined };

/** A task of the plan beside its row, where the two differ. */
interface Pair {
  readonly task: PlannedTask;
  readonly old: StoredTask | undefined;
  readonly digest: string;
  readonly was: string | null;
}

/** What of the plan differs from what is stored, and what follows. Reads details only of tasks that differ. */
export async function planChanges(
  session: Session,
  wanted: Plan,
  stored: StoredPlan,
  options: SyncOptions,
): Promise<PlanChanges> {
  const { applied, deferred } = resolveRenames(wanted, namesOf(wanted, stored));
  const plan = withOldIds(wanted, deferred);
  const known = renamedRows(stored.tasks, applied);
  const { pairs, leftover } = compare(plan, known, stored);
  const details = await detailsOf(session, [
    ...pairs.flatMap(({ old }) => old?.id ?? []),
    ...applied.map(({ from }) => from),
  ]);
  const follow = new Map<string, string>([
    ...(plan.renamedContainers ?? []),
    ...applied.map(({ from, to }) => [from, to] as const),
  ]);
  const oldIds = new Map<string, TaskId>(applied.map(({ from, to }) => [to, from]));
  const judged = pairs.map((pair) => {
    const row = pair.old === undefined ? undefined : details.get(pair.old.id);
    return judge(pair, { row, follow, from: oldIds.get(pair.task.definition.id) });
  });
  const leaving = removals(leftover, options);
  const gates = changedGates(plan, stored);
  const moves: Move[] = [...judged.flatMap((one) => one.moves), ...leaving.map(({ id, to }) => ({ id, to }))];
  const touchesGraph =
    moves.length > 0 ||
    gates.changed.length > 0 ||
    gates.removed.length > 0 ||
    judged.some(({ needsChanged }) => needsChanged);
  const counts = touchesGraph ? needCounts(plan, await finishedAfter(session, moves, oldIds)) : undefined;
  const places = placesOf(judged, { stored, known, details, applied });
  const rows = judged.map(
    ({ task, row, digest, was, needsChanged }): TaskRow => ({
      task,
      definition: JSON.stringify(task.definition),
      needs: JSON.stringify(task.needs),
      digest,
      pendingNeeds: counts?.tasks.get(task.definition.id) ?? row?.pending_needs ?? 0,
      was,
      place: places.get(task.definition.id) ?? null,
      isNew: row === undefined,
      needsChanged,
    }),
  );
  const added = idsOf(judged, ({ kind }) => kind === 'added' || kind === 'returns');
  const changed = idsOf(judged, ({ kind }) => kind === 'changed');
  const edits = judged.flatMap(({ edit }) => edit ?? []);
  return {
    plan,
    added,
    changed,
    removed: leaving.map(({ id }) => id),
    renamed: applied,
    deferred,
    unchanged: plan.tasks.length - added.length - changed.length,
    rows,
    gates: gates.changed.map((gate) => ({ ...gate, pending: counts?.gates.get(gate.id) ?? 0 })),
    removedGates: gates.removed,
    counts: {
      tasks:
        counts === undefined
          ? []
          : differentCounts(await pendingIn(session), { counts: counts.tasks, rows, oldIds, known }),
      gates: counts === undefined ? [] : differentGates(stored, counts.gates, gates.changed),
    },
    moves,
    edits,
    held: heldRemoval(
      [...stored.tasks.values()].filter(isPlannedOpen).length,
      leaving.flatMap(({ id, state }) => (isOpen(state) ? id : [])),
    ),
    open: openAfter(plan, known, moves),
    differences: [
      ...judged.flatMap(({ difference }) => difference ?? []),
      ...deferred.map((rename) => waiting(rename, known)),
      ...leaving.map(removedOne),
    ],
    isEmpty: [rows, gates.changed, gates.removed, moves, applied].every((list) => list.length === 0),
  };
}

/** Finds what differs in any way, and which rows the plan does not have. */
function compare(
  plan: Plan,
  known: ReadonlyMap<string, StoredTask>,
  { names, withoutDigest }: StoredPlan,
): { pairs: Pair[]; leftover: Leftover[] } {
  const pairs: Pair[] = [];
  let found = 0;
  for (const task of plan.tasks) {
    const old = known.get(task.definition.id);
    if (old !== undefined) found += 1;
    const was = task.was === undefined || task.was.length === 0 ? null : JSON.stringify(task.was);
    const digest = digestOf(task);
    const isSame =
      old !== undefined &&
      old.digest === digest &&
      old.state !== 'archived' &&
      old.state !== 'leaving' &&
      old.id === task.definition.id &&
      (was === null && names.size === 0 ? true : (names.get(old.id)?.was ?? null) === was) &&
      (withoutDigest.size === 0 || !withoutDigest.has(old.id));
    if (!isSame) pairs.push({ task, old, digest, was });
  }
  if (found === known.size) return { pairs, leftover: [] };
  const planned = new Set<string>(plan.tasks.map(({ definition }) => definition.id));
  return {
    pairs,
    leftover: [...known].flatMap(([id, row]) => (planned.has(id) ? [] : { id: id as TaskId, row })),
  };
}

interface Leftover {
  readonly id: TaskId;
  readonly row: StoredTask;
}

interface Judged extends Pair {
  readonly kind: TaskDifference['kind'] | 'same';
  readonly row: TaskDetails | undefined;
  readonly needsChanged: boolean;
  readonly moves: readonly Move[];
  readonly edit: Edit | undefined;
  readonly difference: Difference | undefined;
}

/** What a sync makes of one task of the plan. */
function judge(
  pair: Pair,
  about: { row: TaskDetails | undefined; follow: ReadonlyMap<string, string>; from: TaskId | undefined },
): Judged {
  const { row, from } = about;
  const { id, title } = pair.task.definition;
  if (pair.old === undefined || row === undefined) return added(pair);
  const { old, task, digest } = pair;
  const returns = old.state === 'archived';
  const state = returns ? returnState(row) : stateOf(old);
  const before = parseColumn(definitionColumn, row.definition, { table: 'tasks', key: row.id });
  const fields = fieldsOf(before, { row, task, follow: about.follow });
  const edited = statusEdit(
    { state, attempts: row.attempts, isIntended: row.intent_commit !== null },
    before.initialState,
    task.definition.initialState,
  );
  const moves: Move[] = [];
  if (returns) moves.push({ id, to: state });
  if (old.state === 'leaving') moves.push({ id, to: 'stays' });
  if (edited !== undefined) moves.push({ id, to: edited });
  const edit = fields.length === 0 ? undefined : editOf({ id, row, state, fields });
  const kind = returns ? 'returns' : fields.length > 0 ? 'changed' : 'same';
  const shown = from !== undefined && !returns ? 'renamed' : kind;
  const difference: Difference | undefined =
    shown === 'same' && old.state !== 'leaving'
      ? undefined
      : {
          kind: shown === 'same' ? 'returns' : shown,
          id,
          ...(from === undefined ? {} : { from }),
          title,
          state: stateOf(old),
          fields,
          effects: effectsOf({ state, edit, edited, fields }),
        };
  const needsChanged = returns || old.state === 'leaving' || !sameNeeds(old.digest, digest);
  return { ...pair, kind, row, needsChanged, moves, edit, difference };
}

function added(pair: Pair): Judged {
  const { id, title, initialState } = pair.task.definition;
  const to = initialState === 'done' || initialState === 'cancelled' ? initialState : undefined;
  return {
    ...pair,
    kind: 'added',
    row: undefined,
    needsChanged: true,
    moves: to === undefined ? [] : [{ id, to }],
    edit: undefined,
    difference: { kind: 'added', id, title, fields: [], effects: [to ?? 'applies'] },
  };
}

/** The fields that a person would call changed; needs that changed around it count as its own. */
function fieldsOf(
  before: TaskDefinition,
  { row, task, follow }: { row: TaskDetails; task: PlannedTask; follow: ReadonlyMap<string, string> },
): readonly FieldChange[] {
  const fields = changedFields(before, task.definition, follow);
  if (fields.some(({ field }) => field === 'depends_on')) return fields;
  const needs = parseColumn(stringsColumn, row.needs, { table: 'tasks', key: row.id }).map((need) =>
    followed(need, follow),
  );
  const [old, now] = [needs.toSorted().join(), task.needs.toSorted().join()];
  if (old === now) return fields;
  return [...fields, { field: 'depends_on', before: needs.join(', '), after: task.needs.join(', ') }];
}

/** A gate is called by its container: `gate:<container>` or `gate:<container>#<wave>`. */
function followed(need: string, follow: ReadonlyMap<string, string>): string {
  if (follow.size === 0) return need;
  if (!need.startsWith('gate:')) return follow.get(need) ?? need;
  const [container = '', wave] = need.slice('gate:'.length).split('#');
  const name = follow.get(container) ?? container;
  return `gate:${name}${wave === undefined ? '' : `#${wave}`}`;
}

/** Somebody has worked by the older definition, and the work is not over. */
function editOf(edit: {
  id: TaskId;
  row: TaskDetails;
  state: TaskState;
  fields: readonly FieldChange[];
}): Edit | undefined {
  const { id, row, state, fields } = edit;
  if (row.attempts === 0 || isSettled(state)) return undefined;
  const stale = new Map(
    Object.entries(parseColumn(textsColumn, row.stale ?? '{}', { table: 'tasks', key: row.id })) as [
      TaskField,
      string,
    ][],
  );
  for (const { field, before, after } of fields) {
    if (!isTold(field)) continue;
    const knows = stale.get(field) ?? before;
    if (knows === after) stale.delete(field);
    else stale.set(field, knows);
  }
  return {
    id,
    fields: fields.map(({ field }) => field),
    stale: stale.size === 0 ? null : JSON.stringify(Object.fromEntries(stale)),
  };
}

function isSettled(state: TaskState): boolean {
  return state === 'done' || state === 'skipped';
}

function effectsOf(about: {
  state: TaskState;
  edit: Edit | undefined;
  edited: Move['to'] | undefined;
  fields: readonly FieldChange[];
}): SyncEffect[] {
  const { state, edit, edited, fields } = about;
  const others = fields.filter(({ field }) => field !== 'status');
  const effects: SyncEffect[] = [];
  if (others.length > 0 || fields.length === 0) {
    if (fields.length > 0 && isSettled(state)) effects.push('none');
    else effects.push(others.some(({ field }) => isTold(field)) && edit !== undefined ? 'stale' : 'applies');
  }
  if (edited === 'done' || edited === 'cancelled') effects.push(edited);
  else if (edited !== undefined) effects.push('reset');
  else if (others.length < fields.length && effects.length === 0) effects.push('none');
  return effects;
}

interface Removal {
  readonly id: TaskId;
  readonly state: TaskState;
  readonly to: 'leaves' | 'stops' | 'archived';
}

function removals(leftover: readonly Leftover[], { onRemoved }: SyncOptions): Removal[] {
  return leftover
    .filter(({ row }) => row.state !== 'archived' && row.state !== 'leaving' && !isAdHoc(row.digest))
    .sort((a, b) => positionIn(a.row.digest) - positionIn(b.row.digest))
    .map(({ id, row }) => {
      const state = stateOf(row);
      // What is being merged is as good as finished.
      const stops = onRemoved === 'cancel' && state !== 'merging';
      return { id, state, to: !isActive(state) ? 'archived' : stops ? 'stops' : 'leaves' };
    });
}

const REMOVAL_EFFECTS = { leaves: 'drains', stops: 'stopped', archived: 'archived' } as const;

function removedOne({ id, to, state }: Removal): Difference {
  return { kind: 'removed', id, title: undefined, state, fields: [], effects: [REMOVAL_EFFECTS[to]] };
}

function waiting({ from, to }: Rename, known: ReadonlyMap<string, StoredTask>): Difference {
  const row = known.get(from);
  return {
    kind: 'renamed',
    id: to,
    from,
    title: undefined,
    ...(row === undefined ? {} : { state: stateOf(row) }),
    fields: [],
    effects: ['waits'],
  };
}

/** Nothing for a plan without renames. */
function namesOf(
  plan: Plan,
  { tasks, names }: StoredPlan,
): ReadonlyMap<string, { state: TaskState; was: readonly string[] }> {
  if (!plan.tasks.some(({ was }) => was !== undefined && was.length > 0)) return new Map();
  return new Map(
    [...tasks].map(([id, row]) => {
      const was = names.get(id)?.was ?? null;
      return [
        id,
        {
          state: stateOf(row),
          was: was === null ? [] : parseColumn(stringsColumn, was, { table: 'tasks', key: id }),
        },
      ];
    }),
  );
}

/** The rows by the ids that they will have. */
function renamedRows(
  tasks: ReadonlyMap<string, StoredTask>,
  applied: readonly Rename[],
): ReadonlyMap<string, StoredTask> {
  if (applied.length === 0) return tasks;
  const rows = new Map(tasks);
  for (const { from } of applied) rows.delete(from);
  for (const { from, to } of applied) rows.set(to, tasks.get(from) as StoredTask);
  return rows;
}

function changedGates(
  plan: Plan,
  stored: StoredPlan,
): { changed: (Gate & { isNew: boolean })[]; removed: string[] } {
  const kept = new Set<string>();
  const changed: (Gate & { isNew: boolean })[] = [];
  for (const gate of plan.gates) {
    kept.add(gate.id);
    const old = stored.gates.get(gate.id);
    if (old?.members !== JSON.stringify(gate.members)) changed.push({ ...gate, isNew: old === undefined });
  }
  return { changed, removed: [...stored.gates.keys()].filter((id) => !kept.has(id)) };
}

/** Which tasks dependents count as finished once the moves are made, by the ids that they will have. */
async function finishedAfter(
  session: Session,
  moves: readonly Move[],
  oldIds: ReadonlyMap<string, TaskId>,
): Promise<Set<string>> {
  const stored = await finishedIn(session);
  const finished = new Set(stored);
  for (const from of oldIds.values()) finished.delete(from);
  for (const [to, from] of oldIds) if (stored.has(from)) finished.add(to);
  for (const { id, to } of moves) {
    if (to === 'done') finished.add(id);
    if (to === 'reopened') finished.delete(id);
  }
  return finished;
}

/** Counts that differ, of tasks whose row is not written anyway; what is not in the plan waits for nothing. */
function differentCounts(
  pending: ReadonlyMap<string, number>,
  about: {
    counts: ReadonlyMap<string, number>;
    rows: readonly TaskRow[];
    oldIds: ReadonlyMap<string, TaskId>;
    known: ReadonlyMap<string, StoredTask>;
  },
): NeedCount[] {
  const { counts, rows, oldIds, known } = about;
  const written = new Set<string>(rows.map(({ task }) => task.definition.id));
  const different: NeedCount[] = [];
  for (const id of known.keys()) {
    const now = counts.get(id) ?? 0;
    if (now !== (pending.get(oldIds.get(id) ?? id) ?? 0) && !written.has(id))
      different.push({ id, pending: now });
  }
  return different;
}

function differentGates(
  stored: StoredPlan,
  counts: ReadonlyMap<string, number>,
  changed: readonly Gate[],
): NeedCount[] {
  const written = new Set<string>(changed.map(({ id }) => id));
  return [...counts].flatMap(([id, pending]) => {
    const old = stored.gates.get(id);
    return old === undefined || old.pending === pending || written.has(id) ? [] : { id, pending };
  });
}

/**
 * The places of the tasks to write that are not their ids. A task that was begun keeps what it was called then; a
 * new one whose id names the branch and worktree of another gets a place that nobody has.
 */
function placesOf(
  judged: readonly Judged[],
  about: {
    stored: StoredPlan;
    known: ReadonlyMap<string, StoredTask>;
    details: ReadonlyMap<string, TaskDetails>;
    applied: readonly Rename[];
  },
): Map<string, string> {
  const { stored, known, details, applied } = about;
  const places = new Map<string, string>();
  if (stored.names.size === 0 && applied.length === 0) return places;
  const renamed = new Map<string, TaskId>(applied.map(({ from, to }) => [from, to]));
  for (const { id, place } of stored.names.values()) {
    if (place !== null) places.set(renamed.get(id) ?? id, place);
  }
  for (const { from, to } of applied) {
    if (!places.has(to) && (details.get(from)?.attempts ?? 0) > 0) places.set(to, from);
  }
  const taken = new Set(places.values());
  for (const { task, row } of judged) {
    const { id } = task.definition;
    if (!taken.has(id) || places.has(id) || (row?.attempts ?? 0) > 0) continue;
    let n = 2;
    while (taken.has(`${id}.${n}`) || known.has(`${id}.${n}`)) n += 1;
    places.set(id, `${id}.${n}`);
    taken.add(`${id}.${n}`);
  }
  for (const [id, place] of places) if (place === id) places.delete(id);
  return places;
}

function idsOf(judged: readonly Judged[], matches: (one: Judged) => boolean): TaskId[] {
  return judged.filter(matches).map(({ task }) => task.definition.id);
}

/** How many tasks of the plan are not over once the changes are made. */
function openAfter(plan: Plan, known: ReadonlyMap<string, StoredTask>, moves: readonly Move[]): number {
  const moved = new Map(moves.map(({ id, to }) => [id as string, to]));
  let open = 0;
  for (const { definition } of plan.tasks) {
    const to = moved.get(definition.id);
    const row = known.get(definition.id);
    const stays = to === 'reset' || to === 'reopened' || to === 'stays';
    const state = row === undefined ? 'pending' : stateOf(row);
    if (stays || !isFinal((to as TaskState | undefined) ?? state)) open += 1;
  }
  return open;
}

function isPlannedOpen({ state, digest }: StoredTask): boolean {
  return state !== 'leaving' && isOpen(state) && !isAdHoc(digest);
}

/** A task that comes back is what it was: what is done needs no second time. */
function returnState({ archived_from: before }: TaskDetails): TaskState {
  return before === 'done' || before === 'failed' || before === 'skipped' || before === 'cancelled'
    ? before
    : 'pending';
}

function stateOf({ state }: StoredTask): TaskState {
  return state === 'leaving' ? 'running' : state;
}

function isActive(state: TaskState): boolean {
  return (ACTIVE_STATES as readonly TaskState[]).includes(state);
}
