import type { EventType, LoggedEvent } from '../../core/events/event.ts';
import type { NodeId, TaskId } from '../../core/ids.ts';
import type { Plan } from '../../core/roadmap/model.ts';
import { atWorkAt, GIVEN_UP, isBefore, type Life, lifeOf, shareFiles } from './lives.ts';

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
  ...GIVEN_UP,
];

export function takeAccount(events: readonly LoggedEvent[], plan: Plan): Account {
  const lives = plan.tasks.map((task) => lifeOf(task, events));
  const members = memberIndex(plan);
  const readyAt = readyTimes({ lives, members, startedAt: events[0]?.at ?? 0 });
  return {
    tasks: plan.tasks.length,
    merged: events.flatMap((event) => (event.type === 'merge.done' ? [event.task] : [])),
    unfinished: lives.filter(({ done }) => done === undefined).map(({ id }) => id),
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
    lockWaits: lives.flatMap((life) => lockWaits(life, { lives, readyAt: readyAt(life) })),
    violations: [...lockViolations(lives), ...orderViolations(lives, members)],
    mostAtOnce: Math.max(0, ...lives.flatMap(({ spans }) => spans).map((span) => atWorkAt(span, lives))),
    durationMs: (events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0),
  };
}

type Members = (need: NodeId) => readonly NodeId[];

/** The tasks behind a need: those of a gate, or the task itself. */
function memberIndex(plan: Plan): Members {
  const gates = new Map<NodeId, readonly NodeId[]>(plan.gates.map(({ id, members }) => [id, members]));
  return (need) => gates.get(need) ?? [need];
}

/** When the last task was merged that a task needs; the start of the run for one that needs none. */
function readyTimes(run: {
  lives: readonly Life[];
  members: Members;
  startedAt: number;
}): (life: Life) => number {
  const doneAt = new Map<NodeId, number>(run.lives.map(({ id, done }) => [id, done?.at ?? run.startedAt]));
  return ({ task }) =>
    Math.max(run.startedAt, ...task.needs.flatMap(run.members).map((id) => doneAt.get(id) ?? run.startedAt));
}

function lockWaits(life: Life, run: { lives: readonly Life[]; readyAt: number }): Account['lockWaits'] {
  const claimed = life.spans[0]?.from;
  if (claimed === undefined) return [];
  return run.lives
    .filter((other) => shareFiles(life, other))
    .flatMap(({ id, spans }) => {
      const before = spans.find(({ to }) => to !== undefined && to.at > run.readyAt && to.seq < claimed.seq);
      if (before === undefined) return [];
      return [{ task: life.id, behind: id, waitedMs: claimed.at - Math.max(run.readyAt, before.from.at) }];
    });
}

function lockViolations(lives: readonly Life[]): readonly string[] {
  return lives.flatMap((one, i) =>
    lives.slice(i + 1).flatMap((other) => {
      if (!shareFiles(one, other)) return [];
      if (!one.spans.some((a) => other.spans.some((b) => !isBefore(a, b) && !isBefore(b, a)))) return [];
      return [`${one.id} and ${other.id} write the same files at the same time`];
    }),
  );
}

function orderViolations(lives: readonly Life[], members: Members): readonly string[] {
  const doneSeq = new Map<NodeId, number>(
    lives.map(({ id, done }) => [id, done?.seq ?? Number.POSITIVE_INFINITY]),
  );
  return lives.flatMap(({ id, task, spans }) => {
    const began = spans[0]?.from.seq ?? Number.POSITIVE_INFINITY;
    return task.needs
      .flatMap(members)
      .filter((need) => began < (doneSeq.get(need) ?? 0))
      .map((need) => `${id} began before ${need}, which it needs, was merged`);
  });
}
