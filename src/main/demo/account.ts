import { locksOverlap } from '../../core/dispatch/file-locks.ts';
import type { EventType, LoggedEvent } from '../../core/events/event.ts';
import type { NodeId, TaskId } from '../../core/ids.ts';
import type { Plan, PlannedTask } from '../../core/roadmap/model.ts';

/** What the event log says about a run of the demo. Times are ms. */
export interface Account {
  readonly tasks: number;
  readonly merged: readonly TaskId[];
  readonly unfinished: readonly TaskId[];
  readonly rejections: readonly { readonly task: TaskId; readonly by: string; readonly feedback: string }[];
  readonly conflicts: readonly {
    readonly task: TaskId;
    readonly files: readonly string[];
    readonly others: readonly TaskId[];
  }[];
  /** A task that was ready but had to wait for another one with the same files. */
  readonly lockWaits: readonly {
    readonly task: TaskId;
    readonly behind: TaskId;
    readonly waitedMs: number;
  }[];
  /** Pairs that were at work together although their files overlap, and tasks that did not wait for another. */
  readonly violations: readonly string[];
  readonly mostAtOnce: number;
  readonly durationMs: number;
}

/** The types of event that an account needs. */
export const ACCOUNTED: readonly EventType[] = [
  'roadmap.synced',
  'task.claimed',
  'step.finished',
  'merge.conflicted',
  'merge.done',
  'task.done',
];

/** When a task was at work, by the sequence numbers and times of its first claim and its end. */
interface Span {
  readonly task: PlannedTask;
  readonly claimed: LoggedEvent | undefined;
  readonly done: LoggedEvent | undefined;
}

export function takeAccount(events: readonly LoggedEvent[], plan: Plan): Account {
  const spans = plan.tasks.map((task) => spanOf(task, events));
  const members = memberIndex(plan);
  return {
    tasks: plan.tasks.length,
    merged: events.flatMap((event) => (event.type === 'merge.done' ? [event.task] : [])),
    unfinished: spans.filter(({ done }) => done === undefined).map(({ task }) => task.definition.id),
    rejections: events.flatMap((event) =>
      event.type === 'step.finished' && event.verdict === 'rejected'
        ? [{ task: event.task, by: event.agent, feedback: event.summary }]
        : [],
    ),
    conflicts: events.flatMap((event) =>
      event.type === 'merge.conflicted'
        ? [{ task: event.task, files: event.files, others: event.others }]
        : [],
    ),
    lockWaits: spans.flatMap((span) => lockWaits(span, { spans, members, events })),
    violations: [...lockViolations(spans), ...orderViolations(spans, members)],
    mostAtOnce: mostAtOnce(events),
    durationMs: (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0),
  };
}

function spanOf(task: PlannedTask, events: readonly LoggedEvent[]): Span {
  const { id } = task.definition;
  return {
    task,
    claimed: events.find((event) => event.type === 'task.claimed' && event.task === id),
    done: events.find((event) => event.type === 'task.done' && event.task === id),
  };
}

type Members = (need: NodeId) => readonly NodeId[];

/** The tasks behind a need: those of a gate, or the task itself. */
function memberIndex(plan: Plan): Members {
  const gates = new Map<NodeId, readonly NodeId[]>(plan.gates.map(({ id, members }) => [id, members]));
  return (need) => gates.get(need) ?? [need];
}

function lockWaits(
  { task, claimed }: Span,
  run: { spans: readonly Span[]; members: Members; events: readonly LoggedEvent[] },
): Account['lockWaits'] {
  if (claimed === undefined) return [];
  const needed = new Set(task.needs.flatMap(run.members));
  const readyAt = Math.max(
    run.events[0]?.at ?? 0,
    ...run.spans.flatMap(({ task: other, done }) =>
      needed.has(other.definition.id) && done !== undefined ? [done.at] : [],
    ),
  );
  return run.spans.flatMap((other) => {
    if (other.task === task || other.claimed === undefined || other.done === undefined) return [];
    if (!locksOverlap(task.definition.files, other.task.definition.files)) return [];
    if (other.done.at <= readyAt || other.done.seq > claimed.seq) return [];
    return [
      {
        task: task.definition.id,
        behind: other.task.definition.id,
        waitedMs: claimed.at - Math.max(readyAt, other.claimed.at),
      },
    ];
  });
}

function lockViolations(spans: readonly Span[]): readonly string[] {
  return spans.flatMap((one, i) =>
    spans.slice(i + 1).flatMap((other) => {
      if (!locksOverlap(one.task.definition.files, other.task.definition.files)) return [];
      if (isBefore(one, other) || isBefore(other, one)) return [];
      return [
        `${one.task.definition.id} and ${other.task.definition.id} write the same files at the same time`,
      ];
    }),
  );
}

function orderViolations(spans: readonly Span[], members: Members): readonly string[] {
  const byId = new Map<NodeId, Span>(spans.map((span) => [span.task.definition.id, span]));
  return spans.flatMap((span) =>
    span.task.needs.flatMap(members).flatMap((need) => {
      const other = byId.get(need);
      if (other === undefined || isBefore(other, span)) return [];
      return [`${span.task.definition.id} began before ${need}, which it needs, was merged`];
    }),
  );
}

/** Did the one end before the other began? A task that never began is behind everything. */
function isBefore(one: Span, other: Span): boolean {
  if (other.claimed === undefined) return true;
  return one.done !== undefined && one.done.seq < other.claimed.seq;
}

function mostAtOnce(events: readonly LoggedEvent[]): number {
  const atWork = new Set<TaskId>();
  let most = 0;
  for (const event of events) {
    if (event.type === 'task.claimed') atWork.add(event.task);
    if (event.type === 'task.done') atWork.delete(event.task);
    most = Math.max(most, atWork.size);
  }
  return most;
}
