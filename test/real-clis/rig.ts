import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { AgentEnv } from '../support/cli-env.ts';
import type { ModelServer } from '../support/model-server.ts';
import { startModelServer } from '../support/model-server.ts';

const run = promisify(execFile);

export interface Rig extends AsyncDisposable {
  readonly server: ModelServer;
  /** A home for one agent, empty. */
  readonly home: string;
  /** A linked worktree on branch `task/1` in which `old.txt` is committed. */
  readonly worktree: string;
}

/** A model server, an empty home and a git worktree, all gone at the end of the test. */
export async function startRig(): Promise<Rig> {
  const root = await realpath(await mkdtemp(join(tmpdir(), 'real-clis-')));
  const [home, main, worktree] = [join(root, 'home'), join(root, 'main'), join(root, 'worktree')];
  await Promise.all([mkdir(home), mkdir(main)]);
  await writeFile(join(main, 'old.txt'), 'old\n');
  // Started from a hook, git would otherwise hand down the repository it is working on.
  const env = { PATH: process.env.PATH, HOME: home };
  const git = (...args: string[]) =>
    run('git', ['-C', main, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args], { env });
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '.');
  await git('commit', '--quiet', '--message=Start');
  await git('worktree', 'add', '--quiet', '-b', 'task/1', worktree);
  const server = await startModelServer();
  return {
    server,
    home,
    worktree,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      // An agent's helper may still be writing its last file.
      await rm(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

export interface AgentRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: AgentEnv;
  readonly prompt: string;
  /** Kills the agent. */
  readonly signal: AbortSignal;
}

export interface AgentEnd {
  readonly code: number | null;
  // biome-ignore lint/suspicious/noExplicitAny: three agents' events, which each test reads as it expects them.
  readonly events: readonly any[];
  readonly stderr: string;
}

/** Runs an agent with the prompt on its standard input, and reads its JSON lines. */
export async function runAgent({ program, args, cwd, env, prompt, signal }: AgentRun): Promise<AgentEnd> {
  const child = spawn(program, args, { cwd, env, stdio: 'pipe', signal, killSignal: 'SIGKILL' });
  const ended = once(child, 'close');
  // It may end before it has read the prompt.
  child.stdin.on('error', () => undefined).end(prompt);
  const [[code], stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  const events = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return { code, events, stderr };
}
