import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Identity {
  readonly name: string;
  readonly email: string;
}

/** What we take over from the user's git config: data only, nothing that names a program. */
export interface UserSettings {
  readonly identity: Identity;
  /** `name=value` settings that decide how files are written and ignored. */
  readonly kept: readonly string[];
  readonly refStorage: string | undefined;
  /** The main directory of the repository has no checkout of its own, only linked worktrees. */
  readonly bare: boolean;
  readonly sparseCheckout: boolean;
  /** Names of the filters (git-lfs and the like) that the user's git runs on files. We run none. */
  readonly filters: readonly string[];
}

const FALLBACK: Identity = { name: 'Codewalk', email: 'codewalk@localhost' };

/** How files look on disk and what is ignored must be the same in a task's worktree as in the user's checkout. */
const KEPT = [
  'core.autocrlf',
  'core.eol',
  'core.safecrlf',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
  'core.protecthfs',
  'core.protectntfs',
  'core.longpaths',
  'core.trustctime',
  'core.checkstat',
  'core.bigfilethreshold',
  'core.sharedrepository',
  'core.excludesfile',
  'core.attributesfile',
  'merge.renames',
  'merge.renamelimit',
  'diff.renamelimit',
];

/** Reads the output of `git config --list -z`, where the last value of a name counts. */
export function readUserSettings(
  config: string,
  env: Readonly<Record<string, string | undefined>>,
): UserSettings {
  const values = new Map<string, string>();
  for (const entry of config.split('\0')) {
    const end = entry.indexOf('\n');
    // A name without a value means true.
    if (entry !== '')
      values.set(end < 0 ? entry : entry.slice(0, end), end < 0 ? 'true' : entry.slice(end + 1));
  }
  const kept = KEPT.flatMap((name) => {
    const value = values.get(name);
    if (value === undefined) return [];
    return [`${name}=${name.endsWith('file') ? expandHome(value, env) : value}`];
  });
  return {
    identity: {
      name: clean(values.get('user.name')) ?? FALLBACK.name,
      email: clean(values.get('user.email')) ?? FALLBACK.email,
    },
    kept,
    refStorage: values.get('extensions.refstorage'),
    bare: values.get('core.bare') === 'true',
    sparseCheckout: values.get('core.sparsecheckout') === 'true',
    filters: [...new Set([...values.keys()].flatMap((key) => /^filter\.(.+)\.[^.]+$/.exec(key)?.[1] ?? []))],
  };
}

/** A name in a commit cannot hold line ends or angle brackets. */
function clean(value: string | undefined): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out.
  const cleaned = value?.replace(/[\x00-\x1f<>]/g, '').trim();
  return cleaned === '' ? undefined : cleaned;
}

function expandHome(path: string, env: Readonly<Record<string, string | undefined>>): string {
  return path.startsWith('~/') ? join(env['HOME'] ?? homedir(), path.slice(2)) : path;
}
