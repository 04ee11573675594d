import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareAgentGit } from '../src/adapters/git/agent-git.ts';
import { findOnPath } from '../src/adapters/process/find-on-path.ts';
import { findAvailability } from '../src/adapters/sandbox/availability.ts';
import { BubblewrapConfiner } from '../src/adapters/sandbox/confiner.ts';
import { LocalSandboxes, type SandboxParts as Parts } from '../src/adapters/sandbox/sandboxes.ts';
import { programEnv } from '../src/main/agent-env.ts';
import { makeRig } from '../test/git/rig.ts';
import { median, type Section, table } from './stats.ts';

const ROUNDS = 15;
const CLONES = 3;
const SIZES = [1_000, 20_000];

/** What a sandbox adds to the start of a program, and what each way of giving an agent a git of its own costs. */
export async function benchSandbox(): Promise<Section> {
  const found = await findAvailability(findOnPath('bwrap', process.env));
  if (found.kind === 'missing') return { title: 'Sandbox', text: `Not measured: ${found.reason}.` };
  const rows = [];
  for (const files of SIZES) rows.push(await measure(files, async () => found));
  const head = [
    'files',
    'program alone',
    'in a sandbox',
    'of it: prepared',
    'own git directory',
    '`git clone --shared`',
    'protected mounts',
  ];
  const text = `Median of ${ROUNDS} starts of \`git status\` in a worktree, ms. The last three columns are only the git part of the preparation: a directory of the task's own over the worktree's git directory (what we do), a clone for each agent with a checkout, and a copy of the index with read-only mounts over config, hooks and refs.\n\n${table(head, rows)}`;
  return { title: 'Sandbox', text };
}

async function measure(files: number, availability: Parts['availability']): Promise<string[]> {
  const content = Object.fromEntries(
    Array.from({ length: files }, (_, index) => [`d${index % 100}/f${index}.txt`, `${index}\n`]),
  );
  await using rig = await makeRig({ files: content });
  const workspace = await rig.open('bench');
  const home = mkdtempSync(join(tmpdir(), 'cw-bench-home-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: home };
  const directory = join(rig.repo.root, '.codewalk/state/homes');
  const sandboxes = sandboxesOf(availability, directory, rig);
  const confiner = new BubblewrapConfiner(availability);
  const times: Record<'plain' | 'shut' | 'prepared' | 'own' | 'clone' | 'mounts', number[]> = {
    plain: [],
    shut: [],
    prepared: [],
    own: [],
    clone: [],
    mounts: [],
  };
  const program = { program: '/usr/bin/env', args: ['git', 'status', '--porcelain'], cwd: workspace.path };
  const since = (start: number) => performance.now() - start;
  for (let round = 0; round < ROUNDS; round += 1) {
    let start = performance.now();
    run({ ...program, env });
    times.plain.push(since(start));

    start = performance.now();
    {
      await using sandbox = await sandboxes.prepare({ workspace, env });
      times.prepared.push(since(start));
      if (sandbox.confinement === undefined) throw new Error('There is no sandbox');
      run(await confiner.confine({ ...program, env: sandbox.env }, sandbox.confinement));
    }
    times.shut.push(since(start));

    const own = join(home, `own-${round}`);
    mkdirSync(own);
    start = performance.now();
    await prepareAgentGit(rig.repository, workspace, own);
    times.own.push(since(start));

    // Seconds each: a few show enough.
    const clone = join(home, `clone-${round}`);
    start = performance.now();
    if (round < CLONES)
      execFileSync('git', ['clone', '--quiet', '--shared', rig.repo.root, clone], { stdio: 'ignore' });
    if (round < CLONES) times.clone.push(since(start));
    rmSync(clone, { recursive: true, force: true });

    start = performance.now();
    cpSync(join(rig.repo.root, '.git/index'), join(home, `index-${round}`));
    times.mounts.push(since(start));
  }
  rmSync(home, { recursive: true, force: true });
  const shown = (values: readonly number[]) => median(values).toFixed(1);
  const { plain, shut, prepared, own, clone, mounts } = times;
  return [String(files), ...[plain, shut, prepared, own, clone, mounts].map(shown)];
}

function sandboxesOf(
  availability: Parts['availability'],
  directory: string,
  rig: Awaited<ReturnType<typeof makeRig>>,
): LocalSandboxes {
  return new LocalSandboxes({
    settings: { mode: 'workspace', network: true, readable: [], writable: [], env: [] },
    directory,
    availability,
    viewRepository: (each, own) => prepareAgentGit(rig.repository, each, own),
    environment: (all, provider, mode) => programEnv(all, { provider, mode, named: [] }),
  });
}

function run(program: {
  program: string;
  args: readonly string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
}): void {
  const { status, stderr } = spawnSync(program.program, program.args, {
    cwd: program.cwd,
    env: program.env,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
}

if (import.meta.main) console.log((await benchSandbox()).text);
