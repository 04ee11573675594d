import type { OutlinePart } from '../../../core/roadmap/outline.ts';
import type { Task } from '../../../core/tasks/task.ts';
import type { TaskTable } from './task-table.ts';

/** A container and where it stands. */
export interface PartPlace extends Omit<OutlinePart, 'parts'> {
  /** Number of the container that it stands in, -1 for none. */
  readonly parent: number;
  /** Numbers of those that stand in it directly. */
  readonly inner: readonly number[];
  /** Ids of those that it stands in, from the outside in. */
  readonly path: readonly string[];
  /** Its row, that of the first task that stands in it directly, and the one behind all that is in it. */
  readonly row: number;
  readonly tasksFrom: number;
  readonly end: number;
}

/** What stands in what; it does not change while tasks only move on. Tasks are meant by their places in the table. */
export interface TreeShape {
  /** Each before what is in it. */
  readonly parts: readonly PartPlace[];
  /** Of each task, the number of the container that it stands in directly, -1 for none. */
  readonly partOf: Int32Array;
  /** All of it as a list from top to bottom: places of tasks, and `~number` for a container. */
  readonly rows: Int32Array;
  /** Of each task, where it is in `rows`. */
  readonly rowOf: Int32Array;
}

/** A container that the outline does not have is shown by its id, behind the others of what it stands in. */
export function treeShapeOf(tasks: TaskTable, outline: readonly OutlinePart[]): TreeShape {
  const placed = idsOf(outline);
  const own = new Map<string | undefined, number[]>();
  const strays: Strays = new Map();
  for (const [place, task] of tasks.list().entries()) {
    const path = pathOf(task);
    const at = path.at(-1)?.id;
    const list = own.get(at);
    if (list === undefined) own.set(at, [place]);
    else list.push(place);
    if (at !== undefined && !placed.has(at)) addStrays(strays, path, placed);
  }
  return new Listing(tasks.size, own).of(
    strays.size === 0 ? outline : withStrays(outline, undefined, strays),
  );
}

type Strays = Map<string | undefined, readonly OutlinePart[]>;

/** Adds what of a path has no place yet, by what it stands in. */
function addStrays(strays: Strays, path: readonly Container[], placed: Set<string>): void {
  for (const [depth, { kind, id }] of path.entries()) {
    if (placed.has(id)) continue;
    placed.add(id);
    const parent = path[depth - 1]?.id;
    const part: OutlinePart = { kind, id, title: id, parts: [] };
    strays.set(parent, [...(strays.get(parent) ?? []), part]);
  }
}

function withStrays(
  parts: readonly OutlinePart[],
  id: string | undefined,
  strays: Strays,
): readonly OutlinePart[] {
  return [...parts, ...(strays.get(id) ?? [])].map((part) => {
    return { ...part, parts: withStrays(part.parts, part.id, strays) };
  });
}

/** The tasks that stand in a container directly. */
export function placesIn({ parts, rows }: TreeShape, part: number): Int32Array {
  const { tasksFrom, end } = parts[part] ?? { tasksFrom: 0, end: 0 };
  return rows.subarray(tasksFrom, end);
}

class Listing {
  readonly #own: ReadonlyMap<string | undefined, readonly number[]>;
  readonly #partOf: Int32Array;
  readonly #rowOf: Int32Array;
  readonly #parts: PartPlace[] = [];
  readonly #rows: number[] = [];

  constructor(tasks: number, own: ReadonlyMap<string | undefined, readonly number[]>) {
    this.#own = own;
    this.#partOf = new Int32Array(tasks);
    this.#rowOf = new Int32Array(tasks);
  }

  of(parts: readonly OutlinePart[]): TreeShape {
    for (const part of parts) this.#addPart(part, -1, []);
    this.#addTasks(undefined, -1);
    const [partOf, rowOf, rows] = [this.#partOf, this.#rowOf, Int32Array.from(this.#rows)];
    return { parts: this.#parts, partOf, rows, rowOf };
  }

  #addPart({ parts, ...about }: OutlinePart, parent: number, path: readonly string[]): number {
    const number = this.#parts.length;
    const row = this.#rows.length;
    this.#rows.push(~number);
    const unfinished = { ...about, parent, path, row, inner: [], tasksFrom: row, end: row };
    this.#parts.push(unfinished);
    const inside = [...path, about.id];
    const inner = parts.map((each) => this.#addPart(each, number, inside));
    const tasksFrom = this.#rows.length;
    this.#addTasks(about.id, number);
    this.#parts[number] = { ...unfinished, inner, tasksFrom, end: this.#rows.length };
    return number;
  }

  #addTasks(id: string | undefined, part: number): void {
    for (const place of this.#own.get(id) ?? []) {
      this.#partOf[place] = part;
      this.#rowOf[place] = this.#rows.length;
      this.#rows.push(place);
    }
  }
}

type Container = Pick<OutlinePart, 'kind' | 'id'>;

/** The containers that a task stands in, from the outside in. */
function pathOf({ definition: { path } }: Task): readonly Container[] {
  const { initiative, phase, plan } = path;
  return [
    ...(initiative === undefined ? [] : [{ kind: 'initiative' as const, id: initiative }]),
    ...(phase === undefined ? [] : [{ kind: 'phase' as const, id: phase }]),
    ...(plan === undefined ? [] : [{ kind: 'plan' as const, id: plan }]),
  ];
}

function idsOf(outline: readonly OutlinePart[]): Set<string> {
  return new Set(outline.flatMap(({ id, parts }) => [id, ...idsOf(parts)]));
}
