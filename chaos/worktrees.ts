// Worktrees in every state that agents, people and crashes leave them in, and what is left after repair and prune.
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitIntegration } from '../src/adapters/git/integration.ts';
import { openRepository, type Repository } from '../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../src/adapters/git/workspaces.ts';
import { Worktree } from '../src/adapters/git/worktree.ts';
import { BUILT_IN } from '../src/core/config/built-in.ts';
import { type ObjectId, type TaskId, taskId } from '../src/core/ids.ts';
import type { TaskState } from '../src/core/tasks/states.ts';
import type { Workspace } from '../src/core/workspaces/ports.ts';
import { LocalWorktrees } from '../src/main/cli/worktree-service.ts';
import { plainGit as git } from '../test/support/repo.ts';
import { type Experiment, type Finding, rounds } from './experiment.ts';
import { generator } from './seeded.ts';

const WORKTREES = 1_000;
const INTEGRATION = BUILT_IN.merge.integrationBranch;

/** One worktree, and what must be true of it afterwards. */
interface Case {
  readonly task: TaskId;
  readonly kind: string;
  readonly state: TaskState;
  head: ObjectId;
  /** The commit that brought its work in. */
  merge: ObjectId | undefined;
  path: string;
  /** Hashes of contents that are nowhere but here. */
  readonly contents: string[];
  /** Commits that are in no branch but here. */
  readonly commits: string[];
  /** Nothing of value is in it: it must be gone. */
  readonly mustGo: boolean;
}

interface Scene {
  readonly root: string;
  readonly repository: Repository;
  readonly workspaces: GitWorkspaces;
  readonly integration: GitIntegration;
  readonly children: ChildProcess[];
  random(): number;
}

/** What is done to a worktree of a task whose first work is merged. */
interface Harm {
  readonly kind: string;
  readonly mustGo?: boolean;
  readonly state?: TaskState;
  /** Leave the task's first work unmerged. */
  readonly unmerged?: boolean;
  readonly apply?: (scene: Scene, made: Case) => void | Promise<void>;
}

