import type { NodeId, TaskId } from '../ids.ts';
import type { Plan } from '../roadmap/model.ts';
import { ACTIVE_STATES, type TaskState } from '../tasks/states.ts';

export interface Rename {
  readonly from: TaskId;
  readonly to: TaskId;
}

export interface Renames {
  /** To be made now, all at once: ids may go round in a circle. */
  readonly applied: readonly Rename[];
  /** They wait for the end of an attempt. */
  readonly deferred: readonly Rename[];
}

interface StoredName {
  readonly state: TaskState;
  /** What the task's `was` said at the last sync. */
  readonly was: readonly string[];
}

/**
 * Which of the plan's `was` are to be followed. One that stood there at the last sync was followed then; one that
 * names nothing, or whose new id belongs to another task that stays, has no effect. A rename of a task at work waits,
 * and so do those whose place it keeps. An archived task that stands in the way takes the id that becomes free.
 */
export function resolveRenames(plan: Plan, stored: ReadonlyMap<string, StoredName>): Renames {
  const wanted = candidates(plan, stored);
  if (wanted.size === 0) return { applied: [], deferred: [] };
  dropImpossible(wanted, plan, stored);
  const waiting = new Set<string>();
  const isWaiting = ({ from, to }: Rename) =>
    (ACTIVE_STATES as readonly (TaskState | undefined)[]).includes(stored.get(from)?.state) ||
    waiting.has(to);
  for (let grew = true; grew; ) {
    grew = false;
    for (const rename of wanted.values()) {
      if (waiting.has(rename.from) || !isWaiting(rename)) continue;
      waiting.add(rename.from);
      grew = true;
    }
  }
  const all = [...wanted.values()];
  const applied = all.filter(({ from }) => !waiting.has(from));
  return {
    applied: [...applied, ...displaced(applied, stored)],
    deferred: all.filter(({ from }) => waiting.has(from)),
  };
}

/** By the old id; each new id once. */
function candidates(plan: Plan, stored: ReadonlyMap<string, StoredName>): Map<string, Rename> {
  const wanted = new Map<string, Rename>();
  for (const { definition, was = [] } of plan.tasks) {
    const to = definition.id;
    const followed = stored.get(to)?.was ?? [];
    const from = was.find(
      (old) => old !== to && !wanted.has(old) && !followed.includes(old) && stored.has(old),
    );
    if (from !== undefined) wanted.set(from, { from: from as TaskId, to });
  }
  return wanted;
}

function dropImpossible(
  wanted: Map<string, Rename>,
  plan: Plan,
  stored: ReadonlyMap<string, StoredName>,
): void {
  const planned = new Set<string>(plan.tasks.map(({ definition }) => definition.id));
  for (let dropped = true; dropped; ) {
    dropped = false;
    const targets = new Set<string>([...wanted.values()].map(({ to }) => to));
    for (const { from, to } of wanted.values()) {
      const isStillItself = planned.has(from) && !targets.has(from);
      const holder = wanted.has(to) ? undefined : stored.get(to);
      if (!isStillItself && (holder === undefined || holder.state === 'archived')) continue;
      wanted.delete(from);
      dropped = true;
    }
  }
}

/** Archived tasks whose ids are taken get the ones that became free. */
function displaced(applied: readonly Rename[], stored: ReadonlyMap<string, StoredName>): Rename[] {
  const byTarget = new Map<string, TaskId>(applied.map(({ from, to }) => [to, from]));
  const sources = new Set<string>(applied.map(({ from }) => from));
  return applied.flatMap(({ from, to }) => {
    if (sources.has(to) || !stored.has(to)) return [];
    let free = from;
    for (let before = byTarget.get(free); before !== undefined; before = byTarget.get(free)) free = before;
    return { from: to, to: free };
  });
}

/** The plan with the ids that tasks still have while their rename waits. */
export function withOldIds(plan: Plan, deferred: readonly Rename[]): Plan {
  if (deferred.length === 0) return plan;
  const old = new Map<string, TaskId>(deferred.map(({ from, to }) => [to, from]));
  const task = (id: TaskId): TaskId => old.get(id) ?? id;
  const node = (id: NodeId): NodeId => old.get(id) ?? id;
  return {
    ...plan,
    tasks: plan.tasks.map((planned) => {
      const id = task(planned.definition.id);
      const needs = planned.needs.map(node);
      if (id === planned.definition.id) return { ...planned, needs };
      // Not followed yet, so what it `was` is not to be remembered as followed.
      const { was: _, ...rest } = planned;
      return { ...rest, definition: { ...planned.definition, id }, needs };
    }),
    gates: plan.gates.map(({ id, members }) => ({ id, members: members.map(task) })),
  };
}
