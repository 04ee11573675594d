// What the terminal face costs while agents print, and how fast it answers keys: the built `cw tui` in a real terminal
// of 160×48, on a project of 10,000 tasks of which 16 are at work.
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeRepo } from '../test/support/repo.ts';
import { Screen } from '../test/support/screen.ts';
import { type Section, table } from './stats.ts';

const SIZE = { width: 160, height: 48 };
const TASKS = 10_000;
const AT_WORK = 16;
const ECHO = 'process.stdin.setRawMode(true).pipe(process.stdout); console.log(`t0`)';
const LETTERS = 'bcdfghjklmnpqrtvwxz';
const PRINTED_AT = /\b\d{13}\b/g;
const WRITER = join(import.meta.dirname, 'tui-writer.ts');
const CW = join(import.meta.dirname, '..', 'dist', 'cw.mjs');

interface Scene {
  readonly name: string;
  readonly agents: number;
  readonly linesPerSecond: number;
  readonly seconds: number;
  /** Instead of cw: what any program does at the least, on the same terminal beside the same load. */
  readonly isFloor?: boolean;
}

const SCENES: readonly Scene[] = [
  { name: 'a program that only echoes', agents: 4, linesPerSecond: 5_000, seconds: 30, isFloor: true },
  { name: 'nothing happens', agents: 4, linesPerSecond: 0, seconds: 30 },
  { name: '4 agents print', agents: 4, linesPerSecond: 5_000, seconds: 180 },
  { name: '16 agents print', agents: AT_WORK, linesPerSecond: 5_000, seconds: 180 },
];

export async function benchTui(): Promise<Section> {
  const before = load();
  const rows: string[][] = [];
  for (const scene of SCENES) rows.push(await measure(scene));
  const head = [
    ...[
      'scene',
      'at work',
      'lines/s',
      'CPU of a core',
      'memory at first, MB',
      'most in the first half',
      'most in the second',
    ],
    ...['key → on screen p50 ms', 'p99 ms', 'keys', 'age of the newest line p50 ms', 'p99 ms'],
    'written to the terminal, KB/s',
  ];
  return {
    title: 'The terminal face',
    text: `The built \`cw tui\` on a terminal of ${SIZE.width}×${SIZE.height} (script(1)), ${TASKS.toLocaleString('en')} tasks, 30 to 180 s each after 5 s. Another process stands for the orchestrator: it appends to the agents' logs, and tells four events a second for each. A key is on screen when a terminal without a window, which reads the same output, shows what it typed. CPU and memory are those of \`cw tui\` alone, from /proc. What is due to the machine, which also ran other things, shows in the first row. Aims for 4 agents with 5,000 lines/s: at most 25 % of a core, p99 under 50 ms, memory flat. Load average ${before} at the start, ${load()} in the end.\n\n${table(head, rows)}`,
  };
}

async function measure({ name, agents, linesPerSecond, seconds, isFloor = false }: Scene): Promise<string[]> {
  await using project = await makeProject();
  const { root: cwd, env } = project;
  const writer = fork(WRITER, [String(agents), String(linesPerSecond)], { cwd, env });
  await once(writer, 'message');
  await using window = await openWindow(project, isFloor);
  try {
    await pause(5_000);
    const first = usedBy(window.pid);
    const bytes = window.bytes();
    const startedAt = performance.now();
    const ages: number[] = [];
    const most: number[] = [];
    const more = (): void => {
      ages.push(...window.age());
      most.push(usedBy(window.pid).rssMb);
    };
    const times = await typeKeys(window, { forMs: seconds * 500, each: more, isFloor });
    const firstMost = most.splice(0);
    times.push(...(await typeKeys(window, { forMs: seconds * 500, each: more, isFloor })));
    const last = usedBy(window.pid);
    const took = (performance.now() - startedAt) / 1_000;
    const cpu = (last.cpuMs - first.cpuMs) / (took * 10);
    return [
      ...[name, String(agents), String(linesPerSecond), `${cpu.toFixed(1)} %`],
      ...[first.rssMb, Math.max(...firstMost), Math.max(...most)].map((mb) => mb.toFixed(0)),
      ...[at(times, 0.5).toFixed(1), at(times, 0.99).toFixed(1), String(times.length)],
      ...[age(ages, 0.5), age(ages, 0.99)],
      ((window.bytes() - bytes) / took / 1_024).toFixed(0),
    ];
  } finally {
    writer.kill('SIGKILL');
  }
}

