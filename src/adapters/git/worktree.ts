import { randomBytes } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crashPoint } from '../../core/crash-points.ts';
import type { ObjectId } from '../../core/ids.ts';
import { copyIndex, fingerprint } from './copy-index.ts';
import type { GitAnswer, GitCall } from './git.ts';
import { openTop } from './open-up.ts';
import { markOf } from './process-mark.ts';
import type { Repository } from './repository.ts';
import { breakAbandonedLocks, breakStaleLock } from './stale-lock.ts';
import type { WorktreeMarker } from './worktree-marker.ts';
import { MARKER_FILE, readMarker, writeMarker } from './worktree-marker.ts';

const OWN_INDEX = 'codewalk.index';
const OWNER_FILE = 'codewalk.pid';
/** What must stay in a git directory of a worktree when everything that happened in it is forgotten. */
const LASTING = new Set(['HEAD', 'commondir', 'gitdir', OWN_INDEX, MARKER_FILE]);
/** An operation of git that was begun in a worktree and not ended. */
const UNFINISHED = [
  'MERGE_HEAD',
  'MERGE_MSG',
  'MERGE_MODE',
  'AUTO_MERGE',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'rebase-merge',
  'rebase-apply',
  'sequencer',
];

/** Where HEAD of a worktree stands. `ref` is the full name; neither is there when HEAD is damaged. */
export interface HeadPosition {
  readonly ref: string | undefined;
  readonly commit: ObjectId | undefined;
}

/**
 * One worktree of ours: a directory below `.codewalk/worktrees` and its git directory in `worktrees/` of the common
 * directory, laid out as gitrepository-layout(5) says, so that an agent's own git works in it.
 *
 * Our commands use an index of their own. The agent's may hold anything: files marked as unchanged, a sparse
 * checkout, a lock of a process that was killed. After each change the agent's index becomes a copy of ours.
 */
export class Worktree {
  readonly repo: Repository;
  /** Its git directory. */
  readonly adminDir: string;
  #marker: WorktreeMarker;

  constructor(repo: Repository, adminDir: string, marker: WorktreeMarker) {
    this.repo = repo;
    this.adminDir = adminDir;
    this.#marker = marker;
  }

  /** All worktrees of ours that belong to this checkout, also those whose directory is gone. */
  static list(repo: Repository): Worktree[] {
    const parent = join(repo.facts.commonDir, 'worktrees');
    if (!existsSync(parent)) return [];
    return readdirSync(parent).flatMap((name) => {
      const marker = name.startsWith('cw-') ? readMarker(join(parent, name)) : undefined;
      if (marker === undefined || marker.root !== repo.facts.root) return [];
      return [new Worktree(repo, join(parent, name), marker)];
    });
  }

  /** What is written down of the worktree that the directory names, whatever place that says. */
  static markerIn(repo: Repository, place: string): WorktreeMarker | undefined {
    const named = adminNamedIn(join(repo.worktreesDir, place, '.git'), repo.facts.commonDir);
    return named === undefined ? undefined : readMarker(named);
  }

  /** The worktree whose directory is `place`. */
  static at(repo: Repository, place: string): Worktree | undefined {
    openTop(join(repo.worktreesDir, place));
    const named = adminNamedIn(join(repo.worktreesDir, place, '.git'), repo.facts.commonDir);
    const marker = named === undefined ? undefined : readMarker(named);
    if (named !== undefined && marker?.root === repo.facts.root) {
      if (marker.place === place) return new Worktree(repo, named, marker);
      // A crash in the middle of `move`: renamed, but not yet written down.
      if (!existsSync(join(repo.worktreesDir, marker.place))) {
        const moved = new Worktree(repo, named, { ...marker, place });
        moved.mark({});
        moved.connect();
        return moved;
      }
    }
    // The agent may have changed or deleted its `.git` file.
    return Worktree.list(repo).find((worktree) => worktree.place === place);
  }

