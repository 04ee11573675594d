import { UsageError } from '../../../core/errors.ts';
import { parseDuration } from '../../../core/roadmap/duration.ts';
import { type Standing, standingOf } from '../../../core/workspaces/retention.ts';
import type { Action } from '../actions.ts';
import type { CliContext, WorktreeEntry } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { byteCount, count, duration } from '../format.ts';
import { textOption } from '../input.ts';
import { printJson, printLines } from '../print.ts';
import { safeLine } from '../safe-text.ts';
import type { Look } from '../style.ts';
import { table } from '../table.ts';

const LOOKS: Readonly<Record<Standing, Look | undefined>> = {
  'at work': 'cyan',
  waiting: undefined,
  failed: 'red',
  merged: 'green',
  pooled: 'dim',
  orphan: 'yellow',
};

export const worktreeList: Action = async (context) => {
  const entries = await context.services.worktrees.list();
  if (context.json) printJson(context, entries.map(entryJson));
  else if (entries.length === 0) printLines(context, ['There are no worktrees.']);
  else printLines(context, [...rows(context, entries), '', total(entries)]);
  return EXIT.ok;
};

export const worktreePrune: Action = async (context, { options }) => {
  const dryRun = options.dryRun === true;
  const { removed, kept, homes, seeds } = await context.services.worktrees.prune({
    dryRun,
    olderThanMs: olderThan(textOption(options.olderThan)),
    pooled: options.pooled === true,
    seeds: options.seeds === true,
  });
  if (context.json) {
    printJson(context, { dryRun, removed: removed.map(entryJson), kept: kept.map(entryJson), homes, seeds });
    return EXIT.ok;
  }
  const verb = dryRun ? 'Would remove' : 'Removed';
  const bytes = [...removed, ...homes, ...seeds].reduce((sum, each) => sum + each.bytes, 0);
  const lines = [
    ...removed.map(({ facts }) => `${verb} ${facts.place}`),
    ...homes.map(({ task }) => `${verb} the private home of ${task}`),
    ...seeds.map(({ key }) => `${verb} seed ${key.slice(0, 12)}`),
    ...kept.map(({ facts, kept: reason = '' }) => `Kept ${facts.place}: ${reason}`),
    `${verb} ${count(removed.length, 'worktree')}${seeds.length > 0 ? ` and ${count(seeds.length, 'seed')}` : ''}, ${byteCount(bytes)}.`,
  ];
  printLines(context, lines.map(safeLine));
  return EXIT.ok;
};

function olderThan(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = parseDuration(text);
  if (ms !== undefined) return ms;
  throw new UsageError('BAD_DURATION', `${JSON.stringify(text)} is no length of time`, {
    advice: 'write it like 7d, 12h or 90m',
  });
}

function entryJson({ facts, bytes, kept }: WorktreeEntry): unknown {
  return {
    place: facts.place,
    path: facts.path,
    branch: facts.branch ?? null,
    task: facts.task?.id ?? null,
    taskState: facts.task?.state ?? null,
    standing: standingOf(facts),
    kind: facts.kind,
    ageMs: Math.round(facts.ageMs),
    bytes,
    unsaved: facts.unsaved,
    unmerged: facts.unmerged ?? null,
    processes: facts.processes,
    kept: kept ?? null,
  };
}

function rows(context: CliContext, entries: readonly WorktreeEntry[]): string[] {
  return table({
    columns: [
      { title: 'WORKTREE' },
      { title: 'STATE' },
      { title: 'BRANCH' },
      { title: 'AGE', side: 'right' },
      { title: 'SIZE', side: 'right' },
      { title: 'KEPT BECAUSE', flexible: true },
    ],
    rows: entries.map(({ facts, bytes, kept }) => {
      const standing = standingOf(facts);
      return [
        { text: safeLine(facts.place) },
        { text: standing, look: LOOKS[standing] },
        { text: safeLine(facts.branch ?? '') },
        { text: duration(facts.ageMs) },
        { text: byteCount(bytes) },
        { text: safeLine(kept ?? 'nothing: cw worktree prune removes it') },
      ];
    }),
    width: context.io.columns(),
    paint: context.paint,
  });
}

function total(entries: readonly WorktreeEntry[]): string {
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return `${count(entries.length, 'worktree')}, ${byteCount(bytes)}`;
}
