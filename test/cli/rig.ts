import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { makeRepo, type TestRepo } from '../support/repo.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'main', 'cw.ts');
/** Far beyond what a command takes; a hang ends as a failed test with what was printed. */
const TIMEOUT_MS = 60_000;

export interface Result {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CwOptions {
  readonly cwd: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** A home of the test's own, so that no config of this machine is read. */
export function makeHome(t: TestContext): string {
  const home = mkdtempSync(join(tmpdir(), 'cw-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  return home;
}

/** Starts the program from its source. The caller waits for its end. */
export function startCw(args: readonly string[], options: CwOptions & { home: string }): ChildProcess {
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: options.home,
    NODE_COMPILE_CACHE: join(tmpdir(), 'cw-test-compile-cache'),
    ...options.env,
  };
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd: options.cwd,
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  // A program that ends without reading its input is no failure of the test.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input ?? '');
  return child;
}

async function resultOf(child: ChildProcess): Promise<Result> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, stdout, stderr };
}

export type Cw = (args: readonly string[], options?: Partial<CwOptions>) => Promise<Result>;

/** Runs the program in `cwd` to its end. */
export function cwIn(cwd: string, home: string): Cw {
  return (args, options = {}) => resultOf(startCw(args, { cwd, home, ...options }));
}

/** The first line of standard output that matches; the rest stays to be read. */
export async function lineOf(child: ChildProcess, wanted: RegExp): Promise<string> {
  if (child.stdout === null) throw new Error('The program was started without output');
  for await (const line of createInterface({ input: child.stdout })) if (wanted.test(line)) return line;
  throw new Error(`The program ended without a line that matches ${wanted}`);
}

/** A repository with a roadmap and a scripted agent: `agent` is a shell script that gets the prompt on its input. */
export async function makeProject(
  t: TestContext,
  options: { roadmap: string; agent: string; config?: Readonly<Record<string, unknown>> },
): Promise<{ repo: TestRepo; home: string; cw: Cw }> {
  const repo = await makeRepo();
  t.after(() => repo[Symbol.asyncDispose]());
  const home = makeHome(t);
  const script = join(home, 'agent.sh');
  repo.write('agent.sh', options.agent, home);
  const config = {
    project: 'shop',
    providers: { script: { type: 'command', command: 'sh', args: [script] } },
    agents: { coder: { provider: 'script' } },
    retry: { maxAttempts: 1 },
    ...options.config,
  };
  mkdirSync(join(repo.root, '.codewalk'), { recursive: true });
  repo.write('.codewalk/config.json', JSON.stringify(config));
  repo.write('roadmap.yaml', options.roadmap);
  return { repo, home, cw: cwIn(repo.root, home) };
}

/** Does what the task's prompt says: `write <file>`, `fail`, `ask` once, or `wait` for ever. */
export const SCRIPTED_AGENT = `
prompt=$(cat)
case "$prompt" in
  *"please fail"*) echo '{"status":"error","reason":"told to fail"}' ;;
  *"Use UUIDs"*) echo "session $CW_SESSION"; echo uuid > "$CW_TASK_ID.txt"; echo '{"status":"done","summary":"wrote it with UUIDs"}' ;;
  *"please ask"*) echo "session $CW_SESSION"; echo '{"status":"questions","questions":[{"id":"ids","question":"Which ids?","options":["Use UUIDs","Use numbers"]}]}' ;;
  *"please wait"*) echo "waiting now"; sleep 600 ;;
  *) echo "working on $CW_TASK_ID"; echo "$CW_TASK_ID" > "$CW_TASK_ID.txt"; echo '{"status":"done","summary":"wrote the file"}' ;;
esac
`;
