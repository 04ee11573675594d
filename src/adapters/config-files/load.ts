import { statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ConfigOrigins } from '../../core/config/merge.ts';
import type { FileScope } from '../../core/config/ports.ts';
import { ConfigInvalidError, type ConfigProblem } from '../../core/config/problem.ts';
import { type ConfigLayer, resolveConfig } from '../../core/config/resolve.ts';
import type { Config } from '../../core/config/schema.ts';
import { readConfigText } from './read-text.ts';

export interface ConfigPlaces {
  /** Directory that holds the global `.codewalk/`. Default: the user's home. */
  readonly home?: string;
  /** The project's root directory; `undefined` outside of a project. */
  readonly root: string | undefined;
}

export interface LoadedConfig {
  readonly config: Config;
  /** Where each setting in force came from. */
  readonly origins: ConfigOrigins;
  /** The files that were looked for, the lowest first, and whether they are there. */
  readonly files: readonly { readonly scope: FileScope; readonly path: string; readonly exists: boolean }[];
}

/**
 * Reads `<home>/.codewalk/config.json` and `<root>/.codewalk/config.json`, and nothing else. A file that is not
 * there is no error. Throws `ConfigInvalidError` with all problems of both files, or `UsageError` with code
 * `CONFIG_UNREADABLE`.
 */
export async function loadConfig(places: ConfigPlaces): Promise<LoadedConfig> {
  const read = await Promise.all(configFiles(places).map((file) => readLayer(file)));
  const problems = read.flatMap((file) => file.problems);
  if (problems.length > 0) throw new ConfigInvalidError(problems);
  const resolved = resolveConfig(read.flatMap((file) => file.layer ?? []));
  if (resolved.kind === 'invalid') throw new ConfigInvalidError(resolved.problems);
  const files = read.map(({ scope, path, exists }) => ({ scope, path, exists }));
  return { config: resolved.config, origins: resolved.origins, files };
}

/** Changes when one of the files does. */
export function configStamp(places: ConfigPlaces): string {
  return configFiles(places)
    .map(({ path }) => {
      const found = statSync(path, { throwIfNoEntry: false });
      return found === undefined ? '-' : `${found.ino} ${found.mtimeMs} ${found.size}`;
    })
    .join(' ');
}

/** Where the file of each scope is; a project in the home directory has one file for both. */
export function configFiles({ home, root }: ConfigPlaces): readonly { scope: FileScope; path: string }[] {
  const global = resolve(join(home ?? homedir(), '.codewalk', 'config.json'));
  const project = root === undefined ? undefined : resolve(join(root, '.codewalk', 'config.json'));
  const files: { scope: FileScope; path: string }[] = [{ scope: 'global', path: global }];
  if (project !== undefined && project !== global) files.push({ scope: 'project', path: project });
  return files;
}

interface ReadLayer {
  readonly scope: FileScope;
  readonly path: string;
  readonly exists: boolean;
  /** Absent when the file is not there, or has problems. */
  readonly layer?: ConfigLayer | undefined;
  readonly problems: readonly ConfigProblem[];
}

/** One config file, checked by itself. */
async function readLayer(file: { scope: FileScope; path: string }): Promise<ReadLayer> {
  const content = await readConfigText(file.path);
  if (content === undefined) return { ...file, exists: false, problems: [] };
  // Late: most of what it takes to load this file is for checking one, and there may be none.
  const { checkConfigText } = await import('../../core/config/read-layer.ts');
  return { ...file, exists: true, ...checkConfigText({ ...file, text: content }) };
}
