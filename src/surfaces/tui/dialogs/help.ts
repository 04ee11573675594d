import type { Message } from '../app.ts';
import { dialogKey } from '../dialog-keys.ts';
import { fill, heavy, row, ruled, type Span } from '../draw.ts';
import { dialogKeysByGroup, keysByGroup, keyText, type ListedGroup, type ListedKey } from '../keys.ts';
import { createTheme, type Theme } from '../theme.ts';
import type { Size } from '../ui.ts';
import { moveList } from '../widgets/list.ts';
import { type Dialog, type DialogStep, type Frame, type Opened, open } from './dialog.ts';
import { legendLines } from './legend.ts';

interface HelpState {
  readonly top: number;
  readonly size: Size;
}

/** Two columns of keys need so much. */
const WIDE = 110;
const KEYS_COLUMNS = 22;
/** Title and status line. */
const FRAME_ROWS = 2;
/** How many lines there are is the same for every look. */
const PLAIN = createTheme({ colours: 'none', background: 'dark', unicode: true });

/** Every key with what it does, from the table of keys. `size`: of the screen. */
export function openHelp(size: Size): Opened {
  return open(help, { top: 0, size });
}

const help: Dialog<HelpState> = { update, render };

function update(state: HelpState, message: Message): DialogStep<HelpState> {
  if (message.kind === 'resize') return { state: { ...state, size: message } };
  if (message.kind !== 'mouse' && message.kind !== 'key') return { state };
  if (message.kind === 'key' && dialogKey('reading', message.key) === 'pageDown')
    return { state: scroll(state, pageRows(state.size)) };
  const moved = moveList({ selected: state.top, top: 0 }, message, {
    count: lastTop(state) + 1,
    rows: pageRows(state.size),
  });
  if (moved !== undefined) return { state: { ...state, top: moved.selected } };
  return message.kind === 'key' ? { close: true, effects: [] } : { state };
}

function pageRows({ height }: Size): number {
  return Math.max(1, height - 1 - FRAME_ROWS);
}

function scroll(state: HelpState, by: number): HelpState {
  return { ...state, top: Math.min(lastTop(state), Math.max(0, state.top + by)) };
}

function lastTop({ size }: HelpState): number {
  return Math.max(0, linesFor(size.width, PLAIN).length - pageRows(size));
}

type Line = readonly Span[];

/** One line a key under its heading; on a wide screen two of them beside each other. */
function linesFor(width: number, theme: Theme): readonly Line[] {
  return [
    ...inColumns(listed(keysByGroup()), width),
    [],
    ...inColumns(legendLines(theme), width),
    [],
    ...inColumns(listed(dialogKeysByGroup()), width),
  ];
}

function listed(groups: readonly ListedGroup[]): readonly Line[] {
  return groups.flatMap(({ title, keys }): Line[] => [[[` ${title}`, 'title']], ...keys.map(keyLine)]);
}

function inColumns(lines: readonly Line[], width: number): readonly Line[] {
  if (width < WIDE) return lines;
  const half = Math.ceil(lines.length / 2);
  return lines.slice(0, half).map((left, at): Line => {
    const column = Math.floor(width / 2);
    return [...padded(whole(left, column), column), ...whole(lines[half + at] ?? [], width - column)];
  });
}

/** Where there is no room for the command it goes first. */
function whole(line: Line, width: number): Line {
  const isLong = line.reduce((sum, [text]) => sum + text.length, 0) >= width;
  return isLong && line.at(-1)?.[0].startsWith(' cw ') === true ? line.slice(0, -1) : line;
}

function keyLine({ keys, help: does, panes, command }: ListedKey): Line {
  return [
    [`   ${keys.map(keyText).join(', ')}`.padEnd(KEYS_COLUMNS), 'key'],
    [` ${does}`],
    ...(panes === undefined || panes.length > 1 ? [] : ([[` (${panes.join(', ')})`, 'dim']] as const)),
    ...(command === undefined ? [] : ([[` ${command}`, 'dim']] as const)),
  ];
}

function padded(line: Line, width: number): Line {
  let left = width;
  const cut = line.map(([text, look]): Span => {
    const kept = text.slice(0, Math.max(0, left));
    left -= kept.length;
    return [kept, look];
  });
  return [...cut, [' '.repeat(Math.max(0, left))]];
}

function render({ top }: HelpState, size: Size, theme: Theme): Frame {
  const { width, height } = size;
  const lines = linesFor(width, theme);
  const most = Math.max(0, Math.min(lines.length, height - 1 - FRAME_ROWS));
  const shown = lines.slice(top, top + most).map((line) => row(line, width, theme));
  const isAll = lines.length <= most;
  const title = ruled(
    [
      [`${heavy(theme)} `, 'focus'],
      ['Keys ', 'focus'],
    ],
    width,
    theme,
    [heavy(theme), 'focus'],
  );
  const status = row(
    [[isAll ? ' any key closes' : ' j k scroll, any other key closes', 'dim']],
    width,
    theme,
  );
  const all = [title, ...fill(shown, width, most), status];
  return { rows: all.slice(Math.max(0, all.length - height)) };
}
