import { isMap, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import { UsageError } from '../../core/errors.ts';
import {
  DEPENDENCY_KEYS,
  type FieldValue,
  type RoadmapEdit,
  type TaskFields,
} from '../../core/roadmap/edits.ts';
import {
  containerNodes,
  contentEnd,
  entryEnd,
  idOf,
  keyOf,
  pairOf,
  startOf,
  type TaskNode,
  taskNodes,
  textOf,
} from './document-items.ts';
import { editList, type Place, removeFlowItems, renameInList, rescalar } from './edit-list.ts';
import { removeKey, setKey } from './edit-map.ts';
import { blockItem, inFlow } from './render.ts';
import { lineStart, linesAt, nextLine, type Splice, spliced } from './splice.ts';

/**
 * The text of a roadmap with one edit made: only the characters that say what is edited are replaced. `root` is what
 * the text was parsed to, `undefined` for a text of nothing but comments. Whether the result means what it should is
 * for the caller to check; where there is no place to edit, the text comes back as it was.
 */
export function editText(text: string, root: ParsedNode | null | undefined, edit: RoadmapEdit): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const place: Place = {
    text,
    eol,
    json: isMap(root) && root.flow === true && text.trimStart().startsWith('{"'),
  };
  return spliced(text, splicesFor(place, isMap(root) ? (root as YAMLMap) : undefined, edit));
}

function splicesFor(place: Place, root: YAMLMap | undefined, edit: RoadmapEdit): Splice[] {
  if (edit.kind === 'add') return addTask(place, root, edit);
  if (root === undefined) return [];
  const task = taskNodes(root).find(({ map }) => idOf(map) === edit.id);
  if (task === undefined) return [];
  switch (edit.kind) {
    case 'set':
      return setFields(place, task.map, edit.fields);
    case 'remove':
      return [...removeTask(place, task), ...(edit.mentions ? unlink(place, root, edit.id, task.map) : [])];
    case 'rename':
      return rename(place, root, task.map, edit);
  }
}

function setFields(place: Place, map: YAMLMap, fields: TaskFields): Splice[] {
  return Object.entries(fields).flatMap(([name, value]) => {
    const written =
      name === 'depends_on' ? DEPENDENCY_KEYS.filter((key) => pairOf(map, key) !== undefined) : [name];
    const [key = name, ...others] = written;
    const extra = others.flatMap((other) => removeKey(place, map, other));
    const isNothing = value === null || (Array.isArray(value) && value.length === 0);
    return [...(isNothing ? removeKey(place, map, key) : setKey(place, map, key, value)), ...extra];
  });
}

function rename(
  place: Place,
  root: YAMLMap,
  map: YAMLMap,
  { id, to }: { readonly id: string; readonly to: string },
): Splice[] {
  const mentions = [...containerNodes(root), ...taskNodes(root).map((task) => task.map)].flatMap((item) =>
    DEPENDENCY_KEYS.flatMap((key) => {
      const value = pairOf(item, key)?.value;
      if (isSeq(value)) return renameInList(value, id, to);
      return textOf(value) === id ? [rescalar(value, to)] : [];
    }),
  );
  const was = pairOf(map, 'was')?.value;
  const earlier = (isSeq(was) ? was.items.map(textOf) : [textOf(was)]).filter((each) => each !== undefined);
  const all = [...earlier.filter((each) => each !== to), id];
  const value: FieldValue = all.length === 1 ? id : all;
  const isKept = isSeq(was) && all.length > 1;
  const named = isKept ? editList(place, was, all) : setKey(place, map, 'was', value);
  return [rescalar(pairOf(map, 'id')?.value, to), ...named, ...mentions];
}

/** Takes the id out of everything that waits for it. */
function unlink(place: Place, root: YAMLMap, id: string, gone: YAMLMap): Splice[] {
  const items = [...containerNodes(root), ...taskNodes(root).map(({ map }) => map)];
  return items
    .filter((item) => item !== gone)
    .flatMap((item) =>
      DEPENDENCY_KEYS.flatMap((key) => {
        const value = pairOf(item, key)?.value;
        if (!isSeq(value)) return textOf(value) === id ? removeKey(place, item, key) : [];
        const left = value.items.map(textOf).filter((each) => each !== undefined && each !== id);
        if (left.length === value.items.length) return [];
        return left.length === 0
          ? removeKey(place, item, key)
          : editList(
              place,
              value,
              left.filter((each) => each !== undefined),
            );
      }),
    );
}