const HARMS: readonly Harm[] = [
  { kind: 'merged and clean', mustGo: true },
  { kind: 'merged, of a task that is gone from the roadmap', mustGo: true, state: 'archived' },
  { kind: 'failed with nothing done', mustGo: true, state: 'failed' },
  {
    kind: 'ignored files only',
    mustGo: true,
    apply: (_, made) => void write(made, 'build/out.o', 'ignored', { matters: false }),
  },
  { kind: 'dirty', apply: (scene, made) => void write(made, 'base.txt', text(scene)) },
  { kind: 'untracked', apply: (scene, made) => void write(made, 'new/file.txt', text(scene)) },
  {
    kind: 'staged',
    apply(scene, made) {
      write(made, 'staged.txt', text(scene));
      git(made.path, 'add', '-A');
    },
  },
  {
    kind: 'staged and then deleted',
    apply(scene, made) {
      write(made, 'staged.txt', text(scene));
      git(made.path, 'add', '-A');
      rmSync(join(made.path, 'staged.txt'));
    },
  },
  { kind: 'unmerged commits', unmerged: true },
  { kind: 'unmerged commits of a failed task', unmerged: true, state: 'failed' },
  { kind: 'unmerged commits of a waiting task', unmerged: true, state: 'waiting_input' },
  { kind: 'commits after the merge', apply: commit },
  {
    kind: 'commits on a detached HEAD',
    apply(scene, made) {
      git(made.path, 'checkout', '-q', '--detach');
      commit(scene, made);
    },
  },
  {
    kind: 'commits on a branch of its own',
    apply(scene, made) {
      git(made.path, 'checkout', '-q', '-b', `own-${made.task}`);
      commit(scene, made);
    },
  },
  {
    kind: 'rewritten',
    mustGo: true,
    apply(scene, made) {
      commit(scene, made);
      git(made.path, 'reset', '-q', '--hard', 'HEAD~1');
    },
  },
  {
    kind: 'git directory gone, merged',
    mustGo: true,
    apply: (_, made) => rmSync(adminOf(made), { recursive: true }),
  },
  {
    kind: 'git directory gone, dirty',
    apply(scene, made) {
      write(made, 'late.txt', text(scene));
      rmSync(adminOf(made), { recursive: true });
    },
  },
  {
    kind: 'git directory and branch gone',
    apply(scene, made) {
      write(made, 'late.txt', text(scene));
      rmSync(adminOf(made), { recursive: true });
      const refs = [`refs/heads/cw/${made.task}`, `refs/codewalk/work/cw/${made.task}`];
      for (const ref of refs) git(scene.root, 'update-ref', '-d', ref);
    },
  },
  {
    kind: 'directory gone, merged',
    mustGo: true,
    apply: (_, made) => rmSync(made.path, { recursive: true }),
  },
  {
    kind: 'directory gone, unmerged',
    unmerged: true,
    mustGo: true,
    apply: (_, made) => rmSync(made.path, { recursive: true }),
  },
  {
    kind: 'directory gone, commits only on its HEAD',
    mustGo: true,
    apply(scene, made) {
      git(made.path, 'checkout', '-q', '--detach');
      commit(scene, made);
      rmSync(made.path, { recursive: true });
    },
  },
  {
    kind: 'directory gone, files only staged',
    mustGo: true,
    apply(scene, made) {
      write(made, 'staged.txt', text(scene));
      git(made.path, 'add', '-A');
      rmSync(made.path, { recursive: true });
    },
  },
  { kind: 'locked', apply: (_, made) => void git(made.path, 'worktree', 'lock', made.path) },
  {
    kind: 'moved away, with a link in its place',
    apply(scene, made) {
      write(made, 'late.txt', text(scene));
      renameSync(made.path, `${made.path}-moved`);
      symlinkSync(`${made.path}-moved`, made.path);
    },
  },
  {
    kind: 'a repository of the agent inside',
    apply(scene, made) {
      mkdirSync(join(made.path, 'nested'));
      git(join(made.path, 'nested'), 'init', '-q');
      write(made, 'nested/inner.txt', text(scene));
    },
  },
  {
    kind: 'unfinished merge',
    apply(scene, made) {
      git(made.path, 'checkout', '-q', '-b', `side-${made.task}`);
      commit(scene, made);
      git(made.path, 'checkout', '-q', `cw/${made.task}`);
      git(made.path, 'merge', '-q', '--no-ff', '--no-commit', `side-${made.task}`);
    },
  },
  {
    kind: 'a crash in the middle of its release',
    mustGo: true,
    apply: beginRelease,
  },
  {
    kind: 'a crash in the middle of its release, then written to',
    apply(scene, made) {
      beginRelease(scene, made);
      write(made, 'late.txt', text(scene));
    },
  },
  {
    kind: 'a crash in the middle of its release, then committed to',
    apply(scene, made) {
      beginRelease(scene, made);
      commit(scene, made);
    },
  },
  {
    kind: 'a process at work in it',
    async apply({ children }, made) {
      const child = spawn('sleep', ['600'], { cwd: made.path, stdio: 'ignore' });
      children.push(child);
      await new Promise((resolve) => child.once('spawn', resolve));
    },
  },
  // Last, so that no task takes it any more.
  {
    kind: 'pooled',
    mustGo: true,
    async apply({ workspaces, repository }, made) {
      const mergedInto = await repository.requireCommit(`refs/heads/${INTEGRATION}`);
      await workspaces.release(workspaceOf(made), { mergedInto, mergedHead: made.head });
      made.path = '';
    },
  },
];

export const worktrees: Experiment = {
  about:
    'Worktrees in every state that agents, people and crashes leave them in, chosen at random; then repair and `cw worktree prune --older-than 0s --pooled`, twice.',
  async run({ seed, scale, note }) {
    const root = realpathSync(mkdtempSync(join(tmpdir(), 'cw-chaos-worktrees-')));
    const children: ChildProcess[] = [];
    try {
      makeRepository(root);
      await using repository = await openRepository(root);
      const total = Math.max(HARMS.length, rounds(WORKTREES, scale));
      const workspaces = new GitWorkspaces(repository, { integrationBranch: INTEGRATION, poolSize: total });
      const integration = new GitIntegration(repository);
      const scene = { root, repository, workspaces, integration, children, random: generator(seed) };
      await integration.ensureBranch(INTEGRATION, undefined);
      const cases: Case[] = [];
      for (let index = 0; index < total; index += 1) {
        // Each kind once, then at random.
        const harm = HARMS[index] ?? HARMS[Math.floor(scene.random() * HARMS.length)];
        if (harm !== undefined) cases.push(await makeCase(scene, harm, index));
        if (index % 100 === 99) note(`${index + 1} worktrees made`);
      }
      return await clearUp(scene, cases, note);
    } finally {
      for (const child of children) child.kill('SIGKILL');
      rmSync(root, { recursive: true, force: true });
    }
  },
};

