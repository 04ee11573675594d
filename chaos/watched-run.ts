import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { E2eProject } from '../test/e2e/project.ts';
import type { CwResult } from '../test/support/installed-cw.ts';

/**
 * Put into the program before it starts: when it ends it writes down how late its event loop was, in ms, since it got
 * the signal that begins the watch. Without that the start of the program would count.
 */
const LOOP_WATCH = `
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { writeFileSync } from 'node:fs';
const delay = monitorEventLoopDelay({ resolution: 5 });
process.on('SIGUSR2', () => delay.enable());
process.on('exit', () => {
  const file = new URL('loop-' + process.pid + '.json', import.meta.url);
  writeFileSync(file, JSON.stringify({ p99Ms: delay.percentile(99) / 1e6, maxMs: delay.max / 1e6 }));
});`;
const SAMPLE_MS = 20;

export interface WatchedRun {
  readonly result: CwResult;
  /** Resident memory of the orchestrator when the first agent started, and its highest after that, bytes. */
  readonly rssBefore: number;
  readonly rssPeak: number;
  /** Lateness of the orchestrator's event loop from then on. */
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly seconds: number;
}

/** Runs `cw run` in the project to its end and watches the orchestrator's memory and event loop from outside. */
export async function watchedRun(project: E2eProject): Promise<WatchedRun> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'cw-chaos-')));
  let sampler: NodeJS.Timeout | undefined;
  try {
    const hook = join(directory, 'loop-watch.mjs');
    writeFileSync(hook, LOOP_WATCH);
    const startedAt = performance.now();
    await using running = await project.start(['run', '--json'], {
      env: { NODE_OPTIONS: `--import=${pathToFileURL(hook).href}` },
    });
    const started = JSON.parse(await running.line((line) => line.includes('"orchestrator.started"'))) as {
      pid: number;
    };
    await running.line((line) => line.includes('"agent.started"'));
    process.kill(started.pid, 'SIGUSR2');
    const rssBefore = rss(started.pid);
    let rssPeak = rssBefore;
    sampler = setInterval(() => {
      rssPeak = Math.max(rssPeak, rss(started.pid));
    }, SAMPLE_MS);
    const result = await running.end;
    const seconds = (performance.now() - startedAt) / 1_000;
    const loop = JSON.parse(readFileSync(join(directory, `loop-${started.pid}.json`), 'utf8')) as {
      p99Ms: number;
      maxMs: number;
    };
    return { result, rssBefore, rssPeak, loopP99Ms: loop.p99Ms, loopMaxMs: loop.maxMs, seconds };
  } finally {
    clearInterval(sampler);
    rmSync(directory, { recursive: true, force: true });
  }
}

function rss(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

/** Bytes on disk of all files below a directory. */
export function sizeOf(directory: string): number {
  let bytes = 0;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isFile()) bytes += lstatSync(join(entry.parentPath, entry.name)).blocks * 512;
  }
  return bytes;
}
