import type { Task } from '../../../core/tasks/task.ts';
import { type Counted, countsAfter, countsOf, type StateCounts } from './counts.ts';
import { groupsAfter, groupsOf, type TaskGroups } from './task-groups.ts';

/**
 * All tasks in roadmap order. It never changes: another one is made of it, which shares all that is the same. A task's
 * place is its number in that order, from 0; it stays while no task comes or goes.
 */
export class TaskTable {
  readonly #list: readonly Task[];
  readonly #places: ReadonlyMap<string, number>;
  readonly groups: TaskGroups;
  readonly counts: StateCounts;

  private constructor(list: readonly Task[], places: ReadonlyMap<string, number>, known: Known) {
    this.#list = list;
    this.#places = places;
    this.groups = known.groups;
    this.counts = known.counts;
  }

  static of(tasks: readonly Task[]): TaskTable {
    // A task that left the roadmap while it is at work keeps its number, which another one may have by now.
    const list = tasks.toSorted((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
    const places = new Map<string, number>();
    for (const { id } of list) places.set(id, places.size);
    return new TaskTable(list, places, { groups: groupsOf(list), counts: countsOf(list) });
  }

  get size(): number {
    return this.#list.length;
  }

  get(id: string): Task | undefined {
    const place = this.#places.get(id);
    return place === undefined ? undefined : this.#list[place];
  }

  has(id: string): boolean {
    return this.#places.has(id);
  }

  at(place: number): Task | undefined {
    return this.#list[place];
  }

  placeOf(id: string): number | undefined {
    return this.#places.get(id);
  }

  /** In roadmap order. */
  list(): readonly Task[] {
    return this.#list;
  }

  /** The same with these tasks as they were read; those of `ids` that were not found are gone. */
  read(ids: ReadonlySet<string>, found: readonly Task[]): TaskTable {
    const known = [...ids].filter((id) => this.has(id));
    const isSamePlaces =
      found.length === known.length && found.every(({ id, order }) => this.get(id)?.order === order);
    if (isSamePlaces) return this.#with(found);
    const rest = this.#list.filter(({ id }) => !ids.has(id));
    return TaskTable.of([...rest, ...found]);
  }

  /** Places at which another task stands than in `before`; undefined when tasks came or went. */
  changedSince(before: TaskTable): readonly number[] | undefined {
    if (before.#places !== this.#places) return undefined;
    const changed: number[] = [];
    // A comparison of pointers: cheaper than to remember what every one of them came from.
    for (let place = 0; place < this.#list.length; place += 1) {
      if (this.#list[place] !== before.#list[place]) changed.push(place);
    }
    return changed;
  }

  #with(tasks: readonly Task[]): TaskTable {
    if (tasks.length === 0) return this;
    const list = this.#list.slice();
    const changed: Counted[] = [];
    const places: number[] = [];
    for (const task of tasks) {
      const place = this.#places.get(task.id) ?? 0;
      changed.push({ before: list[place] ?? task, after: task });
      places.push(place);
      list[place] = task;
    }
    return new TaskTable(list, this.#places, {
      groups: groupsAfter(this.groups, places, { before: this.#list, after: list }),
      counts: countsAfter(this.counts, changed),
    });
  }
}

interface Known {
  readonly groups: TaskGroups;
  readonly counts: StateCounts;
}
