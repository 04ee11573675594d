import { UsageError } from '../../../core/errors.ts';
import { parseTaskId } from '../../../core/parse-task-id.ts';
import { parseDuration } from '../../../core/roadmap/duration.ts';
import { prunable, type SavedWork, type SavedWorkEntry } from '../../../core/workspaces/saved-work.ts';
import type { Action } from '../actions.ts';
import type { CliContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { count, duration, isoTime } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { printDiff, printNumbers } from '../print-diff.ts';
import { safeLine } from '../safe-text.ts';
import { table } from '../table.ts';

/** A diff longer than this is for an editor, not for a terminal. */
const MOST_DIFF_BYTES = 64 * 1_048_576;

export const recoverList: Action = async (context, { options }) => {
  const entries = await (await context.services.recovery.open()).list(filterOf(options.task));
  if (context.json) printJson(context, entries.map(entryJson));
  else if (entries.length === 0) printLines(context, ['No work had to be saved.']);
  else printLines(context, renderEntries(context, entries));
  return EXIT.ok;
};

export const recoverShow: Action = async (context, { args, options }) => {
  const recovery = await context.services.recovery.open();
  const saved = await recovery.find(String(args[0]));
  const files = context.json || options.stat === true ? await recovery.diffNumbers(saved) : [];
  if (context.json) {
    const diff =
      options.stat === true ? undefined : await recovery.diff(saved, { maxBytes: MOST_DIFF_BYTES });
    printJson(context, { ...savedJson(saved), files, ...(diff === undefined ? {} : { diff }) });
  } else if (options.stat === true) {
    if (files.length > 0) printNumbers(context, files);
  } else printDiff(context, await recovery.diff(saved, { maxBytes: MOST_DIFF_BYTES }));
  return EXIT.ok;
};

export const recoverPrune: Action = async (context, { options }) => {
  const recovery = await context.services.recovery.open();
  const before = beforeOf(textOption(options.olderThan), context.services.now());
  const dryRun = options.dryRun === true;
  const going = prunable(await recovery.list(filterOf(options.task)), { before });
  if (!dryRun) await recovery.drop(going);
  if (context.json) {
    printJson(context, { dryRun, pruned: going.map(entryJson) });
    return EXIT.ok;
  }
  if (going.length === 0) {
    printLines(context, ['There is nothing to prune.']);
    return EXIT.ok;
  }
  const what = `${count(going.length, 'piece')} of saved work ${dryRun ? 'would go' : 'gone'}.`;
  printLines(context, [...renderEntries(context, going), what]);
  return EXIT.ok;
};

function filterOf(task: unknown) {
  return task === undefined ? {} : { task: parseTaskId(String(task)) };
}

function beforeOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return now - ms;
  throw new UsageError('BAD_DURATION', `${JSON.stringify(text)} is no length of time`, {
    advice: 'write it like 30d, 12h or 90m',
  });
}

function savedJson({ at, attempt, ...saved }: SavedWork): Record<string, unknown> {
  return { ...saved, attempt: attempt ?? null, at: isoTime(at) };
}

const entryJson = (entry: SavedWorkEntry): Record<string, unknown> => savedJson(entry);

function renderEntries(context: CliContext, entries: readonly SavedWorkEntry[]): string[] {
  const now = context.services.now();
  return table({
    columns: [
      { title: 'ID' },
      { title: 'TASK', flexible: true },
      { title: 'ATTEMPT', side: 'right' },
      { title: 'AGE', side: 'right' },
      { title: 'WHY' },
      { title: 'FILES', side: 'right' },
      { title: '+', side: 'right' },
      { title: '-', side: 'right' },
      { title: 'IN A BRANCH' },
    ],
    rows: entries.map((entry) => [
      { text: entry.id },
      { text: safeLine(entry.task) },
      { text: entry.attempt === undefined ? '' : String(entry.attempt) },
      { text: duration(now - entry.at) },
      { text: entry.reason },
      { text: String(entry.files) },
      { text: String(entry.insertions), look: 'green' },
      { text: String(entry.deletions), look: 'red' },
      { text: entry.contained ? 'yes' : 'no', look: entry.contained ? 'dim' : 'yellow' },
    ]),
    width: context.io.columns(),
    paint: context.paint,
  });
}