  /**
   * Makes the git directory for `place`; nothing is checked out. `ready` when the directory holds work already: one
   * that is `opening` may be overwritten.
   */
  static create(
    repo: Repository,
    place: string,
    branch: string,
    state: 'opening' | 'ready' = 'opening',
  ): Worktree {
    // With the process that makes it: without a mark, nothing else would say whether it is still being made.
    const name = `cw-${randomBytes(6).toString('hex')}-${markOf(process.pid)}`;
    const adminDir = join(repo.facts.commonDir, 'worktrees', name);
    mkdirSync(join(repo.worktreesDir, place), { recursive: true });
    mkdirSync(adminDir, { recursive: true });
    crashPoint('worktree.made');
    // As git does: while it is locked, a `git worktree prune` leaves it alone.
    writeFileSync(join(adminDir, 'locked'), 'initializing');
    const marker: WorktreeMarker = { root: repo.facts.root, place, branch, state };
    writeMarker(adminDir, marker);
    crashPoint('worktree.marked');
    writeFileSync(join(adminDir, 'commondir'), '../..\n');
    writeFileSync(join(adminDir, 'HEAD'), `ref: refs/heads/${branch}\n`);
    const worktree = new Worktree(repo, adminDir, marker);
    worktree.connect();
    rmSync(join(adminDir, 'locked'));
    crashPoint('worktree.connected');
    return worktree;
  }

  get place(): string {
    return this.#marker.place;
  }

  get marker(): WorktreeMarker {
    return this.#marker;
  }

