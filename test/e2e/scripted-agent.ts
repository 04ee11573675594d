// A `command` agent that does what a test wrote down for it. It is started by `cw`, never imported for its effects.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { processTable } from '../../src/adapters/process/process-table.ts';

/** One thing that the agent does. */
export type Action =
  | { readonly write: string; readonly text: string }
  /** Fails at once when one of these files is not there. */
  | { readonly expect: readonly string[] }
  /** Adds a line to a file that others add to as well, in alphabetical order, once. */
  | { readonly addLine: string; readonly to: string }
  /** Takes both sides of every conflict in the file. */
  | { readonly resolve: string }
  | { readonly print: string }
  /** One line of so many megabytes. */
  | { readonly flood: number }
  /** Takes so many milliseconds, as real work would: nothing waits for it. */
  | { readonly work: number }
  /** Writes itself down once more, for the test to see how far it is. */
  | { readonly tell: 'here' }
  /** Goes on when the test has made this file, see `E2eProject.allow`. */
  | { readonly waitFor: string }
  /** Goes on when so many agents have started. */
  | { readonly gather: number }
  /** Starts a child of its own, in a session of its own, that never ends. */
  | { readonly child: true }
  | { readonly hang: true }
  /** From now on writes SIGTERM down instead of ending by it. */
  | { readonly stubborn: true }
  /** When it is told to stop, it deletes this file and ends. */
  | { readonly tidies: string }
  | { readonly exit: number }
  | { readonly result: Readonly<Record<string, unknown>> };

/** What the agent does at its first, second, … start for a task and role; the last one is repeated. */
export type Script = Readonly<Record<string, readonly (readonly Action[])[]>>;

/** One line of the record that the agents keep of themselves. */
export type AgentRecord = {
  readonly task: string;
  readonly attempt: number;
  readonly role: string;
  readonly session: string;
  readonly pid: number;
} & (
  | {
      readonly kind: 'start';
      readonly prompt: string;
      readonly cwd: string;
      /** Agents of the same task that were still alive. */
      readonly beside: readonly number[];
      /** How many agents of all tasks were alive, this one too. */
      readonly alive: number;
    }
  | { readonly kind: 'here' | 'child' | 'stop' | 'end' }
);

/** Where test and agents meet: `script.json`, `record.jsonl`, and the files that the test makes in `go/`. */
export const DIRECTORY = 'CW_E2E_DIRECTORY';

async function main(directory: string): Promise<number> {
  const { CW_TASK_ID: task = '', CW_ATTEMPT, CW_ROLE: role = '', CW_SESSION: session = '' } = process.env;
  const self = { task, attempt: Number(CW_ATTEMPT), role, session, pid: process.pid };
  const note = (record: object): void =>
    appendFileSync(join(directory, 'record.jsonl'), `${JSON.stringify({ ...self, ...record })}\n`);
  const prompt = await text(process.stdin);
  // Written before looking: of two that start at once, one at least sees the other.
  const running = join(directory, 'running');
  mkdirSync(running, { recursive: true });
  // In one step: agents in sandboxes may have the same pid, and what two write at a time is neither.
  const begun = join(directory, `begun-${randomUUID()}`);
  writeFileSync(begun, JSON.stringify({ task, id: idOf(process.pid) }));
  renameSync(begun, join(running, `${process.pid}`));
  const others = agentsAlive(running);
  const beside = others.filter((other) => other.task === task && other.pid !== process.pid);
  note({
    kind: 'start',
    prompt,
    cwd: process.cwd(),
    beside: beside.map(({ pid }) => pid),
    alive: others.length,
  });

  const script = JSON.parse(readFileSync(join(directory, 'script.json'), 'utf8')) as Script;
  const turns = script[`${task}/${role}`] ?? script[task] ?? [[{ write: `${task}.txt`, text: `${task}\n` }]];
  const starts = readRecord(directory).filter(
    (other) => other.kind === 'start' && other.task === task && other.role === role,
  );
  const turn = turns[Math.min(starts.length, turns.length) - 1] ?? [];
  for (const action of turn) {
    const code = await perform(action, directory, note);
    if (code !== undefined) {
      note({ kind: 'end' });
      return code;
    }
  }
  note({ kind: 'end' });
  return 0;
}

