import { duration, money } from '../cli/format.ts';
import type { App } from './app.ts';
import { bar, columnsOfSpans, type Span, spread } from './draw.ts';
import type { TaskSign, Theme } from './theme.ts';

/** How much the line says: the first that there is room for. */
const DENSITIES = [
  { bar: 12, hasWords: true, hasName: true },
  { bar: 12, hasWords: false, hasName: true },
  { bar: 6, hasWords: false, hasName: true },
  { bar: 0, hasWords: false, hasName: true },
  { bar: 0, hasWords: false, hasName: false },
] as const;

/** Project, progress, what it has cost, who is at work. Where there is little room signs stand for their words. */
export function headerLine(app: App, theme: Theme): string {
  const { width } = app.ui.size;
  const right = rightOf(app, theme);
  const room = width - columnsOfSpans(right);
  const all = DENSITIES.map((density) => leftOf(app, density, theme));
  const left = all.find((spans) => columnsOfSpans(spans) <= room) ?? all.at(-1) ?? [];
  return spread(left, right, width, theme);
}

function leftOf(
  { view }: App,
  { bar: columns, hasWords, hasName }: (typeof DENSITIES)[number],
  theme: Theme,
): readonly Span[] {
  const { counts, done, total } = view.totals;
  const counted = (sign: TaskSign, count: number | undefined, word: string): readonly Span[] =>
    count === undefined || count === 0
      ? []
      : [[`${hasWords ? '  ' : ' '}${theme.sign(sign)} ${count}${hasWords ? ` ${word}` : ''}`, sign]];
  return [
    [' cw ', 'selected'],
    [hasName ? ` ${view.project} ` : ' ', 'title'],
    ...bar(total === 0 ? 0 : done / total, columns, theme),
    [`${columns === 0 ? '' : ' '}${done}/${total}${hasWords ? ' done' : ''}`],
    ...counted('working', activeOf(counts), 'running'),
    ...counted('ready', counts.ready, 'ready'),
    ...counted('paused', counts.paused, 'paused'),
    ...counted('waiting', counts.waiting_input, 'asking'),
    ...counted('failed', counts.failed, 'failed'),
    ...counted('blocked', counts.blocked, 'blocked'),
  ];
}

/** Nothing goes on, or could begin, before the person has looked into the inbox. */
function waitsForPerson({ totals: { counts }, inbox, paused }: App['view']): boolean {
  const mayBegin = paused === undefined ? (counts.ready ?? 0) : 0;
  return inbox.length > 0 && activeOf(counts) === 0 && mayBegin === 0;
}

function activeOf({ running = 0, claimed = 0, merging = 0 }: App['view']['totals']['counts']): number {
  return running + claimed + merging;
}

/** What must be known of the whole, and never goes. */
function rightOf({ view, ui }: App, theme: Theme): readonly Span[] {
  const { totals, orchestrators, connection } = view;
  const [budget] = totals.budgets.toSorted((a, b) => a.leftUsd - b.leftUsd);
  const startedAt = Math.min(...orchestrators.map((each) => each.startedAt));
  const many = orchestrators.length > 1 ? `${orchestrators.length} orchestrators ` : '';
  return [
    ...(view.paused === undefined
      ? []
      : ([[` ${theme.sign('paused')} project paused `, 'warning']] as const)),
    ...(connection === 'live' ? [] : ([[' reconnecting ', 'warning']] as const)),
    ...(view.roadmapProblem === undefined ? [] : ([[' roadmap not taken ', 'warning']] as const)),
    [` ${money(totals.costUsd)}`, 'dim'],
    ...(budget === undefined ? [] : ([[` of ${money(budget.limitUsd)}`, 'dim']] as const)),
    ...(orchestrators.length === 0
      ? ([['  nobody at work ', 'dim']] as const)
      : waitsForPerson(view)
        ? ([['  waits for you ', 'waiting']] as const)
        : ([[`  ${many}${duration(Math.max(0, ui.now - startedAt))} `, 'dim']] as const)),
  ];
}
