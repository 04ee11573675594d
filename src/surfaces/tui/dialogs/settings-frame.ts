import type { Setting } from '../../../core/config/settings.ts';
import { count } from '../../cli/format.ts';
import {
  builtInOf,
  type EditMode,
  holding,
  type SettingsState,
  shownSettings,
  stagedKey,
  valueIn,
} from '../settings/state.ts';
import { optionsOf, sectionOf, takesText, valueText } from '../settings/values.ts';
import { fit } from '../text/fit.ts';
import type { Look, Theme } from '../theme.ts';
import { BOX_COLUMNS, BOX_ROWS, box } from '../widgets/box.ts';
import { type Part, windowed } from '../widgets/form-view.ts';
import { safeRow, wrapText } from '../widgets/rows.ts';
import { showText, textRows } from '../widgets/text-view.ts';
import { diffTexts } from './add-task.ts';
import type { Frame, Size } from './dialog.ts';
import { problemRows } from './form-frame.ts';

/** Rows of the part below the list that tells of the chosen setting. */
const DETAIL_ROWS = 9;
const LEAST_LIST_ROWS = 4;

/** Rows of the list at that size. */
export function listRows({ height }: Size): number {
  return Math.max(LEAST_LIST_ROWS, height - BOX_ROWS - DETAIL_ROWS - 1);
}

/** The settings in columns, one for each file, and below them all about the chosen one. */
export function renderSettings(given: SettingsState, size: Size, theme: Theme): Frame {
  const state = { ...given, size };
  const width = Math.max(0, size.width - BOX_COLUMNS);
  const room = Math.max(0, size.height - BOX_ROWS);
  const body = bodyOf(state, { width, height: room, theme });
  const rows = Array.from({ length: room }, (_, at) => body.rows[at] ?? ' '.repeat(width));
  const title = `Settings: ${state.scope === 'project' ? 'this project' : 'all of your projects'}${fileOf(state, width)}${staged(state)}`;
  const boxed = box({ title, rows, footer: footerOf(state) }, size.width, theme).slice(0, size.height);
  const { cursor } = body;
  const place = cursor === undefined ? undefined : { x: cursor.x + 2, y: cursor.y + 1 };
  return place !== undefined && place.x < size.width && place.y < boxed.length - 1
    ? { rows: boxed, cursor: place }
    : { rows: boxed };
}

/** The file that is written: whole where there is room for it, else its end. */
function fileOf({ loaded, scope }: SettingsState, width: number): string {
  const path = loaded?.files.find((file) => file.scope === scope)?.path;
  if (path === undefined) return '';
  const end = path.split(/[\\/]/).slice(-2).join('/');
  return ` (${path.length + 60 <= width ? path : `…/${end}`})`;
}

function staged({ staged: { size } }: SettingsState): string {
  return size === 0 ? '' : `, ${count(size, 'change')} not saved`;
}

function footerOf({ mode, isLeaving, staged: { size } }: SettingsState): string {
  if (isLeaving) return `${count(size, 'change')} would be lost: esc again to leave, s saves`;
  switch (mode.kind) {
    case 'list':
      return 'q close · enter change · s save · tab other file · / find · u undo · x unset · [ ] sections · n new';
    case 'filter':
      return 'enter find · esc show all';
    case 'name':
      return 'enter open the editor · esc leave it';
    case 'edit':
      if (optionsOf(mode.setting.takes) !== undefined) return 'j k choose · enter take it · esc leave it';
      return mode.setting.takes.kind === 'json'
        ? 'e editor · enter take it · esc leave it'
        : 'enter take it · ctrl-j line · ctrl-o editor · esc leave it';
    case 'preview':
      return 'enter write it · esc go back';
    case 'waiting':
      return 'one moment…';
  }
}

interface Room {
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
}

function bodyOf(state: SettingsState, room: Room): Part {
  const { width, theme } = room;
  if (state.error !== undefined) return { rows: problemRows(state.error, width, theme) };
  if (state.loaded === undefined) return { rows: [fit('One moment…', width)] };
  if (state.mode.kind === 'preview') return { rows: previewRows(state, state.mode, room) };
  const details = detailsOf(state, {
    ...room,
    height: Math.min(DETAIL_ROWS, Math.max(1, room.height - LEAST_LIST_ROWS - 1)),
  });
  const listHeight = Math.max(0, room.height - details.rows.length - 1);
  const list = listOf(state, { ...room, height: listHeight });
  const line = theme.paint('border', theme.lines.horizontal.repeat(width));
  const rows = [
    ...list,
    ...Array.from({ length: listHeight - list.length }, () => ' '.repeat(width)),
    line,
    ...details.rows,
  ];
  if (details.cursor === undefined) return { rows };
  return { rows, cursor: { x: details.cursor.x, y: details.cursor.y + listHeight + 1 } };
}

