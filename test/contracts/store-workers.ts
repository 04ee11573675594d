import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('store-worker.ts', import.meta.url));

/** What the worker printed: ids of tasks that it was told are done, and those whose lease was lost. */
export interface WorkerReport {
  readonly finished: readonly string[];
  readonly refused: readonly string[];
}

/**
 * Runs `store-worker.ts` in a process of its own until it ends. With `killAfter` it gets SIGKILL as soon as it
 * has reported that many tasks. Throws what it wrote to its standard error when it ends badly.
 */
export async function runWorker(
  t: TestContext,
  mode: 'work' | 'open' | 'newer',
  options: { url: string; project: string; name: string; stateDirectory?: string },
  { killAfter }: { killAfter?: number } = {},
): Promise<WorkerReport> {
  const { url, project, name, stateDirectory } = options;
  const child = spawn(
    process.execPath,
    [WORKER, mode, url, project, name, ...(stateDirectory === undefined ? [] : [stateDirectory])],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  t.after(() => child.kill('SIGKILL'));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const ended = once(child, 'close');
  const finished: string[] = [];
  const refused: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, task] = line.split(' ') as [string, string];
    if (word === 'done') finished.push(task);
    if (word === 'refused') refused.push(task);
    if (finished.length === killAfter) child.kill('SIGKILL');
  }
  const [code] = (await ended) as [number | null];
  if (killAfter === undefined && code !== 0) throw new Error(`Worker ${name} ended with ${code}: ${errors}`);
  return { finished, refused };
}
