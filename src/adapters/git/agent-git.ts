import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { CodewalkError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Workspace } from '../../core/workspaces/ports.ts';
import { copyIndex, fingerprint } from './copy-index.ts';
import { openUp } from './open-up.ts';
import type { Repository } from './repository.ts';
import { Worktree } from './worktree.ts';

/** What a program in a sandbox sees of the repository besides the task's files. */
export interface AgentGit {
  /** Checkouts and git directories that it must not see. */
  readonly hidden: readonly string[];
  /** The object directories. */
  readonly readable: readonly string[];
  readonly mounts: readonly {
    readonly source: string;
    readonly target: string;
    readonly writable: boolean;
  }[];
  /** Takes over what the agent's git says about the worktree's files. Call it when the program has ended. */
  collect(): Promise<void>;
}

const MOST_INDEX_BYTES = 1_073_741_824;
const MOST_LOG_BYTES = 1_048_576;
const MERGE_FILES = ['MERGE_HEAD', 'MERGE_MODE', 'MERGE_MSG'] as const;

/**
 * Makes a git directory of the task's own, which stands in the sandbox where the worktree's git directory is. It is
 * a whole repository: config, refs, index and new objects are the agent's, older objects are read from the real one.
 * Nothing in it is ever read as a repository by our git, so it may hold any config, hook or ref.
 *
 * It is laid out anew for every start; of what was in it, only objects and the stash stay.
 */
export async function prepareAgentGit(
  repo: Repository,
  workspace: Workspace,
  directory: string,
): Promise<AgentGit> {
  const worktree = Worktree.at(repo, workspace.task);
  if (worktree === undefined) {
    throw new CodewalkError('WORKSPACE_LOST', `The worktree of task ${workspace.task} is gone`, {
      advice: 'Start the task again to get a new worktree.',
    });
  }
  worktree.connect();
  const gitDir = join(directory, 'git');
  const next = join(directory, `git-${randomBytes(6).toString('hex')}`);
  if (existsSync(gitDir)) openUp(gitDir);
  const before = await layOut(worktree, next, gitDir);
  rmSync(gitDir, { recursive: true, force: true });
  renameSync(next, gitDir);
  const shown = fingerprint(join(gitDir, 'index'));
  return {
    hidden: hiddenPlaces(repo),
    readable: objectDirectories(repo),
    mounts: [
      { source: gitDir, target: worktree.adminDir, writable: true },
      { source: join(worktree.path, '.git'), target: join(worktree.path, '.git'), writable: false },
    ],
    async collect() {
      openUp(gitDir);
      takeIndex(worktree, gitDir, shown);
      if (calledOff(worktree, gitDir, before)) worktree.endUnfinished();
    },
  };
}

/** Who reads a copy sees no git at all. */
export function withoutGit(repo: Repository): AgentGit {
  return { hidden: hiddenPlaces(repo), readable: [], mounts: [], collect: async () => {} };
}

/** Returns the commit that HEAD stands at. */
async function layOut(worktree: Worktree, next: string, old: string): Promise<ObjectId | undefined> {
  const { repo } = worktree;
  for (const name of [
    'objects/pack',
    'objects/info',
    'refs/heads',
    'refs/tags',
    'info',
    'hooks',
    'logs/refs',
  ]) {
    mkdirSync(join(next, name), { recursive: true });
  }
  keepObjects(join(old, 'objects'), join(next, 'objects'));
  keepStash(old, next);
  const write = (name: string, text: string) => writeFileSync(join(next, name), text);
  const head = await worktree.head();
  write('HEAD', head.ref === undefined ? `${head.commit}\n` : `ref: ${head.ref}\n`);
  write('config', configText(repo));
  write('objects/info/alternates', `${join(repo.facts.commonDir, 'objects')}\n`);
  write('packed-refs', await refsText(repo));
  write('info/exclude', ignoreRules(repo));
  copyIfThere(join(repo.facts.commonDir, 'info', 'attributes'), join(next, 'info', 'attributes'));
  copyIfThere(join(repo.facts.commonDir, 'shallow'), join(next, 'shallow'));
  for (const name of MERGE_FILES) copyIfThere(join(worktree.adminDir, name), join(next, name));
  if (worktree.hasIndex) copyIndex(worktree.ownIndex, join(next, 'index'));
  return head.commit;
}

/** Moves the agent's objects over, as far as they are files in plain directories. */
function keepObjects(from: string, to: string): void {
  if (!lstatSync(from, { throwIfNoEntry: false })?.isDirectory()) return;
  for (const name of readdirSync(from)) {
    if (!/^([0-9a-f]{2}|pack)$/.test(name) || !lstatSync(join(from, name)).isDirectory()) continue;
    rmSync(join(to, name), { recursive: true, force: true });
    renameSync(join(from, name), join(to, name));
  }
}

function keepStash(old: string, next: string): void {
  const stash = readSmall(join(old, 'refs', 'stash'));
  if (stash === undefined || !/^[0-9a-f]{40,64}\n?$/.test(stash)) return;
  writeFileSync(join(next, 'refs', 'stash'), stash);
  writeFileSync(join(next, 'logs', 'refs', 'stash'), readSmall(join(old, 'logs', 'refs', 'stash')) ?? '');
}

