import type { Message } from '../app.ts';
import { fill, heavy, row, ruled, type Span } from '../draw.ts';
import { type KeyBinding, keysByGroup, keyText } from '../keys.ts';
import type { Theme } from '../theme.ts';
import type { Size } from '../ui.ts';
import { type Dialog, type DialogStep, type Frame, type Opened, open } from './dialog.ts';

interface HelpState {
  readonly top: number;
  readonly size: Size;
}

/** Two columns of keys need so much. */
const WIDE = 110;
const KEYS_COLUMNS = 22;
/** Title and status line. */
const FRAME_ROWS = 2;

/** Every key with what it does, from the table of keys. `size`: of the screen. */
export function openHelp(size: Size): Opened {
  return open(help, { top: 0, size });
}

const help: Dialog<HelpState> = { update, render };

function update(state: HelpState, message: Message): DialogStep<HelpState> {
  if (message.kind === 'resize') return { state: { ...state, size: message } };
  if (message.kind === 'mouse') {
    const by = { 'wheel-up': -3, 'wheel-down': 3 }[message.action as string] ?? 0;
    return { state: scroll(state, by) };
  }
  if (message.kind !== 'key') return { state };
  const page = pageRows(state.size);
  switch (message.key) {
    case 'j':
    case 'down':
      return { state: scroll(state, 1) };
    case 'k':
    case 'up':
      return { state: scroll(state, -1) };
    case 'ctrl+d':
    case 'ctrl+f':
    case 'pgdn':
    case 'space':
      return { state: scroll(state, page) };
    case 'ctrl+u':
    case 'ctrl+b':
    case 'pgup':
      return { state: scroll(state, -page) };
    case 'g':
    case 'home':
      return { state: scroll(state, Number.NEGATIVE_INFINITY) };
    case 'G':
    case 'end':
      return { state: scroll(state, Number.POSITIVE_INFINITY) };
    default:
      return { close: true, effects: [] };
  }
}

function pageRows({ height }: Size): number {
  return Math.max(1, height - 1 - FRAME_ROWS);
}

function scroll(state: HelpState, by: number): HelpState {
  const last = Math.max(0, linesFor(state.size.width).length - pageRows(state.size));
  return { ...state, top: Math.min(last, Math.max(0, state.top + by)) };
}

type Line = readonly Span[];

/** One line a key under its heading; on a wide screen two of them beside each other. */
function linesFor(width: number): readonly Line[] {
  const groups = keysByGroup();
  const lines = groups.flatMap(({ group, bindings }): Line[] => [
    [[` ${group}`, 'title']],
    ...bindings.map(keyLine),
  ]);
  if (width < WIDE) return lines;
  const half = Math.ceil(lines.length / 2);
  return lines
    .slice(0, half)
    .map((left, at): Line => [...padded(left, Math.floor(width / 2)), ...(lines[half + at] ?? [])]);
}

function keyLine({ keys, help: does, panes, command }: KeyBinding): Line {
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
  const lines = linesFor(width);
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
