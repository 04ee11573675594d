import { isMap, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import { UsageError } from '../../core/errors.ts';
import {
  DEPENDENCY_KEYS,
  type FieldValue,
  LEVEL_KEYS,
  listKey,
  type NewItem,
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
import { blockItems } from './render.ts';
import { lineStart, linesAt, nextLine, type Splice, spliced } from './splice.ts';

/** An edit that is made in one go. */
export type SingleEdit = Exclude<RoadmapEdit, { kind: 'all' }>;

/**
 * The text of a roadmap with one edit made: only the characters that say what is edited are replaced. `root` is what
 * the text was parsed to, `undefined` for a text of nothing but comments. Whether the result means what it should is
 * for the caller to check; where there is no place to edit, the text comes back as it was.
 */
export function editText(text: string, root: ParsedNode | null | undefined, edit: SingleEdit): string {
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const place: Place = {
    text,
    eol,
    json: isMap(root) && root.flow === true && text.trimStart().startsWith('{"'),
  };
  return spliced(text, splicesFor(place, isMap(root) ? (root as YAMLMap) : undefined, edit));
}

function splicesFor(place: Place, root: YAMLMap | undefined, edit: SingleEdit): Splice[] {
  if (edit.kind === 'add') {
    const item = { id: edit.id, ...given(edit.fields) };
    return addItems(place, root, { keys: LEVEL_KEYS.task, items: [item], into: edit.into });
  }
  if (edit.kind === 'insert') {
    return addItems(place, root, { keys: LEVEL_KEYS[edit.level], items: edit.items, into: edit.into });
  }
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

/** Items for the end of a list, and where that is. */
interface Addition {
  readonly keys: readonly string[];
  readonly items: readonly NewItem[];
  /** Id of a container; absent: the file itself. */
  readonly into: string | undefined;
}

function addItems(place: Place, root: YAMLMap | undefined, added: Addition): Splice[] {
  const { text, eol } = place;
  const { items } = added;
  if (root === undefined) {
    const lines = [`${added.keys[0]}:`, ...indented(blockItems(items), '  ')];
    return [linesAt(text, text.length, lines, eol)];
  }
  const into = added.into === undefined ? root : containerNodes(root).find((map) => idOf(map) === added.into);
  if (into === undefined) return [];
  const key = listKey(added.keys, (each) => pairOf(into, each) !== undefined);
  const pair = pairOf(into, key);
  const list = pair?.value;
  if (isSeq(list) && list.flow === true && list.items.length > 0) return [intoBrackets(place, list, items)];
  if (into.flow === true) return [intoFlowMap(place, into, key, items)];
  if (isSeq(list) && list.flow !== true) return [intoBlockList(place, list, items)];
  const first = into.items[0];
  const start = first === undefined ? 0 : keyOf(first).range[0];
  const outer = ' '.repeat(start - lineStart(text, start));
  const lines = indented(blockItems(items), `${outer}  `);
  if (pair === undefined) {
    const last = into.items.at(-1);
    // At the end of the file behind all comments, so that a heading stays where it is; in a container before them.
    const at =
      into === root ? documentEnd(text) : nextLine(text, last === undefined ? 0 : entryEnd(text, last));
    return [linesAt(text, at, [`${outer}${key}:`, ...lines], eol)];
  }
  // `tasks:` without a value, or `tasks: []`.
  const colon = text.indexOf(':', keyOf(pair).range[1]) + 1;
  const end = isSeq(list) ? (list.range?.[1] ?? colon) : colon;
  return [{ start: colon, end, text: '' }, linesAt(text, nextLine(text, end), lines, eol)];
}

function given(fields: TaskFields): Record<string, FieldValue> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, FieldValue] => entry[1] !== null),
  );
}

function indented(lines: readonly string[], indent: string): string[] {
  return lines.map((line) => (line === '' ? '' : `${indent}${line}`));
}

function intoBlockList({ text, eol }: Place, list: YAMLSeq, items: readonly NewItem[]): Splice {
  const start = list.range?.[0] ?? 0;
  const indent = ' '.repeat(start - lineStart(text, start));
  const at = nextLine(text, contentEnd(text, list));
  return linesAt(text, at, indented(blockItems(items), indent), eol);
}

/** JSON is YAML, so inside brackets an item is written as JSON, right after what stands there last. */
function intoBrackets({ text }: Place, list: YAMLSeq, items: readonly NewItem[]): Splice {
  const end = contentEnd(text, list.items.at(-1));
  return { start: end, end, text: items.map((item) => `, ${JSON.stringify(item)}`).join('') };
}

function intoFlowMap({ text, json }: Place, map: YAMLMap, key: string, items: readonly NewItem[]): Splice {
  const written = items.map((item) => JSON.stringify(item)).join(', ');
  const list = pairOf(map, key)?.value;
  if (isSeq(list) && list.flow === true) {
    const at = startOf(list) + 1;
    return { start: at, end: at, text: written };
  }
  const last = map.items.at(-1);
  const end = last === undefined ? startOf(map) + 1 : entryEnd(text, last);
  const name = json ? JSON.stringify(key) : key;
  return { start: end, end, text: `${last === undefined ? '' : ', '}${name}: [${written}]` };
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