/** Every branch and tag, as they are now: copies, which the agent may move as it likes. */
async function refsText(repo: Repository): Promise<string> {
  return await repo.text([
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    'refs/heads',
    'refs/tags',
    'refs/remotes',
  ]);
}

function configText({ facts }: Repository): string {
  const { identity, kept } = facts.user;
  const sha256 = facts.objectFormat === 'sha256';
  const settings = [
    `core.repositoryformatversion=${sha256 ? 1 : 0}`,
    ...(sha256 ? ['extensions.objectformat=sha256'] : []),
    'core.bare=false',
    'core.logallrefupdates=true',
    `user.name=${identity.name}`,
    `user.email=${identity.email}`,
    'gc.auto=0',
    'maintenance.auto=false',
    // Their files are in the home; what they say stands in info/exclude, and attributes of a home are rare.
    ...kept.filter((setting) => !/^core\.(excludesfile|attributesfile|sharedrepository)=/.test(setting)),
  ];
  return settings
    .map((setting) => {
      const [, section, key, value] = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(setting) ?? [];
      return `[${section}]\n\t${key} = ${quoted(value ?? '')}\n`;
    })
    .join('');
}

/** See git-config(1), "Values". */
function quoted(value: string): string {
  return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}

/** What git ignores here besides `.gitignore`: of the repository, and of the person. */
function ignoreRules({ facts }: Repository): string {
  const configured = facts.user.kept
    .find((setting) => setting.startsWith('core.excludesfile='))
    ?.slice('core.excludesfile='.length);
  const own =
    configured ?? join(process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'git', 'ignore');
  return [join(facts.commonDir, 'info', 'exclude'), own]
    .map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
    .join('\n');
}

/** The repository's objects, and where it borrows more from (gitrepository-layout(5), "objects/info/alternates"). */
function objectDirectories({ facts }: Pick<Repository, 'facts'>): string[] {
  const found = [join(facts.commonDir, 'objects')];
  for (const directory of found) {
    const list = join(directory, 'info', 'alternates');
    for (const line of existsSync(list) ? readFileSync(list, 'utf8').split('\n') : []) {
      if (line === '' || line.startsWith('#')) continue;
      const path = isAbsolute(line) ? line : resolve(directory, line);
      if (existsSync(path) && !found.includes(path)) found.push(path);
    }
  }
  return found;
}

/** The user's checkouts of this repository: they hold `.env` files, our state, and the work of other tasks. */
function hiddenPlaces({ facts }: Repository): string[] {
  const { root, commonDir } = facts;
  const main = commonDir.endsWith('/.git') ? dirname(commonDir) : commonDir;
  const parent = join(commonDir, 'worktrees');
  const linked = (existsSync(parent) ? readdirSync(parent) : []).flatMap((name) => {
    const gitFile = readSmall(join(parent, name, 'gitdir'))?.trim();
    return gitFile === undefined || !isAbsolute(gitFile) ? [] : [dirname(gitFile)];
  });
  return [...new Set([root, main, ...linked.filter((path) => !path.startsWith(`${root}/`))])];
}

/** Gives our side the index that the agent's git wrote: what it staged or took out counts, see `stageEverything`. */
function takeIndex(worktree: Worktree, gitDir: string, shown: string): void {
  const from = join(gitDir, 'index');
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile() || stat.size > MOST_INDEX_BYTES || fingerprint(from) === shown)
    return;
  copyIndex(from, join(worktree.adminDir, 'index'));
}

/**
 * Did the agent abort the merge that we had begun? Its merge is over, and nothing was committed. Without this our
 * snapshot would claim to contain the other side.
 */
function calledOff(worktree: Worktree, gitDir: string, before: string | undefined): boolean {
  if (worktree.mergeHeads().length === 0 || existsSync(join(gitDir, 'MERGE_HEAD'))) return false;
  return headOf(gitDir) === before;
}

/** The commit at which HEAD stands, read as text: this is not a repository for our git. */
function headOf(gitDir: string): string | undefined {
  const head = readSmall(join(gitDir, 'HEAD'))?.trim();
  const ref = /^ref: (refs\/[A-Za-z0-9._/-]+)$/.exec(head ?? '')?.[1];
  if (ref === undefined) return head;
  if (ref.includes('..')) return undefined;
  const loose = readSmall(join(gitDir, ref))?.trim();
  if (loose !== undefined) return loose;
  const packed = readSmall(join(gitDir, 'packed-refs'));
  return packed
    ?.split('\n')
    .find((line) => line.endsWith(` ${ref}`))
    ?.split(' ')[0];
}

function copyIfThere(from: string, to: string): void {
  if (existsSync(from)) writeFileSync(to, readFileSync(from));
}

/** A small regular file as text; links are not followed at its end. */
function readSmall(path: string): string | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  try {
    const stat = fstatSync(fd);
    return stat.isFile() && stat.size <= MOST_LOG_BYTES ? readFileSync(fd, 'utf8') : undefined;
  } finally {
    closeSync(fd);
  }
}
