import { UsageError } from '../errors.ts';
import { plainValue } from '../source/located.ts';
import { formatKeyPath } from './key-path.ts';
import type { ConfigText, FileScope } from './ports.ts';
import { ConfigInvalidError } from './problem.ts';
import { checkConfigText } from './read-layer.ts';
import { type ConfigLayer, resolveConfig } from './resolve.ts';

/** One key of one file. `value` null: it is taken away, and so are the maps that are empty without it. */
export interface ConfigChange {
  readonly scope: FileScope;
  readonly key: readonly string[];
  readonly value: unknown;
}

export interface ChangedText extends ConfigText {
  readonly after: string;
}

/**
 * What the changes make of the files, of which only those come back that change. All else in a file stays, in its
 * order, so that the other scope's later changes still have effect. Throws `ConfigInvalidError` when a file was broken
 * before, or the config as a whole would be, and `UsageError` `CONFIG_NOT_SET`.
 */
export function editConfig(
  files: readonly ConfigText[],
  changes: readonly ConfigChange[],
): readonly ChangedText[] {
  const layers = files.map((file) => layerOf(file));
  const edited = new Map<ConfigText, JsonMap>();
  for (const change of changes) {
    const file = fileOf(files, change.scope);
    const layer = layers[files.indexOf(file)];
    const value = edited.get(file) ?? ((layer === undefined ? {} : plainValue(layer.tree)) as JsonMap);
    edited.set(file, value);
    apply(value, change, file.path);
  }
  const after = files.map((file, at) => {
    const value = edited.get(file);
    return value === undefined
      ? { file, layer: layers[at], text: file.text }
      : checked(file, `${JSON.stringify(value, undefined, 2)}\n`);
  });
  const resolved = resolveConfig(after.flatMap(({ layer }) => layer ?? []));
  if (resolved.kind === 'invalid') throw new ConfigInvalidError(resolved.problems);
  return after.flatMap(({ file, text }) =>
    text === undefined || text === file.text ? [] : { ...file, after: text },
  );
}

type JsonMap = Record<string, unknown>;

function layerOf(file: ConfigText): ConfigLayer | undefined {
  return file.text === undefined ? undefined : checked(file, file.text).layer;
}

function checked(file: ConfigText, text: string): { file: ConfigText; layer: ConfigLayer; text: string } {
  const { layer, problems } = checkConfigText({ ...file, text });
  if (layer === undefined) throw new ConfigInvalidError(problems);
  return { file, layer, text };
}

/** A project in the home directory has one file for both scopes. */
function fileOf(files: readonly ConfigText[], scope: FileScope): ConfigText {
  const file = files.find((each) => each.scope === scope) ?? files[0];
  if (file === undefined) throw new Error('A config without files');
  return file;
}

function apply(file: JsonMap, { key, value }: ConfigChange, path: string): void {
  if (value !== null) setAt(file, key, value);
  else if (!removeAt(file, key)) {
    throw new UsageError('CONFIG_NOT_SET', `${formatKeyPath(key)} is not set in ${path}.`, {
      advice: 'See where it comes from with: cw config show --origin',
    });
  }
}

function setAt(file: JsonMap, keyPath: readonly string[], value: unknown): void {
  let map = file;
  for (const key of keyPath.slice(0, -1)) {
    if (!Object.hasOwn(map, key) || !isMap(map[key])) define(map, key, {});
    map = map[key] as JsonMap;
  }
  define(map, keyPath.at(-1) ?? '', value);
}

/** A plain assignment to `__proto__` would change the prototype in place of the map. */
function define(map: JsonMap, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}

function removeAt(map: JsonMap, [key = '', ...rest]: readonly string[]): boolean {
  if (!Object.hasOwn(map, key)) return false;
  const inner = map[key];
  if (rest.length > 0) {
    if (!isMap(inner) || !removeAt(inner, rest)) return false;
    if (Object.keys(inner).length > 0) return true;
  }
  delete map[key];
  return true;
}

function isMap(value: unknown): value is JsonMap {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
