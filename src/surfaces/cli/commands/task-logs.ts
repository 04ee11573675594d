import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { CodewalkError } from '../../../core/errors.ts';
import type { TaskId } from '../../../core/ids.ts';
import type { Store } from '../../../core/tasks/ports.ts';
import { isFinal } from '../../../core/tasks/states.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { readLines } from '../follow-file.ts';
import { findTask } from '../input.ts';
import { safeBlock } from '../safe-text.ts';

/** How often a followed log is looked at; a person reads it, and a watch on many files would miss new ones. */
const POLL_MS = 250;

interface StepFile {
  readonly attempt: number;
  readonly step: number;
  readonly path: string;
}

export const taskLogs: Action = async (context, { args, options }) => {
  const store = await context.services.store();
  const task = await findTask(context, String(args[0]));
  const project = await context.services.project();
  const raw = options.raw === true;
  const list = (): Promise<readonly StepFile[]> =>
    stepFiles(join(project.logsDirectory, task.place), {
      extension: raw ? 'jsonl' : 'log',
      attempt: options.attempt as number | undefined,
      step: options.step as number | undefined,
    });
  const stop = new AbortController();
  context.io.onOutputClosed(() => stop.abort());
  const signal = AbortSignal.any([context.stopSignal(), stop.signal]);
  const printed = new Map<string, number>();
  const printNew = async (last: boolean): Promise<void> => {
    for (const file of await list()) await printFrom(file, printed, { context, raw, last, signal });
  };

  if (options.follow === true) {
    for (let over = false; !over && !signal.aborted; ) {
      over = await isOver(store, task.id);
      await printNew(over);
      if (!over) await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    }
    return EXIT.ok;
  }
  await printNew(true);
  if (printed.size === 0) {
    throw new CodewalkError('NO_LOGS', `${task.id} has no such log`, {
      advice:
        task.attempts === 0
          ? 'it has not been started yet: cw run'
          : `see its steps: cw task show ${task.id}`,
    });
  }
  return EXIT.ok;
};

/** The files of the wanted steps in the order they were written; of the latest attempt unless one is named. */
async function stepFiles(
  directory: string,
  options: { extension: string; attempt: number | undefined; step: number | undefined },
): Promise<readonly StepFile[]> {
  const names = await readdir(directory).catch(() => []);
  const files = names.flatMap((name) => {
    const match = /^(\d+)-(\d+)\.(jsonl|log)$/.exec(name);
    if (match === null || match[3] !== options.extension) return [];
    return [{ attempt: Number(match[1]), step: Number(match[2]), path: join(directory, name) }];
  });
  const latest = Math.max(0, ...files.map((file) => file.attempt));
  // A step number is unique in the whole life of a task, so it needs no attempt beside it.
  const attempt = options.attempt ?? (options.step === undefined ? latest : undefined);
  return files
    .filter((file) => attempt === undefined || file.attempt === attempt)
    .filter((file) => options.step === undefined || file.step === options.step)
    .toSorted((a, b) => a.attempt - b.attempt || a.step - b.step);
}

/** Prints what the file has beyond what was printed of it. */
async function printFrom(
  file: StepFile,
  printed: Map<string, number>,
  options: { context: CliContext; raw: boolean; last: boolean; signal: AbortSignal },
): Promise<void> {
  const { io } = options.context;
  const at = await readLines(file.path, {
    from: printed.get(file.path) ?? 0,
    last: options.last,
    onLines: async (lines) => {
      const shown = lines.map(options.raw ? rawText : safeBlock);
      io.out(`${shown.join('\n')}\n`);
      await io.drained();
      return !options.signal.aborted;
    },
  });
  printed.set(file.path, at);
}

/** The CLI's own line out of its envelope. Unchanged: who asks for raw output pipes it on. */
function rawText(line: string): string {
  try {
    const { text } = JSON.parse(line) as { text?: unknown };
    return typeof text === 'string' ? text : line;
  } catch {
    return line;
  }
}

async function isOver(store: Store, id: TaskId): Promise<boolean> {
  const task = await store.task(id);
  return task === undefined || isFinal(task.state);
}