async function clearUp(
  scene: Scene,
  cases: readonly Case[],
  note: (line: string) => void,
): Promise<readonly Finding[]> {
  const { repository, workspaces, root } = scene;
  const states = cases.map(({ task: id, state, head, merge: mergeCommit }) => ({
    id,
    place: id,
    state,
    head,
    mergeCommit,
  }));
  const service = new LocalWorktrees({
    repository: async () => repository,
    config: async () => BUILT_IN,
    hasState: async () => true,
    store: async () => ({
      tasks: async () => states,
      processes: async () => [],
      orchestrators: async () => [],
    }),
  });
  const options = { olderThanMs: 0, pooled: true, seeds: false };
  await workspaces.repair();
  note('repaired');
  const planned = (await service.prune({ ...options, dryRun: true })).removed.map(({ facts }) => facts.place);
  const done = (await service.prune({ ...options, dryRun: false })).removed.map(({ facts }) => facts.place);
  await workspaces.repair();
  const again = await service.prune({ ...options, dryRun: false });
  note('pruned');

  const reachable = new Set(
    git(root, 'rev-list', '--all', '--objects')
      .split('\n')
      .map((line) => line.slice(0, 40)),
  );
  for (const name of heads(root)) reachable.add(name);
  const lost: string[] = [];
  const leaked: string[] = [];
  let bytes = 0;
  for (const made of cases) {
    const left = made.path === '' ? new Set<string>() : hashesBelow(made);
    for (const content of made.contents) {
      if (reachable.has(content) || left.has(content)) continue;
      lost.push(`${made.kind} (${made.task})`);
      bytes += 1;
    }
    for (const each of made.commits) if (!reachable.has(each)) lost.push(`${made.kind} (${made.task})`);
    if (made.mustGo && made.path !== '' && existsSync(made.path)) leaked.push(`${made.kind} (${made.task})`);
  }
  const pooled = again.kept.filter(({ facts }) => /^\.(pool|dropped)-/.test(facts.place));
  leaked.push(...pooled.map(({ facts, kept = '' }) => `${facts.place}, because ${kept}`));
  const dead = children(scene).filter((child) => child.exitCode !== null || child.signalCode !== null);
  const valued = cases.reduce((sum, made) => sum + made.contents.length + made.commits.length, 0);
  const going = cases.filter(({ mustGo }) => mustGo).length;
  for (const each of [...new Set([...lost, ...leaked])].slice(0, 20)) note(`not as it must be: ${each}`);
  return [
    {
      what: `${cases.length} worktrees of ${HARMS.length} kinds with ${valued} contents and commits that are nowhere else`,
      aim: '0 lost',
      found: `${lost.length} lost${bytes > 0 ? `, ${bytes} of them file contents` : ''}`,
      met: lost.length === 0,
    },
    {
      what: `${going} of them hold nothing that is not merged or saved`,
      aim: '0 left',
      found: `${leaked.length} left`,
      met: leaked.length === 0,
    },
    {
      what: 'the dry run before',
      aim: 'names what the real one removes',
      found: sameNames(planned, done)
        ? `the same ${done.length}`
        : `${planned.length} named, ${done.length} removed`,
      met: sameNames(planned, done),
    },
    {
      what: 'a second prune',
      aim: 'removes nothing more',
      found: `${again.removed.length} removed`,
      met: again.removed.length === 0,
    },
    {
      what: `${scene.children.length} processes at work in worktrees`,
      aim: 'their worktrees stay',
      found: `${dead.length} ended`,
      met: dead.length === 0,
    },
  ];
}

const children = ({ children: all }: Scene) => all;

