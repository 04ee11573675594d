import type { App } from './app.ts';
import { columnsOfSpans, row, type Span, spread } from './draw.ts';
import { keysAfter, keyText } from './keys.ts';
import { chosenTask, selectedRow } from './panes/panes.ts';
import type { Theme } from './theme.ts';
import type { PaneId } from './ui.ts';

type Hint = readonly [key: string, what: string];

/** What is typed, or what there is to say, or the keys that help most where the focus is. */
export function statusLine(app: App, theme: Theme): string {
  const { ui, dialog } = app;
  const { width } = ui.size;
  if (ui.search?.isTyping === true) return row([['/', 'key'], [ui.search.text]], width, theme);
  const typed: Span[] = [
    ...(ui.search === undefined ? [] : ([[` /${ui.search.text} `, 'match']] as const)),
    ...(ui.typed.length === 0 ? [] : ([[` ${ui.typed.map(keyText).join(' ')} `, 'key']] as const)),
  ];
  if (ui.notice !== undefined) return spread([[` ${ui.notice.text}`, ui.notice.look]], typed, width, theme);
  if (ui.typed.length > 0) return spread(nextKeys(app, width - columnsOfSpans(typed)), typed, width, theme);
  if (ui.run.kind === 'ended') return spread([[` ${ui.run.text}  q leaves`, 'notice']], typed, width, theme);
  if (dialog !== undefined) return row([], width, theme);
  const last = ALWAYS.flatMap(spansOf);
  const room = width - columnsOfSpans(last) - columnsOfSpans(typed);
  return spread([...fitting([...forTask(app), ...HINTS[ui.focus]], room), ...last], typed, width, theme);
}

/** What may follow on the keys that were typed so far. */
function nextKeys({ ui }: App, room: number): readonly Span[] {
  return fitting(
    keysAfter(ui.typed, ui.focus).map(({ key, help }) => [
      keyText(key),
      help.replace(/^(only (those (that are |that |)?)?|to )/, ''),
    ]),
    room,
  );
}

/** As many as there is room for; none is cut. */
function fitting(hints: readonly Hint[], room: number): readonly Span[] {
  const shown: Span[] = [];
  let left = room;
  for (const hint of hints) {
    const spans = spansOf(hint);
    left -= columnsOfSpans(spans);
    if (left < 0) break;
    shown.push(...spans);
  }
  return shown;
}

function spansOf([key, what]: Hint): readonly Span[] {
  return [
    [` ${key}`, 'key'],
    [` ${what} `, 'dim'],
  ];
}

/** What can be done about the task that is looked at, as it stands now. */
function forTask(app: App): readonly Hint[] {
  const { view, ui } = app;
  if (ui.focus === 'plan' && ui.marked.size > 0) {
    return [
      ['r', 'retry'],
      ['x', 'cancel'],
      ['p', 'pause'],
      ['Esc', 'no marks'],
    ];
  }
  const isContainer = ui.focus === 'plan' && selectedContainer(app);
  if (isContainer) return [['hl', 'fold']];
  const id = chosenTask(app);
  const item = view.inbox.find((each) => 'question' in each && each.question.task === id);
  if (item?.kind === 'approval') return APPROVAL;
  if (item?.kind === 'question') return [['a', 'answer']];
  const task = id === undefined ? undefined : view.tasks.get(id);
  if (task?.paused !== undefined) return [['p', 'resume']];
  const state = task?.state;
  switch (state) {
    case 'failed':
    case 'cancelled':
    case 'skipped':
      return [
        ['r', 'retry'],
        ['L', 'log'],
        ['s', 'shell'],
      ];
    case 'claimed':
    case 'running':
      return [
        ['m', 'write to it'],
        ['p', 'pause'],
        ['x', 'cancel'],
      ];
    case 'done':
      return [['d', 'changes']];
    default:
      return [];
  }
}

function selectedContainer(app: App): boolean {
  const row = selectedRow(app, 'plan');
  return row !== undefined && row.task === undefined;
}

const APPROVAL: readonly Hint[] = [
  ['d', 'changes'],
  ['A', 'approve'],
  ['R', 'send back'],
];
const ALWAYS: readonly Hint[] = [
  ['/', 'search'],
  [':', 'command'],
  ['?', 'keys'],
  ['q', 'leave'],
];
const HINTS: Readonly<Record<PaneId, readonly Hint[]>> = {
  agents: [
    ['z', 'zoom'],
    ['Tab', 'next'],
    ['jk', 'scroll'],
    ['i', 'task'],
    ['!', 'needs you'],
  ],
  plan: [
    ['f', 'only…'],
    ['t', 'graph'],
    ['Space', 'mark'],
    ['i', 'task'],
    ['!', 'needs you'],
  ],
  inbox: [
    ['Enter', 'do it'],
    ['i', 'task'],
    ['L', 'log'],
  ],
  events: [
    ['v', 'all'],
    ['i', 'task'],
    ['jk', 'move'],
  ],
  merges: [
    ['d', 'changes'],
    ['i', 'task'],
    ['D', 'deliver'],
  ],
};
