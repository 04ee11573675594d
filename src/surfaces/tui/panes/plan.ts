import type { Task } from '../../../core/tasks/task.ts';
import { money } from '../../cli/format.ts';
import { bar, type Span } from '../draw.ts';
import type { TaskGraph } from '../project/graph.ts';
import type { TaskTree, TreePart } from '../project/tree.ts';
import type { ProjectView } from '../project/view.ts';
import { taskSign } from '../task-signs.ts';
import type { Theme } from '../theme.ts';
import type { Ui } from '../ui.ts';
import type { Row } from './list.ts';
import { memoisedPair } from './memoised.ts';

const BAR_COLUMNS = 8;

/** A row of the plan. */
export interface PlanRow extends Row {
  /** Ids of the containers it stands in, from the outside in. */
  readonly path: readonly string[];
  /** Only containers can be folded. */
  readonly isContainer: boolean;
}

/** The plan as the person looks at it. */
export function planRows(
  view: ProjectView,
  { planAs, folded }: Pick<Ui, 'planAs' | 'folded'>,
): readonly PlanRow[] {
  return planAs === 'tree' ? treeRows(view.tasks, folded) : graphRows(view.graph, view.byId);
}

const treeRows = memoisedPair((tree: TaskTree, folded: ReadonlySet<string>): readonly PlanRow[] => {
  const rows: PlanRow[] = [];
  const add = (part: TreePart, path: readonly string[]): void => {
    const isFolded = folded.has(part.id);
    rows.push(partRow(part, path, isFolded));
    if (isFolded) return;
    const inner = [...path, part.id];
    for (const each of part.parts) add(each, inner);
    for (const task of part.tasks) rows.push(taskRow(task, inner));
  };
  for (const part of tree.parts) add(part, []);
  for (const task of tree.tasks) rows.push(taskRow(task, []));
  return rows;
});

function partRow(part: TreePart, path: readonly string[], isFolded: boolean): PlanRow {
  const { kind, id, title, done, total, inserted, wave, costUsd } = part;
  const name = title === id ? `${kind} ${id}` : `${kind} ${id}  ${title}`;
  return {
    key: `${kind}:${id}`,
    path,
    isContainer: true,
    text: name,
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

function taskRow(task: Task, path: readonly string[]): PlanRow {
  const { id, definition } = task;
  return {
    key: id,
    task: id,
    path,
    isContainer: false,
    text: `${id}  ${definition.title}`,
    spans: (theme) => {
      const { sign } = taskSign(task);
      return [
        [`${'  '.repeat(path.length)}${theme.sign(sign)} `, sign],
        [id, sign === 'working' || sign === 'failed' || sign === 'waiting' ? sign : undefined],
        ...(definition.title === id ? [] : ([[`  ${definition.title}`, 'dim']] as const)),
      ];
    },
    right: () => {
      const { sign, word } = taskSign(task);
      return [[` ${word}`, sign]];
    },
  };
}

const graphRows = memoisedPair((graph: TaskGraph, tasks: ReadonlyMap<string, Task>): readonly PlanRow[] => {
  const critical = new Set(graph.critical);
  return graph.chains.map((chain, index): PlanRow => {
    const isCritical = index === 0;
    const [head = ''] = chain.tasks;
    return {
      key: `chain:${head}`,
      task: head,
      path: [],
      isContainer: false,
      text: chain.tasks.join(' '),
      spans: (theme) => [
        [isCritical ? '* ' : '  ', 'critical'],
        ...chain.tasks.flatMap((id, at): Span[] => [
          ...(at === 0
            ? []
            : ([[` ${theme.lines.arrow} `, critical.has(id) ? 'critical' : 'border']] as const)),
          ...chainTask(id, { tasks, theme, isCritical: critical.has(id) }),
        ]),
      ],
      right: () => [[` ${chain.tasks.length} left`, isCritical ? 'critical' : 'dim']],
    };
  });
});

function chainTask(
  id: string,
  { tasks, theme, isCritical }: { tasks: ReadonlyMap<string, Task>; theme: Theme; isCritical: boolean },
): readonly Span[] {
  const task = tasks.get(id);
  const sign = task === undefined ? 'pending' : taskSign(task).sign;
  return [
    [`${theme.sign(sign)} `, sign],
    [id, isCritical ? 'critical' : sign],
  ];
}

/** What stands in the pane's title. */
export function planTitle(view: ProjectView, { planAs }: Pick<Ui, 'planAs'>): string {
  const { done, total } = view.totals;
  if (planAs === 'tree') return `Plan ${done}/${total}`;
  const left = view.graph.critical.length;
  return left === 0 ? `Graph ${done}/${total}` : `Graph ${done}/${total}, critical path ${left}`;
}