  get path(): string {
    return join(this.repo.worktreesDir, this.#marker.place);
  }

  mark(change: Partial<WorktreeMarker>): void {
    this.#marker = { ...this.#marker, ...change, by: markOf(process.pid) };
    writeMarker(this.adminDir, this.#marker);
  }

  /**
   * Renames its directory, and writes that down before: another process may take it as soon as it has the new name, and
   * nothing of ours may come after that. A crash in between is seen by the next look at the old name.
   */
  giveName(place: string): void {
    const before = this.path;
    this.mark({ place });
    writeIfChanged(join(this.adminDir, 'gitdir'), `${join(this.path, '.git')}\n`);
    renameSync(before, this.path);
  }

  /** Takes it under another name; `false` when another process was faster. */
  move(place: string): boolean {
    try {
      renameSync(this.path, join(this.repo.worktreesDir, place));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.mark({ place });
    this.connect();
    return true;
  }

  /** Makes the directory and the git directory name each other. */
  connect(): void {
    const gitFile = join(this.path, '.git');
    // An agent that ran `git init` here replaced the file by a repository: its history is put aside, not deleted.
    if (lstatSync(gitFile, { throwIfNoEntry: false })?.isDirectory()) {
      renameSync(gitFile, join(this.adminDir, `replaced-git-${randomBytes(4).toString('hex')}`));
    }
    writeIfChanged(join(this.adminDir, 'gitdir'), `${gitFile}\n`);
    writeIfChanged(gitFile, `gitdir: ${this.adminDir}\n`);
  }

  run(
    args: readonly string[],
    options: Partial<GitCall> & { besideAgent?: boolean } = {},
  ): Promise<GitAnswer> {
    return this.repo.run(args, {
      ...options,
      cwd: this.path,
      env: {
        GIT_DIR: this.adminDir,
        GIT_COMMON_DIR: this.repo.shadowDir,
        GIT_WORK_TREE: this.path,
        GIT_INDEX_FILE: join(this.adminDir, OWN_INDEX),
        ...options.env,
      },
      onSpawn: (pid) => writeFileSync(join(this.adminDir, OWNER_FILE), String(pid)),
    });
  }

  /** The same with the index that the agent's own git uses. */
  runOnAgentIndex(args: readonly string[], options: Partial<GitCall> = {}): Promise<GitAnswer> {
    return this.run(args, { ...options, env: { GIT_INDEX_FILE: join(this.adminDir, 'index') } });
  }

  async head(): Promise<HeadPosition> {
    let text: string;
    try {
      text = readFileSync(join(this.adminDir, 'HEAD'), 'utf8').trim();
    } catch {
      return { ref: undefined, commit: undefined };
    }
    const ref = /^ref: (refs\/\S+)$/.exec(text)?.[1];
    if (ref !== undefined) return { ref, commit: await this.repo.commit(ref) };
    return { ref, commit: /^[0-9a-f]{40,64}$/.test(text) ? await this.repo.commit(text) : undefined };
  }

  /** HEAD on a branch (full ref name) or, detached, at a commit. No file changes. */
  setHead(target: { ref: string } | { commit: ObjectId }): void {
    const path = join(this.adminDir, 'HEAD');
    writeFileSync(`${path}.new`, 'ref' in target ? `ref: ${target.ref}\n` : `${target.commit}\n`);
    renameSync(`${path}.new`, path);
  }

  /** Makes the tracked files and the index those of `commit`; untracked files stay where they are not in the way. */
  async showCommit(commit: ObjectId): Promise<void> {
    await this.run(['read-tree', '--reset', '-u', commit]);
    this.showIndex();
  }

  /** Gives the agent's git a copy of our index. */
  showIndex(): void {
    const shown = join(this.adminDir, 'index');
    copyIndex(join(this.adminDir, OWN_INDEX), shown);
    this.repo.shownIndexes.set(this.adminDir, fingerprint(shown));
  }

  /** The index that only we write. */
  get ownIndex(): string {
    return join(this.adminDir, OWN_INDEX);
  }

  get hasIndex(): boolean {
    return existsSync(this.ownIndex);
  }

  /** False only when it is certain that the agent's git did not write its index since `showIndex`. */
  get agentIndexTouched(): boolean {
    const shown = this.repo.shownIndexes.get(this.adminDir);
    return shown === undefined || shown !== fingerprint(join(this.adminDir, 'index'));
  }

  /** Commits that a merge in progress brings in, by us or by the agent. */
  mergeHeads(): string[] {
    const path = join(this.adminDir, 'MERGE_HEAD');
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter((line) => /^[0-9a-f]{40,64}$/.test(line));
  }

  setMergeHead(commit: ObjectId, message: string): void {
    writeFileSync(join(this.adminDir, 'MERGE_HEAD'), `${commit}\n`);
    writeFileSync(join(this.adminDir, 'MERGE_MODE'), '');
    writeFileSync(join(this.adminDir, 'MERGE_MSG'), `${message}\n`);
  }

  /** Was `commit` made here, and not only checked out? Read from the reflog that the agent's git writes. */
  madeHere(commit: ObjectId): boolean {
    const path = join(this.adminDir, 'logs', 'HEAD');
    if (!existsSync(path)) return false;
    return readFileSync(path, 'utf8')
      .split('\n')
      .some((line) => line.split(' ')[1] === commit && !/\t(checkout|reset):/.test(line));
  }

  endUnfinished(): void {
    for (const name of UNFINISHED) rmSync(join(this.adminDir, name), { recursive: true, force: true });
  }

  /** Forgets everything that happened in it, so that the next task finds nothing of this one. */
  forget(): void {
    for (const name of readdirSync(this.adminDir)) {
      if (!LASTING.has(name)) rmSync(join(this.adminDir, name), { recursive: true });
    }
    this.repo.shownIndexes.delete(this.adminDir);
  }

  /**
   * Removes the locks that killed processes left: on our index, waiting while its owner still runs, and those of an
   * agent's git, on HEAD and on the task's branch, which would hold up the next snapshot or the next agent. For when
   * no agent works in here.
   */
  async breakStaleLocks(): Promise<void> {
    await breakStaleLock({
      lock: join(this.adminDir, `${OWN_INDEX}.lock`),
      ownerFile: join(this.adminDir, OWNER_FILE),
      where: this.path,
    });
    const { branch } = this.#marker;
    const heads = join(this.repo.facts.commonDir, 'refs', 'heads');
    await breakAbandonedLocks([
      join(this.adminDir, 'HEAD.lock'),
      ...(branch === undefined ? [] : [join(heads, `${branch}.lock`)]),
    ]);
  }
}

function adminNamedIn(gitFile: string, commonDir: string): string | undefined {
  try {
    const target = /^gitdir: (.+)$/m.exec(readFileSync(gitFile, 'utf8'))?.[1];
    const parent = join(commonDir, 'worktrees/');
    return target?.startsWith(`${parent}cw-`) && !target.slice(parent.length).includes('/')
      ? target
      : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file, or the link that an agent put there. */
function writeIfChanged(path: string, text: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isFile() && readFileSync(path, 'utf8') === text) return;
  rmSync(`${path}.cw-new`, { recursive: true, force: true });
  // The flag refuses to write through a link that was put there in between.
  writeFileSync(`${path}.cw-new`, text, { flag: 'wx' });
  renameSync(`${path}.cw-new`, path);
}
