// What one task costs in git: our cycle against a shell script of the bare commands.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitIntegration } from '../src/adapters/git/integration.ts';
import { openRepository } from '../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../src/adapters/git/workspaces.ts';
import type { TaskId } from '../src/core/ids.ts';
import type { Section } from './stats.ts';
import { median, table } from './stats.ts';

const INTEGRATION = 'cw/integration';
const FILES_A_DIRECTORY = 50;
const SIZES = [
  { files: 1_000, rounds: 15 },
  { files: 20_000, rounds: 7 },
];

export interface GitCycleFigures {
  readonly files: number;
  /** Medians of one whole cycle, ms. */
  readonly oursMs: number;
  readonly scriptMs: number;
  readonly ratio: number;
  /** Medians of the parts of ours, ms. */
  readonly parts: Readonly<Record<string, number>>;
}

/** The commands that a person would use for the same: worktree, work, commit, merge, clean up. */
const SCRIPT = `set -e
git worktree add -q -b "$1" ../wt-"$1" main
echo "$1" > ../wt-"$1"/"$1".txt
git -C ../wt-"$1" add -A
git -C ../wt-"$1" commit -q -m "Work on $1"
git merge -q --no-ff -m "Merge $1" "$1"
git worktree remove ../wt-"$1"
git branch -q -d "$1"`;

/** Measures `rounds` cycles of each kind, turn by turn, in a new repository of `files` files. */
export async function measureGitCycle({
  files,
  rounds,
}: {
  files: number;
  rounds: number;
}): Promise<GitCycleFigures> {
  const directory = mkdtempSync(join(tmpdir(), 'cw-bench-'));
  try {
    const [ours, theirs] = [join(directory, 'ours'), join(directory, 'theirs', 'repo')];
    makeRepository(ours, files);
    execFileSync('git', ['clone', '-q', '--no-hardlinks', ours, theirs]);
    for (const repo of [ours, theirs]) identify(repo);
    await using repository = await openRepository(ours);
    const integration = new GitIntegration(repository);
    const workspaces = new GitWorkspaces(repository, { integrationBranch: INTEGRATION, poolSize: 1 });
    const times: Record<string, number[]> = {};
    const timed = async <T>(part: string, work: () => Promise<T>): Promise<T> => {
      const startedAt = performance.now();
      const result = await work();
      times[part] ??= [];
      times[part].push(performance.now() - startedAt);
      return result;
    };
    const cycle = async (task: TaskId) => {
      const base = await integration.ensureBranch(INTEGRATION, undefined);
      const fence = await timed('fence', () => workspaces.raiseFence({ task, fence: 1 }));
      const workspace = await timed('open', () => workspaces.open({ task, base, fence }));
      writeFileSync(join(workspace.path, `${task}.txt`), `${task}\n`);
      const message = { subject: `Work on ${task}`, trailers: { 'Codewalk-Task': task } };
      const { commit: head } = await timed('snapshot', () => workspaces.snapshot(workspace, message));
      const merged = await timed('merge', () =>
        integration.merge({ strategy: 'merge', onto: base, head, base, message }),
      );
      if (merged.kind !== 'merged') throw new Error(merged.kind);
      const move = { expected: base, to: merged.commit, reason: task, workspace };
      await timed('advance', () => integration.advance(INTEGRATION, move));
      const released = await timed('release', () =>
        workspaces.release(workspace, { mergedInto: merged.commit, mergedHead: head }),
      );
      if (released.kind !== 'removed') throw new Error(released.reason);
    };
    // The first fills the pool, as the first tasks of a run do.
    await cycle('warm-up' as TaskId);
    for (const part of Object.keys(times)) times[part] = [];
    for (let round = 0; round < rounds; round += 1) {
      await timed('whole', () => cycle(`t${round}` as TaskId));
      await timed('script', async () => {
        execFileSync('sh', ['-c', SCRIPT, 'sh', `t${round}`], { cwd: theirs });
      });
    }
    const medians = Object.fromEntries(Object.entries(times).map(([part, values]) => [part, median(values)]));
    const { whole = 0, script = 0, ...parts } = medians;
    return { files, oursMs: whole, scriptMs: script, ratio: whole / script, parts };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeRepository(root: string, files: number): void {
  mkdirSync(root, { recursive: true });
  for (let index = 0; index < files; index += 1) {
    const directory = join(
      root,
      `d${Math.trunc(index / FILES_A_DIRECTORY / 20)}`,
      `s${Math.trunc(index / FILES_A_DIRECTORY) % 20}`,
    );
    if (index % FILES_A_DIRECTORY === 0) mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `f${index}.txt`), `file ${index}\n`.repeat(5));
  }
  execFileSync('git', ['init', '-q', '--initial-branch=main', root]);
  identify(root);
  execFileSync('git', ['add', '-A'], { cwd: root });
  execFileSync('git', ['commit', '-q', '-m', 'Start'], { cwd: root });
  execFileSync('git', ['gc', '-q'], { cwd: root });
}

function identify(root: string): void {
  execFileSync('git', ['config', 'user.name', 'Bench'], { cwd: root });
  execFileSync('git', ['config', 'user.email', 'bench@example.com'], { cwd: root });
  // A collection in the background would be measured with whatever runs beside it.
  execFileSync('git', ['config', 'gc.auto', '0'], { cwd: root });
}

/** The part of `npm run bench`. */
export async function benchGitCycle(): Promise<Section> {
  const rows: string[][] = [];
  for (const size of SIZES) {
    const { files, oursMs, scriptMs, ratio, parts } = await measureGitCycle(size);
    const detail = Object.entries(parts).map(([part, ms]) => `${part} ${ms.toFixed(1)}`);
    rows.push([String(files), oursMs.toFixed(1), scriptMs.toFixed(1), ratio.toFixed(2), detail.join(', ')]);
  }
  const head = ['files', 'a task, ms', 'script of git commands, ms', 'ratio', 'parts, ms'];
  return {
    title: '(b) A whole task in git, from worktree to clean-up',
    text: `Aim: a ratio of at most 0.7.\n\n${table(head, rows)}`,
  };
}

if (import.meta.main) console.log((await benchGitCycle()).text);