// ── The list ──

const LEAST_FOR_COLUMNS = 96;

function listOf(state: SettingsState, { width, height, theme }: Room): readonly string[] {
  const settings = shownSettings(state);
  if (settings.length === 0)
    return [fit(`No setting has "${safeRow(state.filter)}".`, width)].slice(0, height);
  const columns = columnsOf(width);
  const head = theme.paint(
    'dim',
    fit(
      `  ${['SETTING', ...columns.titles].map((title, at) => fit(title, columns.widths[at] ?? 0)).join(' ')}`,
      width,
    ),
  );
  const rows: string[] = [];
  let chosen = 0;
  for (const [at, setting] of settings.entries()) {
    const section = sectionOf(setting);
    if (at === 0 || section !== sectionOf(settings[at - 1] ?? setting))
      rows.push(theme.paint('title', fit(section, width)));
    if (setting.name === state.selected) chosen = rows.length;
    rows.push(settingRow(state, setting, { columns, width, theme }));
  }
  return [head, ...windowed({ rows }, chosen, Math.max(0, height - 1)).rows].slice(0, height);
}

interface Columns {
  readonly titles: readonly string[];
  readonly widths: readonly number[];
  readonly isWide: boolean;
}

function columnsOf(width: number): Columns {
  const room = Math.max(0, width - 2);
  const isWide = width >= LEAST_FOR_COLUMNS;
  const titles = isWide ? ['BUILT IN', 'ALL PROJECTS', 'THIS PROJECT'] : ['VALUE', 'FROM'];
  if (!isWide) {
    const name = Math.floor(room * 0.5);
    const from = Math.min(13, Math.max(0, room - name - 2));
    return { titles, isWide, widths: [name, Math.max(0, room - name - from - 2), from] };
  }
  const name = Math.min(40, Math.floor(room * 0.34));
  const each = Math.floor((room - name - 3) / 3);
  return { titles, isWide, widths: [name, each, each, room - name - 3 - each * 2] };
}

function settingRow(
  state: SettingsState,
  setting: Setting,
  { columns, width, theme }: { columns: Columns; width: number; theme: Theme },
): string {
  const isChosen = setting.name === state.selected;
  const mark = isChosen ? theme.paint('focus', theme.lines.closed) : ' ';
  const name = fit(safeRow(setting.name), columns.widths[0] ?? 0);
  const cells = columns.isWide ? wideCells(state, setting) : narrowCells(state, setting);
  const shown = cells.map(({ text, look }, at) => {
    const cell = fit(safeRow(text), columns.widths[at + 1] ?? 0);
    return look === undefined ? cell : theme.paint(look, cell);
  });
  return fit(`${mark} ${[isChosen ? theme.paint('focus', name) : name, ...shown].join(' ')}`, width);
}

interface Cell {
  readonly text: string;
  readonly look?: Look;
}

function wideCells(state: SettingsState, setting: Setting): readonly Cell[] {
  const holds = holding(state, setting);
  const look = (which: 'builtIn' | 'global' | 'project'): Look => (which === holds ? 'bold' : 'dim');
  return [
    { text: valueText(builtInOf(setting)), look: look('builtIn') },
    ...(['global', 'project'] as const).map((scope): Cell => {
      const isStaged = state.staged.has(stagedKey({ scope, name: setting.name }));
      const text = valueText(valueIn(state, setting, scope));
      return { text: isStaged ? `* ${text}` : text, look: isStaged ? 'warning' : look(scope) };
    }),
  ];
}

const FROM = { project: 'this project', global: 'all projects', builtIn: 'built in' } as const;

function narrowCells(state: SettingsState, setting: Setting): readonly Cell[] {
  const holds = holding(state, setting);
  const value = holds === 'builtIn' ? builtInOf(setting) : valueIn(state, setting, holds);
  const isStaged = (['global', 'project'] as const).some((scope) =>
    state.staged.has(stagedKey({ scope, name: setting.name })),
  );
  return [
    { text: isStaged ? `* ${valueText(value)}` : valueText(value), look: isStaged ? 'warning' : 'bold' },
    { text: value === undefined ? '-' : FROM[holds], look: 'dim' },
  ];
}

// ── The chosen one ──

