import type { NewItem, RoadmapEdit, TaskFields } from '../roadmap/edits.ts';
import { present } from '../source/present.ts';
import type { Proposal, ProposedChange, ProposedGroup, ProposedTask } from './proposal.ts';

/**
 * A proposal as one edit of the roadmap file: new phases and plans with what is in them, new tasks, changed ones, and
 * those that go. `issues` are the titles of what the goal was made from, for the notes of tasks that name them.
 */
export function proposalEdit(proposal: Proposal, issues: readonly string[]): RoadmapEdit {
  const tasks = inOrder(proposal);
  const groups = new Map(proposal.groups.map((group) => [group.id, group]));
  const contents = (id: string): NewItem => {
    const plans = proposal.groups.filter(({ into }) => into === id);
    const inside = tasks.filter(({ group }) => group === id).map((task) => taskItem(task, issues));
    return present({
      plans: plans.length === 0 ? undefined : plans.map((plan) => groupItem(plan, contents(plan.id))),
      tasks: inside.length === 0 ? undefined : inside,
    });
  };
  const outer = proposal.groups.filter(({ into }) => into === undefined || !groups.has(into));
  const loose = tasks.filter(({ group }) => group === undefined || !groups.has(group));
  return {
    kind: 'all',
    edits: [
      ...byPlace(outer, ({ level, into }) => ({ level, into })).map(({ place, all }) => ({
        kind: 'insert' as const,
        level: place.level,
        items: all.map((group) => groupItem(group, contents(group.id))),
        ...present({ into: place.into }),
      })),
      ...byPlace(loose, ({ group: into }) => ({ into })).map(({ place, all }) => ({
        kind: 'insert' as const,
        level: 'task' as const,
        items: all.map((task) => taskItem(task, issues)),
        ...present({ into: place.into }),
      })),
      ...proposal.changes.map(({ id, ...fields }) => ({ kind: 'set' as const, id, fields: changed(fields) })),
      ...proposal.remove.map((id) => ({ kind: 'remove' as const, id, mentions: true })),
    ],
  };
}

/** The tasks as they are to be written: with serial work, each waits for the one before it. */
export function inOrder({ serial, tasks }: Pick<Proposal, 'serial' | 'tasks'>): readonly ProposedTask[] {
  if (!serial) return tasks;
  return tasks.map((task, at) => {
    const before = tasks[at - 1]?.id;
    if (before === undefined || task.depends_on.includes(before)) return task;
    return { ...task, depends_on: [...task.depends_on, before] };
  });
}

function groupItem({ id, title, goal, wave, level, depends_on }: ProposedGroup, inside: NewItem): NewItem {
  return {
    id,
    title,
    ...present({
      // Of these two levels a phase alone has a goal.
      goal: level === 'phase' ? goal : undefined,
      description: level === 'plan' ? goal : undefined,
      wave: level === 'plan' ? wave : undefined,
      depends_on: some(depends_on),
    }),
    ...inside,
  };
}

function taskItem(task: ProposedTask, issues: readonly string[]): NewItem {
  return {
    id: task.id,
    title: task.title,
    ...present({
      notes:
        task.issues.length === 0 ? undefined : `From ${task.issues.map((n) => named(n, issues)).join('; ')}`,
    }),
    prompt: task.prompt,
    ...present({
      depends_on: some(task.depends_on),
      files: some(task.files),
      agent: task.agent,
      workflow: task.workflow,
      priority: task.priority,
      verify: task.verify,
      exit_criteria: some(task.exit_criteria),
    }),
  };
}

function named(number: number, issues: readonly string[]): string {
  const title = issues[number - 1];
  return title === undefined ? `issue ${number}` : `issue ${number}: ${title}`;
}

function changed(fields: Omit<ProposedChange, 'id'>): TaskFields {
  return present(fields);
}

function some(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}

/** Items that go to one place, in the order in which the places come up. */
function byPlace<T, P>(items: readonly T[], placeOf: (item: T) => P): { place: P; all: T[] }[] {
  const places = new Map<string, { place: P; all: T[] }>();
  for (const item of items) {
    const place = placeOf(item);
    const key = JSON.stringify(place);
    const known = places.get(key);
    if (known === undefined) places.set(key, { place, all: [item] });
    else known.all.push(item);
  }
  return [...places.values()];
}
