import { ACTIVE_STATES, type TaskState } from '../../../core/tasks/states.ts';
import type { Task } from '../../../core/tasks/task.ts';

/** Places of the tasks that are looked for again and again; a task's place is its number in roadmap order. */
export interface TaskGroups {
  /** Somebody is at it, or it waits for an answer. In roadmap order. */
  readonly begun: readonly number[];
  /** It was begun and is back in the queue. In roadmap order. */
  readonly paused: readonly number[];
  /** In roadmap order. */
  readonly failed: readonly number[];
  /** Those that an agent was at, the newest first. */
  readonly newestFailed: readonly number[];
  readonly newestDone: readonly number[];
}

interface Group {
  readonly holds: (task: Task) => boolean;
  /** Does the first one come before the other? Absent: by their places. */
  readonly isBefore?: (a: Task, b: Task) => boolean;
}

const newest = (a: Task, b: Task): boolean => (a.finishedAt ?? 0) > (b.finishedAt ?? 0);

const GROUPS: Readonly<Record<keyof TaskGroups, Group>> = {
  begun: { holds: ({ state }) => isActive(state) || state === 'waiting_input' },
  paused: { holds: ({ state, attempts }) => state === 'pending' && attempts > 0 },
  failed: { holds: ({ state }) => state === 'failed' },
  newestFailed: { holds: ({ state, attempts }) => state === 'failed' && attempts > 0, isBefore: newest },
  newestDone: { holds: ({ state, attempts }) => state === 'done' && attempts > 0, isBefore: newest },
};

/** More than this many changes at once, and a group is made anew: that is cheaper then. */
const MANY = 64;

export function groupsOf(tasks: readonly Task[]): TaskGroups {
  return mapGroups((group) => groupOf(group, tasks));
}

/** The groups after the tasks at these places have changed. A group that none of them is in stays the same object. */
export function groupsAfter(
  groups: TaskGroups,
  places: readonly number[],
  { before, after }: { before: readonly Task[]; after: readonly Task[] },
): TaskGroups {
  return mapGroups((group, name) => {
    const holds = (tasks: readonly Task[], place: number): boolean => {
      const task = tasks[place];
      return task !== undefined && group.holds(task);
    };
    const left = places.filter((place) => holds(before, place));
    const come = places.filter((place) => holds(after, place));
    if (left.length === 0 && come.length === 0) return groups[name];
    if (left.length + come.length > MANY) return groupOf(group, after);
    const next = groups[name].slice();
    for (const place of left) next.splice(next.indexOf(place), 1);
    for (const place of come) next.splice(placeIn(next, place, { group, tasks: after }), 0, place);
    return next;
  });
}

function mapGroups(work: (group: Group, name: keyof TaskGroups) => readonly number[]): TaskGroups {
  const { begun, paused, failed, newestFailed, newestDone } = GROUPS;
  return {
    begun: work(begun, 'begun'),
    paused: work(paused, 'paused'),
    failed: work(failed, 'failed'),
    newestFailed: work(newestFailed, 'newestFailed'),
    newestDone: work(newestDone, 'newestDone'),
  };
}

function groupOf(group: Group, tasks: readonly Task[]): readonly number[] {
  const places: number[] = [];
  for (const [place, task] of tasks.entries()) if (group.holds(task)) places.push(place);
  return group.isBefore === undefined
    ? places
    : places.sort((a, b) => (isBefore(a, b, { group, tasks }) ? -1 : 1));
}

/** Where it belongs in a sorted list. */
function placeIn(
  sorted: readonly number[],
  place: number,
  order: { readonly group: Group; readonly tasks: readonly Task[] },
): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBefore(sorted[middle] ?? 0, place, order)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(
  a: number,
  b: number,
  { group, tasks }: { readonly group: Group; readonly tasks: readonly Task[] },
): boolean {
  const [one, other] = [tasks[a], tasks[b]];
  if (group.isBefore !== undefined && one !== undefined && other !== undefined) {
    if (group.isBefore(one, other)) return true;
    if (group.isBefore(other, one)) return false;
  }
  return a < b;
}

function isActive(state: TaskState): boolean {
  return (ACTIVE_STATES as readonly TaskState[]).includes(state);
}