function detailsOf(state: SettingsState, room: Room): Part {
  const { width, height, theme } = room;
  const { mode } = state;
  if (mode.kind === 'waiting') return { rows: [fit(`Waiting for ${mode.for}…`, width)] };
  if (mode.kind === 'filter') return inputPart(`Find: `, mode.input, room);
  if (mode.kind === 'name') return inputPart(`Name of the new one below ${mode.section}: `, mode.input, room);
  const setting =
    mode.kind === 'edit' ? mode.setting : shownSettings(state).find(({ name }) => name === state.selected);
  if (setting === undefined) return { rows: noticeRows(state, room) };
  const rows = [
    theme.paint('title', fit(safeRow(setting.name), width)),
    ...wrapText(setting.help ?? '', width).map((row) => fit(row, width)),
    theme.paint('dim', fit(safeRow(`Takes ${takesText(setting.takes)}.`), width)),
  ];
  if (mode.kind !== 'edit') {
    const values = (['project', 'global', 'builtIn'] as const).flatMap((which) => {
      const value = which === 'builtIn' ? builtInOf(setting) : valueIn(state, setting, which);
      return value === undefined ? [] : wrapText(`${FROM[which]}: ${valueText(value)}`, width).slice(0, 2);
    });
    return {
      rows: [...noticeRows(state, room), ...rows, ...values.map((row) => fit(row, width))].slice(0, height),
    };
  }
  return editPart(mode, rows, room);
}

function noticeRows({ notice }: SettingsState, { width, theme }: Room): readonly string[] {
  if (notice === undefined) return [];
  return wrapText(notice.text, width).map((row) => theme.paint(notice.look, fit(row, width)));
}

function inputPart(label: string, input: EditMode['input'], { width }: Room): Part {
  const lead = safeRow(label).slice(0, Math.max(0, width - 3));
  const { rows, cursor } = showText(input, { width: Math.max(2, width - lead.length), height: 1 });
  return { rows: [fit(lead + (rows[0] ?? ''), width)], cursor: { x: cursor.x + lead.length, y: 0 } };
}

function editPart(mode: EditMode, about: readonly string[], room: Room): Part {
  const { width, height, theme } = room;
  const below = checkRows(mode, room);
  const left = Math.max(1, height - below.length);
  const options = optionsOf(mode.setting.takes);
  if (options !== undefined) {
    const rows = options.map((option, at) => {
      const row = fit(`${at === mode.chosen ? theme.lines.arrow : ' '} ${safeRow(option)}`, width);
      return at === mode.chosen ? theme.paint('selected', row) : row;
    });
    const shown = Math.max(1, left - Math.min(about.length, Math.max(0, left - rows.length)));
    const list = windowed({ rows, cursor: { x: 0, y: mode.chosen } }, mode.chosen, shown);
    return stacked(
      [{ rows: about.slice(0, Math.max(0, left - list.rows.length)) }, list, { rows: below }],
      height,
    );
  }
  const textHeight = Math.max(1, Math.min(textRows(mode.input, width), left - 1));
  const text = showText(mode.input, { width: Math.max(2, width), height: textHeight });
  const rows = text.rows.map((row) => fit(row, width));
  return stacked(
    [
      { rows: about.slice(0, Math.max(0, left - rows.length)) },
      { rows, cursor: text.cursor },
      { rows: below },
    ],
    height,
  );
}

function stacked(parts: readonly Part[], height: number): Part {
  const rows: string[] = [];
  let cursor: Part['cursor'];
  for (const part of parts) {
    if (part.cursor !== undefined) cursor = { x: part.cursor.x, y: part.cursor.y + rows.length };
    rows.push(...part.rows);
  }
  return { rows: rows.slice(0, height), ...(cursor === undefined ? {} : { cursor }) };
}

/** What the config says to the value, right below it. */
function checkRows({ check }: EditMode, { width, theme }: Room): readonly string[] {
  switch (check.kind) {
    case 'none':
      return [];
    case 'asked':
      return [theme.paint('dim', fit('…', width))];
    case 'valid':
      return [theme.paint('done', fit(`${theme.sign('done')} valid`, width))];
    case 'invalid':
      return problemRows(check, width, theme).slice(0, 3);
  }
}

// ── What would be written ──

function previewRows(
  { mode: _, ...state }: SettingsState,
  mode: Extract<SettingsState['mode'], { kind: 'preview' }>,
  { width, height, theme }: Room,
): readonly string[] {
  const rows = mode.files.flatMap(({ path, diff }) => [
    theme.paint('title', fit(safeRow(path), width)),
    ...diffTexts(diff)
      .slice(2)
      .map(({ text, look }) => {
        const row = fit(safeRow(text), width);
        return look === undefined ? row : theme.paint(look, row);
      }),
  ]);
  const head = fit(`This would be written (${count(state.staged.size, 'change')}):`, width);
  const top = Math.max(0, Math.min(mode.top, rows.length - height + 1));
  return [head, ...rows.slice(top, top + Math.max(0, height - 1))];
}
