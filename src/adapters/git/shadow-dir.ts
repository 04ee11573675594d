import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { RepositoryFacts } from './facts.ts';

/** Everything of ours in the user's checkout is below this directory. */
export const OWN_DIR = '.codewalk';
/** All but the project's settings, which a team shares. */
const EXCLUDE_LINES = [`/${OWN_DIR}/*`, `!/${OWN_DIR}/config.json`];
const LINKS = ['objects', 'refs', 'logs', 'info/exclude'] as const;
/** Files that a repository may have, or get while we work. A link to one that is not there would trip programs that walk the tree. */
const LATE_LINKS = ['packed-refs', 'shallow', 'info/attributes'] as const;

/**
 * Makes `.codewalk/git`, a git directory with the objects and refs of the user's repository but with a config of
 * our own (see gitrepository-layout(5); contrib's git-new-workdir works the same way). What stands in the user's
 * config or hooks, by whoever wrote it there, does not exist for a git that starts from here. Returns its path.
 */
export function makeShadowDir(facts: RepositoryFacts): string {
  const dir = join(facts.root, OWN_DIR, 'git');
  for (const name of ['info', 'tmp']) mkdirSync(join(dir, name), { recursive: true });
  for (const name of LINKS) link(join(facts.commonDir, name), join(dir, name), name);
  linkLateFiles(facts);
  writeIfChanged(join(dir, 'HEAD'), 'ref: refs/codewalk/none\n');
  writeIfChanged(join(dir, 'config'), shadowConfig(facts));
  return dir;
}

/**
 * Links what the repository has got since, such as the refs that a person's `git gc` has just packed, and unlinks
 * what it has no more. Asked before every use, so it only looks.
 */
export function linkLateFiles(facts: RepositoryFacts): void {
  const dir = join(facts.root, OWN_DIR, 'git');
  for (const name of LATE_LINKS) {
    const [target, path] = [join(facts.commonDir, name), join(dir, name)];
    if (existsSync(target) === isThere(path)) continue;
    if (existsSync(target)) link(target, path, name);
    else rmSync(path);
  }
}

/** Hides what is ours from the user's `git status`, without a change to any file of theirs that git tracks. */
export function ensureIgnored(facts: Pick<RepositoryFacts, 'commonDir'>): void {
  const path = join(facts.commonDir, 'info', 'exclude');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const known = new Set(text.split('\n').map((line) => line.trim()));
  const missing = EXCLUDE_LINES.filter((line) => !known.has(line));
  if (missing.length === 0) return;
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`);
}

function shadowConfig(facts: RepositoryFacts): string {
  const core = ['bare = false', 'logAllRefUpdates = true'];
  if (facts.objectFormat === 'sha1') return config(['repositoryformatversion = 0', ...core]);
  return `${config(['repositoryformatversion = 1', ...core])}[extensions]\n\tobjectformat = sha256\n`;
}

function config(core: readonly string[]): string {
  return `[core]\n${core.map((line) => `\t${line}\n`).join('')}`;
}

function link(target: string, path: string, name: string): void {
  try {
    if (readlinkSync(path) === target) return;
    rmSync(path);
  } catch {
    if (isThere(path)) rmSync(path, { recursive: true });
  }
  // Without reflogs in the user's repository ours are written here: a dangling link could not become a directory.
  if (name === 'logs' && !existsSync(target)) mkdirSync(path);
  else symlinkSync(target, path);
}

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function writeIfChanged(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  writeFileSync(`${path}.${process.pid}`, text);
  renameSync(`${path}.${process.pid}`, path);
}
