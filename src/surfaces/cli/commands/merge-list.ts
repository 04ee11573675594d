import type { MergeRecord } from '../../../core/tasks/task.ts';
import type { Action } from '../actions.ts';
import { EXIT } from '../exit-codes.ts';
import { isoTime, shortId } from '../format.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import type { Look, Paint } from '../style.ts';
import { table } from '../table.ts';

const LOOKS: Readonly<Record<MergeRecord['state'], Look | undefined>> = {
  queued: undefined,
  merging: 'cyan',
  conflicted: 'yellow',
  merged: 'green',
};

export const mergeList: Action = async (context) => {
  const merges = await (await context.services.api()).merges();
  if (context.json) printJson(context, merges.map(mergeJson));
  else if (merges.length === 0)
    printLines(context, ['Nothing waits for a merge, and nothing was merged yet.']);
  else printLines(context, renderMerges(merges, { width: context.io.columns(), paint: context.paint }));
  return EXIT.ok;
};

function mergeJson(merge: MergeRecord): unknown {
  return {
    task: merge.task,
    title: merge.title,
    state: merge.state,
    head: merge.head ?? null,
    commit: merge.commit ?? null,
    strategy: merge.strategy ?? null,
    bounces: merge.bounces,
    at: isoTime(merge.at),
  };
}

export function renderMerges(
  merges: readonly MergeRecord[],
  options: { width: number; paint: Paint },
): string[] {
  return table({
    columns: [
      { title: 'TASK' },
      { title: 'STATE' },
      { title: 'COMMIT' },
      { title: 'STRATEGY' },
      { title: 'BOUNCES', side: 'right' },
      { title: 'AT' },
      { title: 'TITLE', flexible: true },
    ],
    rows: merges.map((merge) => [
      { text: safeLine(merge.task) },
      { text: merge.state, look: LOOKS[merge.state] },
      { text: merge.commit === undefined ? '' : shortId(merge.commit) },
      { text: merge.strategy ?? '' },
      { text: merge.bounces === 0 ? '' : String(merge.bounces) },
      { text: isoTime(merge.at).slice(0, 16).replace('T', ' ') },
      { text: safeLine(merge.title) },
    ]),
    ...options,
  });
}
