import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from '../test/support/postgres.ts';
import { plainGit } from '../test/support/repo.ts';

/** Writes down every transaction of refs while it holds their locks, and how it ended; see githooks(5). */
const HOOK = `#!/bin/sh
while read -r old new ref; do echo "$1 $PPID $old $new $ref"; done >> push-log
`;
const NOTHING = /^0+$/;
const FENCES = 'refs/codewalk/fences/cw/';
const BRANCHES = 'refs/heads/cw/';
const INTEGRATION = 'refs/heads/cw/integration';
const AT_ONCE = 500;

/** A bare repository behind `git daemon`, which takes pushes from everybody on the loopback. */
export interface GitServer extends AsyncDisposable {
  readonly port: number;
  /** Path of the repository in its URL. */
  readonly path: string;
}

/** A commit and what its trailers say. */
export interface Named {
  readonly task: string;
  /** 0 in one that is no mark of a fence. */
  readonly fence: number;
}

/** Serves the repository; from now on its transactions are written down. */
export async function serveGit(repository: string): Promise<GitServer> {
  const hook = join(repository, 'hooks', 'reference-transaction');
  writeFileSync(hook, HOOK);
  chmodSync(hook, 0o755);
  // What was pushed stays readable after its ref has gone.
  plainGit(repository, 'config', 'gc.auto', '0');
  const port = await freePort();
  const args = ['--verbose', '--export-all', '--enable=receive-pack', '--listen=127.0.0.1', `--port=${port}`];
  const daemon = spawn(
    'git',
    ['daemon', ...args, `--base-path=${dirname(repository)}`, dirname(repository)],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
      env: { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    },
  );
  const said = createInterface({ input: daemon.stderr });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  said.on('line', (line) => {
    if (line.includes('Ready to rumble')) resolve();
  });
  daemon.on('exit', (code) => reject(new Error(`git daemon ended with ${code}`)));
  const { pid } = daemon;
  if (pid === undefined) throw new Error('git daemon did not start');
  await ready;
  return {
    port,
    path: `/${basename(repository)}`,
    async [Symbol.asyncDispose]() {
      const ended = once(daemon, 'close');
      process.kill(-pid, 'SIGKILL');
      await ended;
    },
  };
}

/** Pushes that moved something of a task although a newer attempt had raised its fence there; one line for each. */
export function stalePushes(repository: string): readonly string[] {
  const path = join(repository, 'push-log');
  const transactions = existsSync(path) ? committed(readFileSync(path, 'utf8')) : [];
  const ids = new Set(transactions.flatMap((moves) => moves.flatMap(({ old, to }) => [old, to])));
  return staleIn(
    transactions,
    named(
      repository,
      [...ids].filter((id) => !NOTHING.test(id)),
    ),
  );
}

/** One ref of a transaction. */
export interface Move {
  readonly old: string;
  readonly to: string;
  readonly ref: string;
}

/** The transactions of a log that were not given up, in the order in which they held their locks. */
export function committed(log: string): readonly (readonly Move[])[] {
  const all: { moves: Move[]; isCommitted: boolean }[] = [];
  const open = new Map<string, { moves: Move[]; isCommitted: boolean; state: string }>();
  for (const line of log.split('\n')) {
    const [state = '', process = '', old = '', to = '', ref = ''] = line.split(' ');
    const current = open.get(process);
    if (state === 'prepared') {
      if (current?.state === 'prepared') current.moves.push({ old, to, ref });
      else {
        const next = { moves: [{ old, to, ref }], isCommitted: false, state };
        open.set(process, next);
        all.push(next);
      }
    } else if (current !== undefined) {
      current.state = state;
      if (state === 'committed') current.isCommitted = true;
    }
  }
  return all.flatMap(({ moves, isCommitted }) => (isCommitted ? [moves] : []));
}

/** As `stalePushes`, of what was read already. */
export function staleIn(
  transactions: readonly (readonly Move[])[],
  commits: ReadonlyMap<string, Named>,
): readonly string[] {
  const highest = new Map<string, number>();
  const held = new Set<string>();
  const wrong: string[] = [];
  for (const moves of transactions) {
    const fences = new Map<string, number>();
    for (const { old, to, ref } of moves) {
      if (!ref.startsWith(FENCES)) continue;
      const task = ref.slice(FENCES.length);
      const fence = commits.get(NOTHING.test(to) ? old : to)?.fence ?? 0;
      fences.set(task, fence);
      const newest = highest.get(task) ?? 0;
      if (fence < newest) wrong.push(`${task} was pushed with fence ${fence} after ${newest}`);
      highest.set(task, Math.max(newest, fence));
      if (NOTHING.test(to)) held.delete(task);
      else held.add(task);
    }
    for (const { old, to, ref } of moves) {
      const task = ref === INTEGRATION ? mergedBy(commits, old, to) : taskOf(ref);
      if (task === undefined || fences.has(task)) continue;
      // What is left of a task whose work is over and whose fence has gone may be cleared away.
      if (NOTHING.test(to) && !held.has(task)) continue;
      wrong.push(`${ref} was moved for ${task} without its fence`);
    }
  }
  return wrong;
}

/** Where the branch begins nobody is merged. */
function mergedBy(commits: ReadonlyMap<string, Named>, old: string, to: string): string | undefined {
  return NOTHING.test(old) ? undefined : (commits.get(to)?.task ?? 'nobody');
}

function taskOf(ref: string): string | undefined {
  return ref.startsWith(BRANCHES) ? ref.slice(BRANCHES.length) : undefined;
}

function named(repository: string, ids: readonly string[]): ReadonlyMap<string, Named> {
  const found = new Map<string, Named>();
  const trailer = (key: string) => `%(trailers:key=Codewalk-${key},valueonly,separator=%x2C)`;
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const some = ids.slice(at, at + AT_ONCE);
    const format = `--format=%H ${trailer('Fence')} ${trailer('Task')}`;
    const said = plainGit(repository, 'log', '--no-walk=unsorted', format, ...some);
    for (const line of said.split('\n')) {
      const [id = '', fence = '', task = ''] = line.split(' ');
      found.set(id, { task, fence: Number(fence) });
    }
  }
  return found;
}
