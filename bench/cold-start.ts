import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median, type Section, table } from './stats.ts';

const ROUNDS = 21;
const PACKAGE = join(import.meta.dirname, '..');
/** What `npm install` brings of the package: a source checkout's launcher also looks for what is newer. */
const INSTALLED = ['bin', 'dist', 'package.json'];

const ROADMAP = `version: 1
tasks:
  - { id: one, title: One, prompt: Do one }
  - { id: two, title: Two, prompt: Do two, depends_on: [one] }
`;

/** Wall time of the installed program's cheapest commands against an empty Node, in turns. */
export async function benchColdStart(): Promise<Section> {
  if (!existsSync(join(PACKAGE, 'dist', 'cw.mjs')))
    throw new Error('dist/cw.mjs is missing: run npm run build first');
  const dir = await mkdtemp(join(tmpdir(), 'cw-start-'));
  try {
    const installed = join(dir, 'installed');
    for (const name of INSTALLED) await cp(join(PACKAGE, name), join(installed, name), { recursive: true });
    const bin = join(installed, 'bin', 'cw.mjs');
    const project = join(dir, 'project');
    await makeProject(project);
    // Only who has this home has a server.
    const [alone, served] = [join(dir, 'alone'), join(dir, 'served')];
    for (const home of [alone, served]) await mkdir(home);
    const commands: readonly (readonly [string, readonly string[], number, string])[] = [
      ['node -e 0', ['-e', '0'], 1, alone],
      ['cw --help', [bin, '--help'], 1.7, alone],
      ['cw status', [bin, 'status'], 2.5, alone],
      ['cw status, by the server', [bin, 'status'], 3, served],
      ['cw task next, by the server', [bin, 'task', 'next'], 3, served],
    ];
    const atServer = { cwd: project, cache: join(dir, 'cache'), home: served };
    timeNode('cw serve', [bin, 'serve', '--no-run'], atServer);
    const times = commands.map(() => [] as number[]);
    // The first round fills the compile cache and does not count.
    for (let round = -1; round < ROUNDS; round += 1) {
      for (const [index, [name, args, , home]] of commands.entries()) {
        const took = timeNode(name, args, { ...atServer, home });
        if (round >= 0) times[index]?.push(took);
      }
    }
    timeNode('cw stop', [bin, 'stop'], atServer);
    const base = median(times[0] ?? []);
    const rows = commands.map(([name, , aim], index) => {
      const ms = median(times[index] ?? []);
      return [name, ms.toFixed(1), (ms / base).toFixed(2), index === 0 ? '' : `≤ ${aim}`];
    });
    const text = `Medians of ${ROUNDS} rounds in turns on Node ${process.versions.node}, warm disk.\n\n${table(['command', 'ms', 'ratio', 'aim'], rows)}`;
    return { title: '(c) Cold start', text };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function makeProject(dir: string): Promise<void> {
  await mkdir(dir);
  const git = (...args: string[]) => {
    const identity = ['-c', 'user.name=Bench', '-c', 'user.email=bench@localhost'];
    const result = spawnSync('git', [...identity, ...args], { cwd: dir, encoding: 'utf8' });
    if (result.status !== 0) throw new Error(result.stderr);
  };
  git('init', '-q', '-b', 'main');
  await writeFile(join(dir, 'roadmap.yaml'), ROADMAP);
  git('add', '.');
  git('commit', '-q', '-m', 'Start');
}

function timeNode(
  name: string,
  args: readonly string[],
  where: { cwd: string; cache: string; home: string },
): number {
  const env = { ...process.env, XDG_CACHE_HOME: where.cache, HOME: where.home };
  const begin = performance.now();
  const result = spawnSync(process.execPath, args, { cwd: where.cwd, env, encoding: 'utf8' });
  const took = performance.now() - begin;
  if (result.status !== 0) throw new Error(`${name} failed: ${result.stderr}`);
  return took;
}
