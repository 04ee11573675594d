import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { formatKeyPath } from '../../core/config/key-path.ts';
import { ConfigInvalidError } from '../../core/config/problem.ts';
import { resolveConfig } from '../../core/config/resolve.ts';
import { UsageError } from '../../core/errors.ts';
import { plainValue } from '../../core/source/located.ts';
import { type ConfigPlaces, configFiles, type FileScope, readLayer } from './load.ts';

export interface ConfigEdit extends ConfigPlaces {
  readonly scope: FileScope;
  readonly keyPath: readonly string[];
}

type JsonMap = Record<string, unknown>;

/**
 * Sets one key in the file of one scope and leaves all else in that file as it was, so that the other scope's
 * later changes still have effect. Written only when the config as a whole is valid with it: otherwise
 * `ConfigInvalidError` and no change. Resolves to the file's path.
 */
export function setConfig(edit: ConfigEdit & { readonly value: unknown }): Promise<string> {
  return change(edit, (file) => setAt(file, edit.keyPath, edit.value));
}

/**
 * Removes one key from the file of one scope, and the maps that are empty without it; what the scope below says
 * then holds. Throws `UsageError` with code `CONFIG_NOT_SET` when the file does not have it.
 */
export function unsetConfig(edit: ConfigEdit): Promise<string> {
  return change(edit, (file, path) => {
    if (removeAt(file, edit.keyPath)) return;
    throw new UsageError('CONFIG_NOT_SET', `${formatKeyPath(edit.keyPath)} is not set in ${path}.`, {
      advice: 'See where it comes from with: cw config show --origin',
    });
  });
}

async function change(edit: ConfigEdit, apply: (file: JsonMap, path: string) => void): Promise<string> {
  const files = configFiles(edit);
  // A project in the home directory has one file for both scopes.
  const target =
    files.find((file) => file.scope === edit.scope) ?? (edit.root === undefined ? undefined : files[0]);
  if (target === undefined) {
    throw new UsageError('NO_PROJECT', 'There is no project here whose config could be changed.', {
      advice: 'Run it in a project, or change the global config.',
    });
  }
  const layers = await Promise.all(files.map((file) => readLayer(file)));
  const before = layers.find((layer) => layer.path === target.path);
  if (before !== undefined && before.problems.length > 0) throw new ConfigInvalidError(before.problems);
  const value = (before?.layer === undefined ? {} : plainValue(before.layer.tree)) as JsonMap;
  apply(value, target.path);
  const text = `${JSON.stringify(value, undefined, 2)}\n`;
  const after = await readLayer(target, text);
  if (after.problems.length > 0) throw new ConfigInvalidError(after.problems);
  const resolved = resolveConfig(
    layers.flatMap((layer) => (layer.path === target.path ? after : layer).layer ?? []),
  );
  if (resolved.kind === 'invalid') throw new ConfigInvalidError(resolved.problems);
  await replaceFile(target.path, text, edit.scope);
  return target.path;
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

/** Replaces the file in one step: a reader, or a crash, sees the old text or the new one. */
async function replaceFile(path: string, text: string, scope: FileScope): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const target = await realpath(path).catch(() => path);
  const mode = await stat(target).then(
    (found) => found.mode & 0o777,
    // A provider's env may hold keys, and the global file is one person's own.
    () => (scope === 'global' ? 0o600 : 0o644),
  );
  const temporary = join(dirname(target), `.config.json.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await using handle = await open(temporary, 'wx', mode);
    await handle.writeFile(text);
    await handle.sync();
    await chmod(temporary, mode);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new UsageError(
      'CONFIG_UNWRITABLE',
      `The config ${path} cannot be written: ${(error as Error).message}.`,
      {
        advice: 'Check that the directory exists and that you may write into it.',
        cause: error,
      },
    );
  }
}
