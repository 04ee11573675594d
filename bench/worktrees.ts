// What it costs to make a worktree ready: its setup commands against what earlier worktrees left for it.
import { execFileSync } from 'node:child_process';
import { constants, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '../src/adapters/git/repository.ts';
import { GitWorkspaces } from '../src/adapters/git/workspaces.ts';
import { taskId } from '../src/core/ids.ts';
import { localProvisioner } from '../src/main/local-provisioner.ts';
import { commandRunner } from '../test/support/command-runner.ts';
import { noSandboxes } from '../test/support/plain-worktrees.ts';
import { makeRepo } from '../test/support/repo.ts';
import { median, type Section, table } from './stats.ts';

const PACKAGES = 250;
const FILES_EACH = 20;
const FILE_BYTES = 3_000;
const ROUNDS = 7;
const ENV = { PATH: process.env['PATH'] ?? '' };

/**
 * Times what a task waits for between its worktree and its agent. The setup unpacks one archive, which is the least
 * that any package manager does; the seeded ways end with the same files in place.
 */
export async function benchWorktrees(): Promise<Section> {
  const archive = makeArchive();
  await using repo = await makeRepo({ files: { lock: 'one', '.gitignore': 'node_modules/\n' } });
  await using repository = await openRepository(repo.root);
  const provisioner = localProvisioner({
    repository,
    settings: {
      setup: [`tar -xzf ${archive.file}`],
      setupTimeoutMs: 600_000,
      seeds: [{ lockfile: 'lock', paths: ['node_modules'] }],
      ports: { from: 47_000, perTask: 10 },
      keepDays: 7,
    },
    commands: commandRunner(),
    sandboxes: noSandboxes,
    env: { ...ENV, HOME: repo.root },
    maxAgents: 4,
    warn: (message) => console.error(message),
  });
  const workspaces = new GitWorkspaces(repository, {
    integrationBranch: 'cw/integration',
    poolSize: 0,
    onRetire: ({ path, adminDir }) => provisioner.giveBack(path, adminDir),
  });
  const base = await repository.requireCommit('refs/heads/main');
  const times: Record<string, number[]> = {
    setup: [],
    keep: [],
    copy: [],
    rename: [],
    'give back': [],
    hardlink: [],
  };
  const timed = async <T>(part: string, work: () => T | Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    times[part]?.push(performance.now() - startedAt);
    return result;
  };
  let number = 0;
  const open = () => workspaces.open({ task: taskId.parse(`t${++number}`), base });
  const prepare = (workspace: Awaited<ReturnType<typeof open>>) =>
    provisioner.prepare({ workspace, env: ENV, signal: new AbortController().signal, onLine: () => {} });
  const seeds = join(repo.root, '.codewalk', 'seeds');
  for (let round = 0; round < ROUNDS; round += 1) {
    rmSync(seeds, { recursive: true, force: true });
    const fresh = await open();
    const startedAt = performance.now();
    await using first = await prepare(fresh);
    times['setup']?.push(first.setupMs);
    times['keep']?.push(performance.now() - startedAt - first.setupMs);
    const second = await open();
    await using copied = await timed('copy', () => prepare(second));
    if (first.setupMs === 0 || copied.seeded.length !== 1) throw new Error('The seed was not used as meant');
    await timed('give back', () => workspaces.release(second, { mergedInto: base, mergedHead: base }));
    const third = await open();
    await using renamed = await timed('rename', () => prepare(third));
    if (renamed.seeded.length !== 1) throw new Error('What was given back was not used');
    const linked = join(repo.root, 'linked');
    await timed('hardlink', () => execFileSync('cp', ['-al', join(fresh.path, 'node_modules'), linked]));
    rmSync(linked, { recursive: true });
    for (const workspace of [fresh, third]) {
      await workspaces.release(workspace, { mergedInto: base, mergedHead: base });
    }
  }
  const reflinks = hasReflinks(repo.root);
  archive.remove();
  const setup = median(times['setup'] ?? []);
  const row = (what: string, part: string) => {
    const ms = median(times[part] ?? []);
    return [what, ms.toFixed(0), (ms / setup).toFixed(2)];
  };
  const rows = [
    row('setup commands', 'setup'),
    row('after the first: its result kept as a seed', 'keep'),
    row(`seed, ${reflinks ? 'by reflink' : 'copied (no reflinks on this file system)'}`, 'copy'),
    row('seed that a task gave back untouched, by rename', 'rename'),
    row('for that: release of the worktree, with the check that nobody changed it', 'give back'),
    row('not used: hardlinks (`cp -al`), which share every write', 'hardlink'),
  ];
  return {
    title: '(d) A worktree made ready',
    text: `${PACKAGES * FILES_EACH} files, ${Math.round((PACKAGES * FILES_EACH * FILE_BYTES) / 1e6)} MB; setup unpacks one local archive, so that no network is in it. Medians of ${ROUNDS} rounds.\n\n${table(['way', 'ms', 'ratio to setup'], rows)}`,
  };
}

function makeArchive(): { file: string; remove: () => void } {
  const directory = mkdtempSync(join(tmpdir(), 'cw-bench-archive-'));
  for (let index = 0; index < PACKAGES * FILES_EACH; index += 1) {
    const parent = join(directory, 'node_modules', `package-${Math.trunc(index / FILES_EACH)}`, 'lib');
    if (index % FILES_EACH === 0) mkdirSync(parent, { recursive: true });
    const line = `export const value${index} = ${index};\n`;
    writeFileSync(
      join(parent, `file-${index}.js`),
      line.repeat(Math.ceil(FILE_BYTES / line.length)).slice(0, FILE_BYTES),
    );
  }
  const file = join(directory, 'modules.tar.gz');
  execFileSync('tar', ['-czf', file, 'node_modules'], { cwd: directory });
  return { file, remove: () => rmSync(directory, { recursive: true }) };
}

function hasReflinks(directory: string): boolean {
  const copy = join(directory, 'lock.reflink');
  try {
    copyFileSync(join(directory, 'lock'), copy, constants.COPYFILE_FICLONE_FORCE);
    return true;
  } catch {
    return false;
  } finally {
    if (existsSync(copy)) rmSync(copy);
  }
}

if (import.meta.main) console.log((await benchWorktrees()).text);