interface Project extends AsyncDisposable {
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

async function makeProject(): Promise<Project> {
  const home = mkdtempSync(join(tmpdir(), 'cw-home-'));
  const env = { ...process.env, HOME: home, TERM: 'xterm-256color', COLORTERM: 'truecolor', NO_COLOR: '' };
  const repo = await makeRepo({ files: { 'roadmap.yaml': roadmap() } });
  return {
    root: repo.root,
    env,
    async [Symbol.asyncDispose]() {
      await repo[Symbol.asyncDispose]();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Chains of ten, so that many are ready. */
function roadmap(): string {
  const tasks = Array.from({ length: TASKS }, (_task, number) => {
    const needs = number < 100 || number % 10 === 0 ? '' : `, depends_on: [t${number - 1}]`;
    return `  - { id: t${number}, title: Task number ${number}, prompt: Do it${needs} }`;
  });
  return `version: 1\ntasks:\n${tasks.join('\n')}\n`;
}

interface Window extends AsyncDisposable {
  readonly pid: number;
  bytes(): number;
  type(keys: string): void;
  /** Milliseconds since the newest line on screen was printed; none while there is no line. */
  age(): readonly number[];
  /** Resolves when a row of the screen holds the text. */
  shows(text: string): Promise<void>;
}

async function openWindow({ root, env }: Project, isFloor: boolean): Promise<Window> {
  const screen = new Screen(SIZE.width, SIZE.height);
  const line = `stty cols ${SIZE.width} rows ${SIZE.height}; exec '${process.execPath}' ${isFloor ? `-e '${ECHO}'` : `'${CW}' tui`}`;
  const child = spawn('script', ['-qec', line, '/dev/null'], {
    cwd: root,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  screen.onAnswer((answer) => child.stdin.write(answer));
  let bytes = 0;
  let changed = Promise.withResolvers<void>();
  child.stdout.on('data', (piece: Buffer) => {
    bytes += piece.length;
    void screen.write(piece.toString('utf8')).then(() => {
      changed.resolve();
      changed = Promise.withResolvers();
    });
  });
  const shows = async (text: string): Promise<void> => {
    while (!screen.rows().some((row) => row.includes(text))) {
      if (child.exitCode !== null) throw new Error(`cw tui ended:\n${screen.rows().join('\n')}`);
      await Promise.race([changed.promise, pause(5_000)]);
    }
  };
  await shows('t0');
  return {
    pid: childOf(child),
    bytes: () => bytes,
    age: () => {
      const printed = screen.rows().flatMap((row) => row.match(PRINTED_AT) ?? []);
      return printed.length === 0 ? [] : [Date.now() - Math.max(...printed.map(Number))];
    },
    type: (keys) => child.stdin.write(keys),
    shows,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      screen[Symbol.dispose]();
    },
  };
}

function childOf({ pid }: ChildProcess): number {
  const found = readdirSync('/proc').find((name) => {
    return /^\d+$/.test(name) && parentOf(name) === pid;
  });
  if (found === undefined) throw new Error('script(1) has no child');
  return Number(found);
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** CPU in clock ticks of 10 ms (proc_pid_stat(5)); memory in pages of 4 KB. */
function usedBy(pid: number): { readonly cpuMs: number; readonly rssMb: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * 10, rssMb: (Number(fields[21]) * 4) / 1_024 };
}

/** Milliseconds from each key to what it types on the screen; words are typed into a search and taken back. */
async function typeKeys(
  window: Window,
  { forMs, each, isFloor }: { forMs: number; each: () => void; isFloor: boolean },
): Promise<number[]> {
  const times: number[] = [];
  const endAt = performance.now() + forMs;
  while (performance.now() < endAt) {
    window.type(isFloor ? '\r\n/' : '/');
    await pause(200);
    let typed = '/';
    // No word is on the screen already, and hardly one in the output.
    while (typed.length < 7) {
      const letter = LETTERS[Math.floor(Math.random() * LETTERS.length)] ?? 'x';
      typed += letter;
      const startedAt = performance.now();
      window.type(letter);
      await window.shows(typed);
      times.push(performance.now() - startedAt);
      each();
      // Not in step with the frames.
      await pause(40 + Math.random() * 80);
    }
    if (!isFloor) window.type('\u001b');
    await pause(200);
  }
  return times;
}

function at(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function age(values: readonly number[], share: number): string {
  return values.length === 0 ? '–' : at(values, share).toFixed(0);
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}
