import { randomBytes } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type ObjectId, type TaskId, taskId } from '../../core/ids.ts';
import type { WorktreeFacts } from '../../core/workspaces/retention.ts';
import { taskBranch } from '../../core/workspaces/task-branch.ts';
import { branchRef } from './branch-name.ts';
import { copyIndex } from './copy-index.ts';
import { openTop } from './open-up.ts';
import type { Repository } from './repository.ts';
import { taskRefs } from './task-refs.ts';
import { Worktree } from './worktree.ts';

const AT_ONCE = 4;
/** In a git directory: what an agent put there that holds more than commits of ours. */
const FOREIGN = [
  { name: /^modules$/, what: 'it holds a submodule' },
  { name: /^replaced-git-/, what: 'an agent made a repository of its own in it' },
] as const;

/** What git and the directory can tell; the rest of `WorktreeFacts` is known elsewhere. */
export type GitFacts = Omit<WorktreeFacts, 'task' | 'processes'>;

export interface SurveyOptions {
  readonly integrationBranch: string;
  /** The snapshot that was merged for a task, however it went in; for tasks that are done. */
  readonly mergedHeads: ReadonlyMap<TaskId, ObjectId>;
  /** Epoch ms. */
  readonly now: number;
}

/**
 * Looks at every worktree of this checkout, at git directories without one and at directories that no git directory
 * knows. Changes nothing but permissions that would keep it from looking.
 */
export async function survey(repo: Repository, options: SurveyOptions): Promise<GitFacts[]> {
  const known = Worktree.list(repo);
  const places = new Set(known.map(({ place }) => place));
  const others = (existsSync(repo.worktreesDir) ? readdirSync(repo.worktreesDir) : []).filter(
    (name) => !places.has(name) && !known.some((worktree) => isMovedTo(worktree, name)),
  );
  const subjects = [...known, ...others].values();
  const found: GitFacts[] = [];
  const lookAtNext = async () => {
    for (const subject of subjects) found.push(await lookAt(repo, subject, options));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lookAtNext));
  return found.toSorted((a, b) => (a.place < b.place ? -1 : 1));
}

/** The same for one of them; `undefined` when it is gone. */
export async function surveyOne(
  repo: Repository,
  place: string,
  options: SurveyOptions,
): Promise<GitFacts | undefined> {
  const worktree = Worktree.list(repo).find((each) => each.place === place);
  if (worktree !== undefined) return await lookAt(repo, worktree, options);
  const stat = lstatSync(join(repo.worktreesDir, place), { throwIfNoEntry: false });
  return stat === undefined ? undefined : await lookAt(repo, place, options);
}

/** A crash in the middle of a move: renamed, but not yet written down. */
function isMovedTo({ adminDir, path }: Worktree, name: string): boolean {
  const gitFile = join(path, '..', name, '.git');
  return !existsSync(path) && textOf(gitFile)?.trim() === `gitdir: ${adminDir}`;
}

async function lookAt(
  repo: Repository,
  subject: Worktree | string,
  options: SurveyOptions,
): Promise<GitFacts> {
  const worktree = typeof subject === 'string' ? undefined : subject;
  const place = typeof subject === 'string' ? subject : subject.place;
  const path = join(repo.worktreesDir, place);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  const task = taskId.safeParse(place).data;
  const ownBranch = task === undefined ? undefined : taskBranch(task, options.integrationBranch);
  const branch = worktree?.marker.branch ?? ownBranch;
  const shared = {
    place,
    path,
    branch,
    locked: worktree === undefined ? undefined : lockOf(worktree),
    unsaved: [],
    unmerged: undefined,
    obstacle: undefined,
    ageMs: Math.max(0, options.now - lastChange(path, worktree?.adminDir)),
  };
  if (stat?.isSymbolicLink() === true) return { ...shared, kind: 'link' };
  const isDirectory = stat?.isDirectory() === true;
  if (stat !== undefined && !isDirectory) return { ...shared, kind: 'unknown' };
  if (stat === undefined && worktree === undefined) return { ...shared, kind: 'unknown' };

  const commits = await commitsOf(repo, worktree, branch);
  const [shown] = commits;
  const unmerged = await firstUnmerged(
    repo,
    commits.filter((commit) => commit !== knownMerged(worktree)),
    task,
    options,
  );
  if (!isDirectory) return { ...shared, kind: 'gone', unmerged };
  openTop(path);
  if (shown === undefined) return { ...shared, kind: 'unknown' };
  const obstacle = worktree === undefined ? ownRepository(path) : foreignIn(worktree);
  const kind = worktree?.marker.state === 'pooled' ? 'pooled' : 'worktree';
  // Once there is one reason to keep it, the files need not be read.
  if (unmerged !== undefined || obstacle !== undefined) return { ...shared, kind, unmerged, obstacle };
  return { ...shared, kind, ...(await unsavedIn(repo, { path, worktree, commit: shown })) };
}

