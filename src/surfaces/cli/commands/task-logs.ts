import { setTimeout } from 'node:timers/promises';
import type { LogFile } from '../../../core/api/parts.ts';
import type { ProjectApi, TaskLogs } from '../../../core/api/ports.ts';
import { CodewalkError } from '../../../core/errors.ts';
import { present } from '../../../core/source/present.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { safeBlock } from '../safe-text.ts';

/** How often a followed log is looked at; a person reads it, and a watch on many files would miss new ones. */
const POLL_MS = 250;

export const taskLogs: Action = async (context, { args, options }) => {
  const api = await context.services.api();
  const raw = options.raw === true;
  const wanted = {
    task: String(args[0]),
    raw,
    ...present({
      attempt: options.attempt as number | undefined,
      step: options.step as number | undefined,
    }),
  };
  const stop = new AbortController();
  context.io.onOutputClosed(() => stop.abort());
  const signal = AbortSignal.any([context.stopSignal(), stop.signal]);
  const printed = new Map<string, number>();
  const printNew = async (logs: TaskLogs, isOver: boolean): Promise<void> => {
    const of = { task: logs.task, isOver };
    for (const file of logs.files) await printFrom(file, printed, { context, api, of, signal });
  };

  if (options.follow === true) {
    for (let over = false; !over && !signal.aborted; ) {
      const logs = await api.logs(wanted);
      over = logs.isOver;
      await printNew(logs, over);
      if (!over) await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    }
    return EXIT.ok;
  }
  const logs = await api.logs(wanted);
  await printNew(logs, true);
  if (printed.size === 0) {
    throw new CodewalkError('NO_LOGS', `${logs.task} has no such log`, {
      advice:
        logs.attempts === 0
          ? 'it has not been started yet: cw run'
          : `see its steps: cw task show ${logs.task}`,
    });
  }
  return EXIT.ok;
};

/** Prints what the file has beyond what was printed of it. */
async function printFrom(
  { name, isRaw }: LogFile,
  printed: Map<string, number>,
  options: {
    context: CliContext;
    api: ProjectApi;
    of: { task: string; isOver: boolean };
    signal: AbortSignal;
  },
): Promise<void> {
  const { io } = options.context;
  let from = printed.get(name) ?? 0;
  while (!options.signal.aborted) {
    const { lines, next } = await options.api.readLog({ ...options.of, name, from });
    from = next;
    printed.set(name, from);
    if (lines.length === 0) return;
    io.out(`${lines.map(isRaw ? rawText : safeBlock).join('\n')}\n`);
    await io.drained();
  }
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
