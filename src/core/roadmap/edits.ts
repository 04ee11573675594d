import { UsageError } from '../errors.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';

/** A value under a key of a task in the file. */
export type FieldValue =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, string | number>>;

/** Keys of a task as the file has them, such as `depends_on`; `null` takes the key away. */
export type TaskFields = Readonly<Record<string, FieldValue | null>>;

/** A task or container as it is to stand in the file; a list of maps holds what is inside it. */
export interface NewItem {
  readonly [key: string]: FieldValue | readonly NewItem[];
}

/** Under which keys a level stands in the file; the first is what is written where none is there. */
export const LEVEL_KEYS = {
  initiative: ['initiatives', 'epics'],
  phase: ['phases', 'milestones'],
  plan: ['plans'],
  task: ['tasks'],
} as const satisfies Record<string, readonly [string, ...string[]]>;
export type Level = keyof typeof LEVEL_KEYS;

/** A change of the roadmap file that keeps everything else in it. */
export type RoadmapEdit =
  /** `into`: id of a phase, plan or initiative; absent: the end of the file's own list. */
  | { readonly kind: 'add'; readonly id: string; readonly fields: TaskFields; readonly into?: string }
  | { readonly kind: 'set'; readonly id: string; readonly fields: TaskFields }
  /** With `mentions`, what depends on it depends on it no more; else such a task is a reason to refuse. */
  | { readonly kind: 'remove'; readonly id: string; readonly mentions: boolean }
  /** What depends on it follows, and `was` tells the store that it is the same task. */
  | { readonly kind: 'rename'; readonly id: string; readonly to: string }
  /** Items behind those of their level that stand in `into`, or in the file's own list. */
  | {
      readonly kind: 'insert';
      readonly level: Level;
      readonly items: readonly NewItem[];
      readonly into?: string;
    }
  /** One after the other; only what comes out at the end has to be a roadmap. */
  | { readonly kind: 'all'; readonly edits: readonly RoadmapEdit[] };

/** A map of the file as plain values: texts, lists and maps. */
export interface PlainMap {
  [key: string]: Plain;
}
export type Plain = string | Plain[] | PlainMap;

export const DEPENDENCY_KEYS = ['depends_on', 'dependencies', 'blocked_by'] as const;
export const CONTAINER_KEYS = ['initiatives', 'epics', 'phases', 'milestones', 'plans'] as const;

/**
 * What the file must mean after the edit: it is compared with what the edited text says, so that an edit changes what
 * it is to change and nothing else. Throws `UsageError`: `UNKNOWN_TASK`, `UNKNOWN_CONTAINER`.
 */
export function applyEdit(root: PlainMap, edit: RoadmapEdit): PlainMap {
  const edited = structuredClone(root);
  switch (edit.kind) {
    case 'add': {
      const item = plainFields({ id: edit.id, ...edit.fields });
      append(edited, { key: 'tasks', items: [item], into: edit.into });
      break;
    }
    case 'insert': {
      const items = edit.items.map((item) => plainOf(item));
      append(edited, { key: LEVEL_KEYS[edit.level], items, into: edit.into });
      break;
    }
    case 'all':
      return edit.edits.reduce((now, each) => applyEdit(now, each), edited);
    case 'set': {
      const { task } = taskIn(edited, edit.id);
      const keys = DEPENDENCY_KEYS.filter((key) => key in task);
      if ('depends_on' in edit.fields) for (const key of keys) delete task[key];
      for (const key of Object.keys(edit.fields)) if (edit.fields[key] === null) delete task[key];
      for (const [key, value] of Object.entries(plainFields(edit.fields))) {
        const old = task[key];
        // Of a map, such as a budget, the parts that are not named stay.
        task[key] = old !== undefined && isMap(old) && isMap(value) ? { ...old, ...value } : value;
      }
      break;
    }
    case 'remove': {
      const { list, at } = taskIn(edited, edit.id);
      list.splice(at, 1);
      if (!edit.mentions) refuseIfNeeded(edited, edit.id);
      else eachMention(edited, (ids) => ids.filter((id) => id !== edit.id));
      break;
    }
    case 'rename': {
      const { task } = taskIn(edited, edit.id);
      eachMention(edited, (ids) => ids.map((id) => (id === edit.id ? edit.to : id)));
      task.id = edit.to;
      task.was = [...texts(task.was).filter((id) => id !== edit.to), edit.id];
    }
  }
  return edited;
}

/** Is the file as the edit would leave it already? */
export function isApplied(root: PlainMap, edit: RoadmapEdit): boolean {
  const ids = new Set(allTasks(root).map(({ task }) => task.id));
  switch (edit.kind) {
    case 'add':
      return ids.has(edit.id);
    case 'insert': {
      const known = new Set([...ids, ...allContainers(root).map(({ id }) => id)]);
      return edit.items.every(({ id }) => known.has(String(id)));
    }
    case 'all':
      return edit.edits.every((each) => isApplied(root, each));
    case 'remove':
      return !ids.has(edit.id);
    case 'rename':
      return ids.has(edit.to) && !ids.has(edit.id);
    case 'set':
      return ids.has(edit.id) && sameMeaning(applyEdit(root, edit), root);
  }
}