/** What its release had found to be merged, by whatever strategy it went in. */
function knownMerged(worktree: Worktree | undefined): ObjectId | undefined {
  const { state, at } = worktree?.marker ?? {};
  return state === 'pooled' || state === 'releasing' ? at : undefined;
}

/** Where HEAD stands first, then the task's last snapshot and its branch. */
async function commitsOf(
  repo: Repository,
  worktree: Worktree | undefined,
  branch: string | undefined,
): Promise<ObjectId[]> {
  const head = (await worktree?.head())?.commit;
  const refs = branch === undefined ? undefined : taskRefs(branch);
  const [work, at] = refs === undefined ? [] : [await repo.commit(refs.work), await repo.commit(refs.branch)];
  const merging: ObjectId[] = [];
  for (const name of worktree?.mergeHeads() ?? [])
    merging.push(...[await repo.commit(name)].filter((each) => each !== undefined));
  return [...new Set([head, work, at, ...merging].filter((commit) => commit !== undefined))];
}

async function firstUnmerged(
  repo: Repository,
  commits: readonly ObjectId[],
  task: TaskId | undefined,
  { integrationBranch, mergedHeads }: SurveyOptions,
): Promise<string | undefined> {
  const into = await repo.commit(branchRef(integrationBranch));
  const asHead = task === undefined ? undefined : mergedHeads.get(task);
  const holders = [into, asHead === undefined ? undefined : await repo.commit(asHead)].filter(
    (holder) => holder !== undefined,
  );
  for (const commit of commits) {
    let held = false;
    for (const holder of holders) held ||= await repo.isAncestor(commit, holder);
    if (!held) return commit;
  }
  return undefined;
}

/** Compares the directory with `commit`, by an index of its own; and what the agent has staged with it. */
async function unsavedIn(
  repo: Repository,
  { path, worktree, commit }: { path: string; worktree: Worktree | undefined; commit: ObjectId },
): Promise<{ unsaved: string[]; obstacle: string | undefined }> {
  const index = join(repo.shadowDir, 'tmp', `survey-${randomBytes(6).toString('hex')}.index`);
  const env = {
    GIT_DIR: worktree?.adminDir ?? repo.shadowDir,
    GIT_COMMON_DIR: repo.shadowDir,
    GIT_WORK_TREE: path,
    GIT_INDEX_FILE: index,
  };
  const staged = worktree === undefined ? undefined : join(worktree.adminDir, 'index');
  try {
    // What it knows about unchanged files spares reading them.
    if (worktree?.hasIndex === true) copyIndex(worktree.ownIndex, index);
    await repo.run(['read-tree', '--reset', commit], { cwd: path, env });
    const status = await repo.list(
      ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal'],
      {
        cwd: path,
        env,
      },
    );
    const unsaved = status.filter((entry) => entry[1] !== ' ').map((entry) => entry.slice(3));
    if (unsaved.length > 0 || staged === undefined || !existsSync(staged))
      return { unsaved, obstacle: undefined };
    copyIndex(staged, index);
    const answer = await repo.run(['diff-index', '--cached', '--name-only', '-z', commit], {
      cwd: path,
      env,
      answers: [0, 1, 128, 129],
    });
    if (answer.code > 1) return { unsaved, obstacle: 'what is staged in it cannot be read' };
    return {
      unsaved: answer.stdout
        .toString('utf8')
        .split('\0')
        .filter((name) => name !== ''),
      obstacle: undefined,
    };
  } finally {
    for (const name of [index, `${index}.lock`, `${index}.new`]) rmSync(name, { force: true });
  }
}

function foreignIn({ adminDir, path }: Worktree): string | undefined {
  for (const entry of readdirSync(adminDir)) {
    const foreign = FOREIGN.find(({ name }) => name.test(entry));
    if (foreign !== undefined) return foreign.what;
  }
  return ownRepository(path);
}

/** An agent that ran `git init` there. */
function ownRepository(path: string): string | undefined {
  const isOwn = lstatSync(join(path, '.git'), { throwIfNoEntry: false })?.isDirectory() === true;
  return isOwn ? 'it holds a repository of its own' : undefined;
}

/** While git makes a worktree it locks it in the same way. */
function lockOf({ adminDir }: Worktree): string | undefined {
  return textOf(join(adminDir, 'locked'))?.trim();
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** Epoch ms. */
function lastChange(path: string, adminDir: string | undefined): number {
  const inGit = ['HEAD', 'index', 'logs/HEAD', 'codewalk.json'];
  const places = adminDir === undefined ? [] : [adminDir, ...inGit.map((name) => join(adminDir, name))];
  const times = [path, ...places].map((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.max(...times);
}