/** Takes the item out of its list. Comments above it stay: nobody can tell what they are about. */
function removeTask({ text }: Place, { map, list, at }: TaskNode): Splice[] {
  if (list.flow === true) return removeFlowItems(list, [at]);
  let line = lineStart(text, startOf(map));
  // The dash may stand alone on a line above.
  while (line > 0 && !/^ *-(?:\s|$)/.test(text.slice(line, nextLine(text, line))))
    line = lineStart(text, line - 1);
  const end = map.flow === true ? (map.range?.[1] ?? 0) : contentEnd(text, map);
  return [{ start: line, end: nextLine(text, end), text: '' }];
}

function addTask(
  place: Place,
  root: YAMLMap | undefined,
  edit: Extract<RoadmapEdit, { kind: 'add' }>,
): Splice[] {
  const { text, eol } = place;
  const task = { id: edit.id, ...given(edit.fields) };
  if (root === undefined)
    return [linesAt(text, text.length, ['tasks:', ...indented(blockItem(task), '  ')], eol)];
  const into = edit.into === undefined ? root : containerNodes(root).find((map) => idOf(map) === edit.into);
  if (into === undefined) return [];
  const pair = pairOf(into, 'tasks');
  const list = pair?.value;
  if (isSeq(list) && list.flow === true && list.items.length > 0) return [intoBrackets(place, list, task)];
  if (into.flow === true) return [intoFlowMap(place, into, task)];
  if (isSeq(list) && list.flow !== true) return [intoBlockList(place, list, task)];
  const first = into.items[0];
  const start = first === undefined ? 0 : keyOf(first).range[0];
  const outer = ' '.repeat(start - lineStart(text, start));
  const item = indented(blockItem(task), `${outer}  `);
  if (pair === undefined) {
    const last = into.items.at(-1);
    // At the end of the file behind all comments, so that a heading stays where it is; in a container before them.
    const at =
      into === root ? documentEnd(text) : nextLine(text, last === undefined ? 0 : entryEnd(text, last));
    return [linesAt(text, at, [`${outer}tasks:`, ...item], eol)];
  }
  // `tasks:` without a value, or `tasks: []`.
  const colon = text.indexOf(':', keyOf(pair).range[1]) + 1;
  const end = isSeq(list) ? (list.range?.[1] ?? colon) : colon;
  return [{ start: colon, end, text: '' }, linesAt(text, nextLine(text, end), item, eol)];
}

function given(fields: TaskFields): Record<string, FieldValue> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, FieldValue] => entry[1] !== null),
  );
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => (line === '' ? '' : `${indent}${line}`));
}

function intoBlockList({ text, eol }: Place, list: YAMLSeq, task: Record<string, FieldValue>): Splice {
  const start = list.range?.[0] ?? 0;
  const indent = ' '.repeat(start - lineStart(text, start));
  const at = nextLine(text, contentEnd(text, list));
  return linesAt(text, at, indented(blockItem(task), indent), eol);
}

/** JSON is YAML, so inside brackets a task is written as JSON, right after what stands there last. */
function intoBrackets({ text }: Place, list: YAMLSeq, task: Record<string, FieldValue>): Splice {
  const end = contentEnd(text, list.items.at(-1));
  return { start: end, end, text: `, ${JSON.stringify(task)}` };
}

function intoFlowMap({ text, json }: Place, map: YAMLMap, task: Record<string, FieldValue>): Splice {
  const list = pairOf(map, 'tasks')?.value;
  if (isSeq(list) && list.flow === true) {
    const at = startOf(list) + 1;
    return { start: at, end: at, text: JSON.stringify(task) };
  }
  const last = map.items.at(-1);
  const end = last === undefined ? startOf(map) + 1 : entryEnd(text, last);
  const key = json ? '"tasks"' : 'tasks';
  return {
    start: end,
    end,
    text: `${last === undefined ? '' : ', '}${key}: [${inFlow(task, { json: true })}]`,
  };
}

/** Before the line that ends the document, if there is one. */
function documentEnd(text: string): number {
  const end = /^\.\.\.[ \t]*(?:#.*)?\r?$/m.exec(text)?.index;
  return end ?? text.length;
}

/** Nothing was edited because the file has a shape that no rule here knows. */
export function notEditable(shownAs: string): UsageError {
  return new UsageError(
    'ROADMAP_NOT_EDITABLE',
    `${shownAs} is written in a way in which this cannot be changed without touching the rest of it.`,
    { advice: 'Make the change by hand; a running orchestrator follows.' },
  );
}