/** Do two files mean the same? An empty list says no more than a key that is not there. */
export function sameMeaning(a: PlainMap, b: PlainMap): boolean {
  return JSON.stringify(normal(a)) === JSON.stringify(normal(b));
}

/** Keys in one order; lists of ids under one key; nothing empty, and no blanks around a text. */
function normal(value: Plain): Plain | undefined {
  if (typeof value === 'string') return value.trim() === '' ? undefined : value.trim();
  if (Array.isArray(value)) {
    const items = value.flatMap((item) => normal(item) ?? []);
    return items.length === 0 ? undefined : items;
  }
  const dependencies = DEPENDENCY_KEYS.flatMap((key) => texts(value[key]));
  const rest = Object.entries(value).filter(([key]) => !isDependencyKey(key));
  const entries = rest.map(([key, each]) => [key, normal(key === 'was' ? texts(each) : each)] as const);
  if (dependencies.length > 0) entries.push(['depends_on', dependencies]);
  const some = entries.filter(([, each]) => each !== undefined).sort(([x], [y]) => (x < y ? -1 : 1));
  return Object.fromEntries(some) as PlainMap;
}

function plainFields(fields: TaskFields): PlainMap {
  const entries = Object.entries(fields).filter(([, value]) => value !== null);
  return Object.fromEntries(entries.map(([key, value]) => [key, plainOf(value)]));
}

function plainOf(value: unknown): Plain {
  if (Array.isArray(value)) return value.map(plainOf);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plainOf(each)]));
}

function append(
  root: PlainMap,
  {
    key,
    items,
    into,
  }: { key: string | readonly string[]; items: readonly Plain[]; into: string | undefined },
): void {
  const container = into === undefined ? root : containerIn(root, into);
  const name = typeof key === 'string' ? key : listKey(key, (each) => each in container);
  const list = container[name];
  container[name] = [...(Array.isArray(list) ? list : []), ...items];
}

/** The key that a level has where something is to be added. */
export function listKey(keys: readonly string[], isThere: (key: string) => boolean): string {
  return keys.find(isThere) ?? keys[0] ?? 'tasks';
}

interface FoundTask {
  readonly task: PlainMap;
  readonly list: Plain[];
  readonly at: number;
}

function taskIn(root: PlainMap, id: string): FoundTask {
  const tasks = allTasks(root);
  const found = tasks.find(({ task }) => task.id === id);
  if (found !== undefined) return found;
  const meant = nearest(
    id,
    tasks.flatMap(({ task }) => texts(task.id)),
  );
  throw new UsageError('UNKNOWN_TASK', `The roadmap file has no task ${quoted(id)}.`, {
    advice: meant === undefined ? 'cw task list shows them all.' : `Did you mean ${meant}?`,
  });
}

function containerIn(root: PlainMap, id: string): PlainMap {
  const found = allContainers(root).find((container) => container.id === id);
  if (found !== undefined) return found;
  throw new UsageError('UNKNOWN_CONTAINER', `The roadmap has no phase, plan or initiative ${quoted(id)}.`, {
    advice: 'cw roadmap show lists them all.',
  });
}

function allContainers(root: PlainMap): PlainMap[] {
  return CONTAINER_KEYS.flatMap((key) => maps(root[key])).flatMap((map) => [map, ...allContainers(map)]);
}

function allTasks(root: PlainMap): FoundTask[] {
  return [root, ...allContainers(root)].flatMap(({ tasks }) => {
    const list = Array.isArray(tasks) ? tasks : [];
    return list.flatMap((task, at) => (isMap(task) ? [{ task, list, at }] : []));
  });
}

function refuseIfNeeded(root: PlainMap, id: string): void {
  const waiting = everyItem(root).filter((item) =>
    DEPENDENCY_KEYS.some((key) => texts(item[key]).includes(id)),
  );
  const [first] = waiting;
  if (first === undefined) return;
  const more = waiting.length > 1 ? ` and ${waiting.length - 1} more` : '';
  throw new UsageError('TASK_NEEDED', `${quoted(String(first.id))}${more} depends on ${quoted(id)}.`, {
    advice: 'With --unlink it is taken out of what depends on it, too.',
  });
}

function everyItem(root: PlainMap): PlainMap[] {
  return [...allContainers(root), ...allTasks(root).map(({ task }) => task)];
}

/** Lets `change` work on every list of ids that something waits for. */
function eachMention(root: PlainMap, change: (ids: string[]) => string[]): void {
  for (const item of everyItem(root)) {
    for (const key of DEPENDENCY_KEYS) if (key in item) item[key] = change(texts(item[key]));
  }
}

/** One text, or the texts of a list. */
function texts(value: Plain | undefined): string[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function maps(value: Plain | undefined): PlainMap[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

function isMap(value: Plain): value is PlainMap {
  return typeof value === 'object' && !Array.isArray(value);
}

function isDependencyKey(key: string): boolean {
  return (DEPENDENCY_KEYS as readonly string[]).includes(key);
}
