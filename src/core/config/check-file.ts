import type * as z from 'zod';
import { entryOf, type LocatedMap, type LocatedNode, plainValue } from '../source/located.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import { formatKeyPath, type KeyPath } from './key-path.ts';
import { locate } from './locate.ts';
import type { ConfigProblems } from './problem.ts';
import { type ConfigFile, configFile } from './schema.ts';

/** Checks the shape of one config file; `undefined` when `problems` now says what is wrong with it. */
export function checkConfigFile(tree: LocatedNode, problems: ConfigProblems): ConfigFile | undefined {
  const before = problems.size;
  checkKeys(tree, problems);
  // Code made for the schema pays off from the second file on, and there is one.
  const parsed = configFile.safeParse(plainValue(tree), { jitless: true });
  for (const issue of parsed.error?.issues ?? []) report(issue, tree, problems);
  return problems.size === before ? parsed.data : undefined;
}

function checkKeys(node: LocatedNode, problems: ConfigProblems): void {
  if (node.kind === 'list') for (const item of node.items) checkKeys(item, problems);
  if (node.kind !== 'map') return;
  const seen = new Set<string>();
  for (const { key, keyAt, value } of node.entries) {
    if (seen.has(key))
      problems.add(keyAt, 'duplicate-key', `The key ${quoted(key)} is here twice.`, 'Keep one of them.');
    // zod drops this key from records without a word.
    if (key === '__proto__') problems.add(keyAt, 'unknown-key', '"__proto__" cannot be a key.', 'Remove it.');
    seen.add(key);
    checkKeys(value, problems);
  }
}

function report(issue: z.core.$ZodIssue, tree: LocatedNode, problems: ConfigProblems): void {
  const path = issue.path as KeyPath;
  const { node, keyAt, found } = locate(tree, path);
  const name = path.length === 0 ? 'The config' : formatKeyPath(path);
  const got =
    node.kind === 'scalar'
      ? typeof node.value === 'string'
        ? quoted(node.value)
        : node.text
      : `a ${node.kind}`;
  switch (issue.code) {
    case 'unrecognized_keys':
      for (const key of issue.keys) {
        if (key !== '__proto__') unknownKey(path, key, node as LocatedMap, problems);
      }
      return;
    case 'invalid_key':
      problems.add(
        keyAt,
        'bad-value',
        `${name}: ${quoted(String(path.at(-1)))} cannot be a name.`,
        NAME_RULE,
      );
      return;
    case 'invalid_type': {
      const wanted = TYPES[issue.expected] ?? `a ${issue.expected}`;
      if (found)
        problems.add(
          node.at,
          'wrong-type',
          `${name} must be ${wanted}, not ${got}.`,
          `Change it to ${wanted}.`,
        );
      else problems.add(node.at, 'bad-value', `${name} is missing.`, `Add it: ${wanted}.`);
      return;
    }
    case 'invalid_value': {
      const words = issue.values.map(String);
      const meant = node.kind === 'scalar' ? nearest(String(node.value), words) : undefined;
      const advice = meant === undefined ? `Use one of: ${words.join(', ')}.` : `Did you mean "${meant}"?`;
      if (found)
        problems.add(node.at, 'bad-value', `${name} must be ${words.join(', ')}, not ${got}.`, advice);
      else problems.add(node.at, 'bad-value', `${name} is missing.`, `Add it: one of ${words.join(', ')}.`);
      return;
    }
    case 'too_small':
    case 'too_big': {
      const limit = issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
      if (issue.origin === 'string' || issue.origin === 'array') {
        const what = issue.origin === 'string' ? 'characters' : 'items';
        problems.add(
          node.at,
          'bad-value',
          `${name} must have ${limit} ${what}.`,
          'Change its length, or remove it.',
        );
      } else
        problems.add(node.at, 'bad-value', `${name} must be ${limit}, not ${got}.`, 'Change the number.');
      return;
    }
    case 'invalid_format':
      problems.add(node.at, 'bad-value', `${name} cannot be ${got}.`, NAME_RULE);
      return;
    default:
      problems.add(node.at, 'bad-value', `${name}: ${issue.message}.`, 'Change the value.');
  }
}

const NAME_RULE = 'A name is 1 to 64 letters, digits, ".", "_" or "-", and begins with a letter or digit.';

const TYPES: Readonly<Record<string, string>> = {
  string: 'text in double quotes',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list in [ ]',
  object: 'a map in { }',
  record: 'a map in { }',
};

function unknownKey(path: KeyPath, key: string, map: LocatedMap, problems: ConfigProblems): void {
  const keyAt = entryOf(map, key)?.keyAt ?? map.at;
  const known = keysAt(path);
  const meant = nearest(key, known);
  const elsewhere = meant === undefined ? KNOWN_PATHS.filter((known) => known.at(-1) === key) : [];
  const name = path.length === 0 ? 'The config' : formatKeyPath(path);
  let advice = `It may have: ${known.join(', ')}.`;
  if (meant !== undefined) advice = `Did you mean "${meant}"?`;
  else if (elsewhere[0] !== undefined)
    advice = `Did you mean ${elsewhere.map((path) => path.join('.')).join(' or ')}?`;
  problems.add(keyAt, 'unknown-key', `${name} has no key ${quoted(key)}.`, advice);
}

/** The keys that the schema knows at a place; none where any name may stand. */
function keysAt(path: KeyPath): readonly string[] {
  let schema = unwrap(configFile);
  for (const key of path) {
    const { def } = schema._zod;
    if (def.type === 'object') {
      const next = (def as z.core.$ZodObjectDef).shape[key];
      if (next === undefined) return [];
      schema = unwrap(next);
    } else if (def.type === 'record') schema = unwrap((def as z.core.$ZodRecordDef).valueType);
    else if (def.type === 'array') schema = unwrap((def as z.core.$ZodArrayDef).element);
    else return [];
  }
  return shapeKeys(schema);
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  const { def } = schema._zod;
  return def.type === 'optional' ? unwrap((def as z.core.$ZodOptionalDef).innerType) : schema;
}

function shapeKeys(schema: z.core.$ZodType): readonly string[] {
  const { def } = schema._zod;
  return def.type === 'object' ? Object.keys((def as z.core.$ZodObjectDef).shape) : [];
}

/** Settings inside the fixed maps, to say where a key belongs that stands in the wrong place. */
const KNOWN_PATHS: readonly (readonly string[])[] = keysAt([]).flatMap((key) =>
  keysAt([key]).map((inner) => [key, inner]),
);
