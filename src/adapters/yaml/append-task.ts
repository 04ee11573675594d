import { isDeepStrictEqual } from 'node:util';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, stringify } from 'yaml';
import { UsageError } from '../../core/errors.ts';
import { tasksInOrder } from '../../core/roadmap/graph.ts';
import type { FailureMode, TaskDefinition } from '../../core/roadmap/model.ts';
import { present } from '../../core/source/present.ts';
import { editFile } from './edit-file.ts';
import { type ReadRoadmap, readRoadmap } from './read-roadmap.ts';
import { RoadmapInvalidError } from './roadmap-file.ts';

/** A task as a person or agent adds it; what is left out takes the roadmap's defaults. */
export interface NewTask {
  readonly id: string;
  readonly title: string;
  readonly prompt?: string;
  readonly dependsOn?: readonly string[];
  readonly files?: readonly string[];
  readonly agent?: string;
  readonly workflow?: string;
  /** A word of the file, or a number, also as text. */
  readonly priority?: string | number;
  readonly verify?: string;
  readonly exitCriteria?: readonly string[];
  readonly onFailure?: FailureMode;
  /** As the file has it, for example `30m`. */
  readonly timeout?: string;
}

/**
 * Adds a task at the end of the top-level `tasks:` list of the roadmap at `path` and changes no other character.
 * Throws `RoadmapInvalidError` when the file was not valid before, or would not be with the task, and `UsageError`
 * with code `ROADMAP_CHANGED` or `ROADMAP_BUSY` when somebody else is editing it: in each case nothing was written.
 */
export async function appendTask(
  path: string,
  task: NewTask,
  options: { shownAs?: string } = {},
): Promise<void> {
  const shownAs = options.shownAs ?? path;
  await editFile(path, shownAs, (bytes) => {
    const before = readRoadmap(shownAs, bytes);
    const known = knownTasks(before);
    const text = insertTask(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes), task);
    const edited = Buffer.from(text);
    const after = readRoadmap(shownAs, edited);
    if (after.kind === 'invalid') throw new RoadmapInvalidError(after.problems);
    const now = tasksInOrder(after.roadmap);
    const added = now.at(-1);
    if (added?.id !== task.id || !isDeepStrictEqual(now.slice(0, -1), known)) {
      throw new UsageError(
        'ROADMAP_NOT_EDITABLE',
        `A task cannot be added to ${shownAs} without changing the rest of it.`,
        {
          advice: 'Add it by hand, as a new item below tasks:.',
        },
      );
    }
    return edited;
  });
}

function knownTasks(before: ReadRoadmap): readonly TaskDefinition[] {
  if (before.kind === 'valid') return tasksInOrder(before.roadmap);
  // A roadmap that only lacks tasks is about to have one.
  if (before.problems.every((problem) => problem.code === 'no-tasks' || problem.code === 'empty')) return [];
  throw new RoadmapInvalidError(before.problems);
}

/** The text with the task in it. Only valid roadmaps come here, so the shapes of YAML it meets are few. */
function insertTask(text: string, task: NewTask): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const document = parseDocument(text, {
    lineCounter: new LineCounter(),
    uniqueKeys: false,
    prettyErrors: false,
  });
  const root = document.contents;
  if (isMap(root) && root.flow) return insertIntoFlow(text, root, task);
  const pair = isMap(root)
    ? root.items.find((item) => isScalar(item.key) && item.key.value === 'tasks')
    : undefined;
  if (pair === undefined) {
    const end = text === '' || text.endsWith('\n') ? '' : eol;
    return `${text}${end}tasks:${eol}${block(task, '  ', eol)}`;
  }
  const list = pair.value;
  if (isSeq(list) && list.flow && list.items.length > 0) return insertInBrackets(text, list, task);
  if (isSeq(list) && !list.flow) {
    const last = list.items.at(-1) as { range?: [number, number, number] | null } | null | undefined;
    const dash = (list.range?.[0] ?? 0) - (text.lastIndexOf('\n', (list.range?.[0] ?? 0) - 1) + 1);
    return insertLine(
      text,
      last?.range?.[1] ?? list.range?.[1] ?? text.length,
      block(task, ' '.repeat(dash), eol),
      eol,
    );
  }
  // `tasks:` without a value, or `tasks: []`.
  const key = (pair.key as { range: [number, number, number] }).range;
  const colon = text.indexOf(':', key[1]);
  const valueEnd = isSeq(list) ? (list.range?.[1] ?? colon + 1) : colon + 1;
  return insertLine(
    `${text.slice(0, colon + 1)}${text.slice(valueEnd)}`,
    colon + 1,
    block(task, '  ', eol),
    eol,
  );
}

/** Puts `lines` below the line in which `offset` is; `offset` may be the start of the line after it. */
function insertLine(text: string, offset: number, lines: string, eol: string): string {
  if (offset > 0 && text[offset - 1] === '\n') return text.slice(0, offset) + lines + text.slice(offset);
  const end = text.indexOf('\n', offset);
  if (end === -1) return `${text}${eol}${lines}`;
  return text.slice(0, end + 1) + lines + text.slice(end + 1);
}

type Ranged = { range?: [number, number, number] | null; items: readonly unknown[] };

function insertIntoFlow(text: string, root: Ranged, task: NewTask): string {
  const pairs = root.items as readonly { key: unknown; value: unknown }[];
  const pair = pairs.find(({ key }) => isScalar(key) && key.value === 'tasks');
  if (pair === undefined) return insertInBrackets(text, root, task, (json) => `"tasks": [${json}]`);
  return isSeq(pair.value) ? insertInBrackets(text, pair.value as Ranged, task) : text;
}

/** JSON is YAML, so inside brackets a task is written as JSON, right after what stands there last. */
function insertInBrackets(text: string, node: Ranged, task: NewTask, wrap = (json: string) => json): string {
  const last = node.items.at(-1) as
    | { range?: Ranged['range']; key?: Ranged; value?: Ranged | null }
    | undefined;
  const end = (last?.range ?? last?.value?.range ?? last?.key?.range)?.[1];
  const offset = end ?? (node.range?.[0] ?? 0) + 1;
  const item = wrap(JSON.stringify(fileTask(task)));
  return `${text.slice(0, offset)}${end === undefined ? '' : ', '}${item}${text.slice(offset)}`;
}

function block(task: NewTask, indent: string, eol: string): string {
  return stringify([fileTask(task)], { lineWidth: 0, blockQuote: 'literal' })
    .trimEnd()
    .split('\n')
    .map((line) => (line === '' ? eol : `${indent}${line}${eol}`))
    .join('');
}

/** The task under the file's keys, in the order in which people write them. */
function fileTask(task: NewTask): Record<string, unknown> {
  const some = (list: readonly string[] | undefined) =>
    list === undefined || list.length === 0 ? undefined : list;
  return present({
    id: task.id,
    title: task.title,
    prompt: task.prompt,
    depends_on: some(task.dependsOn),
    files: some(task.files),
    agent: task.agent,
    workflow: task.workflow,
    priority:
      typeof task.priority === 'string' && /^\d+$/.test(task.priority)
        ? Number(task.priority)
        : task.priority,
    verify: task.verify,
    exit_criteria: some(task.exitCriteria),
    on_failure: task.onFailure,
    timeout: task.timeout,
  });
}
