import type { Task } from '../../../core/tasks/task.ts';
import { money } from '../../cli/format.ts';
import { bar } from '../draw.ts';
import type { TaskTable } from '../project/task-table.ts';
import type { PartProgress } from '../project/tree.ts';
import type { PartPlace, TreeShape } from '../project/tree-shape.ts';
import type { ProjectView } from '../project/view.ts';
import { taskSign } from '../task-signs.ts';
import type { Ui } from '../ui.ts';
import { graphRows } from './graph-rows.ts';
import type { Row, Rows } from './list.ts';
import { memoised, memoisedPair } from './memoised.ts';
import { FACETS, filtered, isKept, type PlanFilter } from './plan-filter.ts';
import { partKey, type Unfolded, unfolded } from './unfolded.ts';

const BAR_COLUMNS = 8;

/** A row of the plan. */
export interface PlanRow extends Row {
  /** What is folded with it; absent where nothing stands in or below it. */
  readonly container?: string;
  /** Key of the row that it stands in or below. */
  readonly parent: string | undefined;
}

/** The plan as the person looks at it. */
export function planRows(view: ProjectView, ui: Pick<Ui, 'planAs' | 'folded' | 'filter'>): Rows<PlanRow> {
  return ui.planAs === 'tree' ? treeRows(view, ui) : graphRows(view, ui.folded);
}

/** Which row is which, with what is folded or filtered away left out; worked out once for a state of the tasks. */
const listed = memoisedPair((shape: TreeShape, folded: ReadonlySet<string>) =>
  memoised((tasks: TaskTable) => {
    const known = new Map<PlanFilter, Unfolded>();
    return (filter: PlanFilter): Unfolded => {
      const found = known.get(filter) ?? filtered(unfolded(shape, folded), filter, { shape, tasks });
      known.set(filter, found);
      return found;
    };
  }),
);

/** Ids of the tasks in a container, at any depth, that the filter keeps. */
export function tasksInPart(
  { tree: { shape }, tasks }: ProjectView,
  id: string,
  filter: PlanFilter,
): readonly string[] {
  const part = shape.parts.find((each) => each.id === id);
  if (part === undefined) return [];
  return Array.from(shape.rows.subarray(part.row, part.end)).flatMap((row) => {
    const task = row < 0 ? undefined : tasks.at(row);
    return task !== undefined && isKept(filter, task) ? [task.id] : [];
  });
}

function treeRows(
  { tree: { shape, progress }, tasks }: ProjectView,
  { folded, filter }: Pick<Ui, 'folded' | 'filter'>,
): Rows<PlanRow> {
  const { rows, partRows, taskRows } = listed(shape, folded)(tasks)(filter);
  const keyOf = (part: number): string | undefined => {
    const place = shape.parts[part];
    return place === undefined ? undefined : partKey(place);
  };
  const of = <Value>(
    index: number,
    value: { part: (part: PartPlace, number: number) => Value; task: (task: Task, place: number) => Value },
  ): Value | undefined => {
    const row = rows[index];
    if (row === undefined) return undefined;
    const part = row < 0 ? shape.parts[~row] : undefined;
    if (part !== undefined) return value.part(part, ~row);
    const task = tasks.at(row);
    return task === undefined ? undefined : value.task(task, row);
  };
  return {
    length: rows.length,
    at: (index) =>
      of<PlanRow>(index, {
        part: (part, number) =>
          partRow(part, progress[number], { isFolded: folded.has(part.id), parent: keyOf(part.parent) }),
        task: (task, place) => {
          const parent = shape.partOf[place] ?? -1;
          const depth = (shape.parts[parent]?.path.length ?? -1) + 1;
          return taskRow(task, { depth, parent: keyOf(parent) });
        },
      }),
    indexOf: (key) => {
      const place = tasks.placeOf(key);
      return (place === undefined ? partRows.get(key) : taskRows[place]) ?? -1;
    },
    textAt: (index) => of(index, { part: partText, task: taskText }) ?? '',
  };
}

function partText({ kind, id, title }: PartPlace): string {
  return title === id ? `${kind} ${id}` : `${kind} ${id}  ${title}`;
}

function taskText({ id, definition }: Task): string {
  return `${id}  ${definition.title}`;
}

function partRow(
  part: PartPlace,
  progress: PartProgress | undefined,
  { isFolded, parent }: { isFolded: boolean; parent: string | undefined },
): PlanRow {
  const { id, inserted, wave, path } = part;
  const { done, total, costUsd } = progress ?? { done: 0, total: 0, costUsd: 0 };
  const name = partText(part);
  return {
    key: partKey(part),
    container: id,
    parent,
    spans: ({ lines }) => [
      [`${'  '.repeat(path.length)}${isFolded ? lines.closed : lines.open} `, 'border'],
      [name, 'title'],
      ...(inserted === true ? ([[' inserted', 'notice']] as const) : []),
      ...(wave === undefined ? [] : ([[` wave ${wave}`, 'dim']] as const)),
    ],
    right: (theme) => [
      [' '],
      ...bar(total === 0 ? 0 : done / total, BAR_COLUMNS, theme),
      [` ${done}/${total}`, done === total ? 'done' : undefined],
      ...(costUsd > 0 ? ([[` ${money(costUsd)}`, 'dim']] as const) : []),
    ],
  };
}

function taskRow(task: Task, { depth, parent }: { depth: number; parent: string | undefined }): PlanRow {
  const { id, definition } = task;
  return {
    key: id,
    task: id,
    parent,
    spans: (theme) => {
      const { sign, why } = taskSign(task);
      return [
        [`${'  '.repeat(depth)}${theme.sign(sign)} `, sign],
        [id, sign === 'working' || sign === 'failed' || sign === 'waiting' ? sign : undefined],
        ...(definition.title === id ? [] : ([[`  ${definition.title}`, 'dim']] as const)),
        ...(why === undefined ? [] : ([[`  ${why}`, sign]] as const)),
      ];
    },
    right: () => {
      const { sign, word } = taskSign(task);
      return [[` ${word}`, sign]];
    },
  };
}

const numberKept = memoised((tasks: TaskTable) => {
  const known = new Map<PlanFilter, number>();
  return (filter: PlanFilter): number => {
    const number = known.get(filter) ?? tasks.list().filter((task) => isKept(filter, task)).length;
    known.set(filter, number);
    return number;
  };
});

/** What stands in the pane's title. */
export function planTitle(
  view: ProjectView,
  { planAs, filter, marked }: Pick<Ui, 'planAs' | 'filter' | 'marked'>,
): string {
  const { done, total } = view.totals;
  if (planAs === 'tree') {
    const chosen = marked.size === 0 ? '' : `, ${marked.size} marked`;
    if (filter === 'all') return `Plan ${done}/${total}${chosen}`;
    return `Plan ${FACETS[filter].word} ${numberKept(view.tasks)(filter)}${chosen}`;
  }
  const { order, left: lengths } = view.graph();
  const left = lengths[order[0] ?? -1] ?? 0;
  return left === 0 ? `Graph ${done}/${total}` : `Graph ${done}/${total}, critical path ${left}`;
}