async function makeCase(scene: Scene, harm: Harm, index: number): Promise<Case> {
  const { workspaces, integration, repository } = scene;
  const task = taskId.parse(`t${index}`);
  const base = await repository.requireCommit(`refs/heads/${INTEGRATION}`);
  const workspace = await workspaces.open({ task, base });
  const made: Case = {
    task,
    kind: harm.kind,
    state: harm.state ?? 'done',
    head: base,
    merge: undefined,
    path: workspace.path,
    contents: [],
    commits: [],
    mustGo: harm.mustGo ?? false,
  };
  if (harm.kind !== 'failed with nothing done') {
    write(made, `work/${task}.txt`, text(scene));
    const trailers = { 'Codewalk-Task': task };
    const message = { subject: `Work on ${task}`, trailers };
    made.head = (await workspaces.snapshot(workspace, message)).commit;
    made.commits.push(made.head);
    if (harm.unmerged !== true) {
      const merged = await integration.merge({
        strategy: 'squash',
        onto: base,
        head: made.head,
        base,
        message: { subject: `Squash of ${task}`, trailers },
      });
      if (merged.kind !== 'merged') throw new Error(merged.kind);
      await integration.advance(INTEGRATION, { expected: base, to: merged.commit, reason: task });
      made.merge = merged.commit;
      // After a squash the content is in the branch, and the commit itself is of no further use.
      made.commits.length = 0;
    }
  }
  await harm.apply?.(scene, made);
  return made;
}

/** Writes a file and, unless told otherwise, takes note that its content must survive. */
function write(made: Case, path: string, content: string, { matters = true } = {}): void {
  const full = join(made.path, path);
  mkdirSync(join(full, '..'), { recursive: true });
  writeFileSync(full, content);
  if (matters) made.contents.push(blobName(Buffer.from(content)));
}

/** The first steps of a release, up to where a crash may come. */
function beginRelease({ repository }: Scene, { task, head }: Case): void {
  const worktree = Worktree.at(repository, task);
  worktree?.setHead({ commit: head });
  worktree?.mark({ state: 'releasing', at: head });
}

function commit(scene: Scene, made: Case): void {
  write(made, `late-${Math.floor(scene.random() * 1e9)}.txt`, text(scene));
  git(made.path, 'add', '-A');
  git(made.path, 'commit', '-q', '-m', 'Late work');
  made.commits.push(git(made.path, 'rev-parse', 'HEAD'));
}

function workspaceOf({ task, path, head }: Case): Workspace {
  return { task, path, branch: `cw/${task}`, base: head, reused: true };
}

function adminOf({ path }: Case): string {
  return readFileSync(join(path, '.git'), 'utf8').replace('gitdir: ', '').trim();
}

/** Where the HEADs of the worktrees that are left stand, and what those reach. */
function heads(root: string): string[] {
  const parent = join(root, '.git', 'worktrees');
  const tips = (existsSync(parent) ? readdirSync(parent) : []).flatMap((name) => {
    const head = join(parent, name, 'HEAD');
    const at = existsSync(head) ? readFileSync(head, 'utf8').trim() : '';
    return /^[0-9a-f]{40}$/.test(at) ? [at] : [];
  });
  if (tips.length === 0) return [];
  return git(root, 'rev-list', '--objects', ...tips)
    .split('\n')
    .map((line) => line.slice(0, 40));
}

/** The contents of all files of a worktree that is left, and what its agent has staged. */
function hashesBelow({ path }: Case): Set<string> {
  const found = new Set<string>();
  const top = existsSync(path) ? realpathSync(path) : undefined;
  if (top === undefined) return found;
  const visit = (directory: string) => {
    for (const name of readdirSync(directory)) {
      const each = join(directory, name);
      const stat = lstatSync(each);
      if (stat.isDirectory() && name !== '.git') visit(each);
      else if (stat.isFile()) found.add(blobName(readFileSync(each)));
    }
  };
  visit(top);
  try {
    for (const line of git(top, 'ls-files', '--stage').split('\n')) found.add(line.split(' ')[1] ?? '');
  } catch {
    // Its git directory is gone.
  }
  return found;
}

function blobName(content: Buffer): string {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest('hex');
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.toSorted().join() === b.toSorted().join();
}

/** Content that is nowhere else. */
function text({ random }: Scene): string {
  return `${random()} ${random()}\n`.repeat(1 + Math.floor(random() * 20));
}

function makeRepository(root: string): void {
  git(root, 'init', '-q', '--initial-branch=main');
  git(root, 'config', 'user.name', 'Chaos');
  git(root, 'config', 'user.email', 'chaos@example.com');
  git(root, 'config', 'gc.auto', '0');
  writeFileSync(join(root, '.gitignore'), 'build/\n');
  writeFileSync(join(root, 'base.txt'), 'base\n');
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'Start');
}