/** Does one thing; returns the exit code when the agent ends by it. */
async function perform(
  action: Action,
  directory: string,
  note: (record: object) => void,
): Promise<number | undefined> {
  if ('write' in action) {
    mkdirSync(dirname(action.write), { recursive: true });
    writeFileSync(action.write, action.text);
  } else if ('expect' in action) {
    if (!action.expect.every((path) => existsSync(path))) return 9;
  } else if ('addLine' in action) addLine(action.to, action.addLine);
  else if ('resolve' in action) resolveConflict(action.resolve);
  else if ('print' in action) await print(`${action.print}\n`);
  else if ('work' in action) await pause(action.work);
  else if ('tell' in action) note({ kind: action.tell });
  else if ('flood' in action) await flood(action.flood);
  else if ('waitFor' in action) {
    const file = join(directory, 'go', action.waitFor);
    await until(join(directory, 'go'), () => existsSync(file));
  } else if ('gather' in action) {
    const started = () => readRecord(directory).filter(({ kind }) => kind === 'start').length;
    await until(directory, () => started() >= action.gather);
  } else if ('child' in action) {
    const child: ChildProcess = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {
      detached: true,
      stdio: 'ignore',
    });
    await once(child, 'spawn');
    child.unref();
    note({ kind: 'child', pid: child.pid });
  } else if ('stubborn' in action) process.on('SIGTERM', () => note({ kind: 'stop' }));
  else if ('tidies' in action) {
    process.on('SIGTERM', () => {
      rmSync(action.tidies, { force: true });
      process.exit(0);
    });
  } else if ('hang' in action) {
    setInterval(() => {}, 60_000);
    await new Promise(() => {});
  } else if ('exit' in action) return action.exit;
  else await print(`${JSON.stringify(action.result)}\n`);
  return undefined;
}

async function print(text: string | Buffer): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
}

async function flood(megabytes: number): Promise<void> {
  const piece = Buffer.alloc(1_048_576, 'x');
  for (let at = 0; at < megabytes; at += 1) await print(piece);
  await print('\n');
}

function addLine(path: string, line: string): void {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  const all = [...new Set([...lines, line])].filter((each) => each !== '').sort();
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, all.map((each) => `${each}\n`).join(''));
}

function resolveConflict(path: string): void {
  const kept = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => !/^(<{7}|\|{7}|={7}|>{7})( |$)/.test(line));
  writeFileSync(path, kept.join('\n'));
}

/** Waits for changes in the directory until the condition holds. Throws when `signal` comes first. */
export async function until(directory: string, holds: () => boolean, signal?: AbortSignal): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const watcher = watch(directory);
  try {
    // The watcher is there before the first look, so nothing is missed in between.
    while (!holds()) await once(watcher, 'change', signal === undefined ? {} : { signal });
  } finally {
    watcher.close();
  }
}

/** Tells a process from a later one with the same pid. */
function idOf(pid: number): string | undefined {
  const row = processTable().row(pid);
  return row === undefined || row.zombie ? undefined : row.startTime;
}

function agentsAlive(running: string): { pid: number; task: string }[] {
  return readdirSync(running).flatMap((name) => {
    const pid = Number(name);
    const { task, id } = JSON.parse(readFileSync(join(running, name), 'utf8')) as {
      task: string;
      id: string;
    };
    return idOf(pid) === id ? [{ pid, task }] : [];
  });
}

/** What the agents of a project wrote down, in order. */
export function readRecord(directory: string): readonly AgentRecord[] {
  const path = join(directory, 'record.jsonl');
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last piece is empty, or a line that is being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AgentRecord);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const directory = process.env[DIRECTORY];
  if (directory === undefined) throw new Error(`${DIRECTORY} is not set`);
  process.exitCode = await main(directory);
}
