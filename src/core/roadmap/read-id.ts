import { ID_PATTERN } from '../id-pattern.ts';
import type { Position } from '../source/located.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import type { Declared } from './declared.ts';
import { type Fields, type Located, place, readText, readTexts } from './fields.ts';
import type { ItemKind } from './graph.ts';
import type { RoadmapProblems } from './problem.ts';

const ID_RULE =
  'An id is 1 to 64 letters, digits, ".", "_" or "-", and begins with a letter or digit, because it names a branch and a directory.';

/**
 * Reads and registers the id of an item. `undefined` when it has none of its own: then the item cannot be in
 * the roadmap, but the rest of it is still read for problems.
 */
export function readId(fields: Fields, kind: ItemKind, declared: Declared): string | undefined {
  const read = readText(fields, 'id');
  const title = readText(fields, 'title')?.text;
  if (read === undefined || read.text === '') {
    const mayBeMisspelt = nearest('id', fields.unknown) !== undefined;
    if (!mayBeMisspelt && (fields.get('id') === undefined || read !== undefined))
      missingId(fields, kind, title);
    return undefined;
  }
  if (!ID_PATTERN.test(read.text)) {
    fields.problems.add(read.at, 'bad-id', `${quoted(read.text)} cannot be an id.`, adviseId(read.text));
    // Known all the same, so that what depends on it is not reported a second time.
    if (!declared.ids.has(read.text)) declared.ids.set(read.text, { kind, at: read.at });
    return undefined;
  }
  return register(kind, read, { declared, problems: fields.problems });
}

/** Takes the id for an item. `undefined`, with a problem, when something else has it already. */
export function register(
  kind: ItemKind,
  read: Located,
  { declared, problems }: { readonly declared: Declared; readonly problems: RoadmapProblems },
): string | undefined {
  const lower = kind === 'task' ? read.text.toLowerCase() : undefined;
  const same = lower === undefined ? undefined : declared.tasksByCase.get(lower);
  const earlier = declared.ids.get(read.text) ?? (same === undefined ? undefined : declared.ids.get(same));
  if (earlier === undefined) {
    if (lower !== undefined) declared.tasksByCase.set(lower, read.text);
    declared.ids.set(read.text, { kind, at: read.at });
    return read.text;
  }
  const { file } = problems;
  problems.add(
    read.at,
    'duplicate-id',
    same !== undefined && same !== read.text
      ? `The id ${quoted(read.text)} differs only in case from ${quoted(same)} at ${file}:${place(earlier.at)}; not every file system can tell them apart.`
      : `The id ${quoted(read.text)} is used twice: here (${file}:${place(read.at)}) and by the ${earlier.kind} at ${file}:${place(earlier.at)}.`,
    'Give one of them another id; ids are unique in the whole file.',
  );
  return undefined;
}

function missingId(fields: Fields, kind: ItemKind, title: string | undefined): void {
  const slug = title === undefined ? '' : slugOf(title);
  const name = title === undefined ? `A ${kind}` : `The ${kind} ${quoted(title)}`;
  fields.problems.add(
    fields.map.at,
    'missing-id',
    `${name} has no id.`,
    slug === '' ? `Add an id. ${ID_RULE}` : `Add id: ${slug}`,
  );
}

function adviseId(text: string): string {
  const slug = slugOf(text);
  return slug === '' || slug === text ? ID_RULE : `${ID_RULE} For example: ${slug}`;
}

/** The nearest thing to `text` that may be an id; may be empty. */
export function slugOf(text: string): string {
  return text
    .slice(0, 200)
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
    .replace(/[-._]+$/, '');
}

/** The ids that an item had before, under `was`. An old id can have become one item only. */
export function readWas(
  fields: Fields,
  id: string | undefined,
  declared: Declared,
): readonly string[] | undefined {
  const was = readTexts(fields, 'was').flatMap(({ text, at }) => {
    const old = text.trim();
    const earlier = declared.renames.get(old);
    if (earlier !== undefined && earlier.to !== id) {
      fields.problems.add(
        at,
        'bad-rename',
        `${quoted(old)} cannot have become two items: ${quoted(earlier.to)} at ${fields.problems.file}:${place(earlier.at)} says the same.`,
        'Keep one of the two.',
      );
      return [];
    }
    if (id !== undefined) declared.renames.set(old, { to: id, at });
    return old === id ? [] : [old];
  });
  return was.length === 0 ? undefined : was;
}

/** All ids that an item waits for, under any of the keys for it; each once, and where it was written. */
export function readDependencies(fields: Fields): ReadonlyMap<string, Position> {
  const dependencies = new Map<string, Position>();
  for (const key of ['depends_on', 'dependencies', 'blocked_by']) {
    for (const { text, at } of readTexts(fields, key)) {
      if (!dependencies.has(text.trim())) dependencies.set(text.trim(), at);
    }
  }
  return dependencies;
}
