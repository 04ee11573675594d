import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, delimiter, dirname, isAbsolute, join } from 'node:path';
import { isWithin } from './paths.ts';

/** What is never shown because a program beside it is needed; below the home. */
const SENSITIVE = [
  '.aws',
  '.azure',
  '.cargo/credentials',
  '.cargo/credentials.toml',
  '.claude',
  '.codex',
  '.config',
  '.docker',
  '.gemini',
  '.gnupg',
  '.kube',
  '.local/share/keyrings',
  '.local/share/goose',
  '.local/share/opencode',
  '.netrc',
  '.npmrc',
  '.password-store',
  '.pypirc',
  '.ssh',
];
const PROGRAM_DIRECTORIES = new Set(['bin', 'sbin', 'shims', '.bin']);

/** Where the hidden things are, to tell what may be shown again. */
export interface Surroundings {
  readonly home: string;
  /** Absolute and without symbolic links. */
  readonly hidden: readonly string[];
}

/** The install directories of the programs on PATH that lie in a hidden place, such as those of nvm or pyenv. */
export function toolchains(path: string, around: Surroundings): string[] {
  return path
    .split(delimiter)
    .filter((directory) => isAbsolute(directory) && existsSync(directory))
    .flatMap((directory) => [directory, realpathSync(directory)])
    .flatMap((directory) => installation(directory, around));
}

/** What must be readable for a program, script or directory that the owner's config names. */
export function named(path: string, around: Surroundings): string[] {
  if (!isAbsolute(path) || !existsSync(path)) return [];
  return [path, realpathSync(path)].flatMap((each) => {
    if (statSync(each).isDirectory()) return mayShow(each, around) ? [each] : [];
    return [each, ...installation(dirname(each), around)];
  });
}

/** The directory of a program with the libraries that belong to it, as far as that shows nothing else. */
function installation(directory: string, around: Surroundings): string[] {
  if (!around.hidden.some((each) => isWithin(directory, each))) return [];
  const modules = /^(.+?\/node_modules)(\/|$)/.exec(directory)?.[1];
  const parent = dirname(directory);
  const candidates = [
    ...(modules === undefined ? [] : [modules]),
    ...(modules === undefined && PROGRAM_DIRECTORIES.has(basename(directory)) ? [parent] : []),
    directory,
  ];
  const root = candidates.find((each) => mayShow(each, around));
  if (root === undefined) return [];
  if (root !== directory || basename(directory) !== 'bin') return [root];
  // What its neighbours hold is not all for show: only the libraries, and Rust's toolchains.
  const beside = [
    join(parent, 'lib'),
    ...(basename(parent) === '.cargo' ? [join(around.home, '.rustup')] : []),
  ];
  return [root, ...beside.filter((each) => existsSync(each) && mayShow(each, around))];
}

/** Would showing `path` show a hidden place as a whole, or something sensitive? */
function mayShow(path: string, { home, hidden }: Surroundings): boolean {
  if (hidden.some((each) => isWithin(each, path))) return false;
  return !SENSITIVE.some((name) => isWithin(join(home, name), path));
}
