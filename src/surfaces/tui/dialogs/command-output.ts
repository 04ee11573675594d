import type { CommandOutput, Message, Told } from '../app.ts';
import { dialogKey } from '../dialog-keys.ts';
import { fill, heavy, row, ruled, spread } from '../draw.ts';
import { Scrollback, type ScrollPlace } from '../text/scrollback.ts';
import { markMatches } from '../text/search.ts';
import type { Theme } from '../theme.ts';
import type { SaidByCommand, Size } from '../ui.ts';
import { stepOf } from '../widgets/list.ts';
import { type Dialog, type DialogStep, type Frame, type Opened, open } from './dialog.ts';

/** A command that was carried out, and what it said, to be read. */
interface CommandState {
  readonly argv: readonly string[];
  readonly size: Size;
  /** What it printed, once it has ended; written once, read from then on. */
  readonly output: Scrollback | undefined;
  readonly code: number;
  readonly top: ScrollPlace | undefined;
  readonly search: { readonly text: string; readonly isTyping: boolean } | undefined;
}

type Key = Extract<Message, { kind: 'key' }>;

const EFFECT = 'command.output';
/** Title and status line. */
const FRAME_ROWS = 2;

/** Carries a command line of `cw` out and shows what it says. `size`: of the screen. */
export function openCommand(argv: readonly string[], size: Size): Opened {
  const state: CommandState = { argv, size, output: undefined, code: 0, top: undefined, search: undefined };
  return open(commandOutput, state, [
    { kind: 'command', name: EFFECT, argv, width: Math.max(20, size.width - 1) },
  ]);
}

/** Shows once more what a command said. */
export function openSaid({ argv, output }: SaidByCommand, size: Size): Opened {
  const state: CommandState = { argv, size, output: undefined, code: 0, top: undefined, search: undefined };
  return open(commandOutput, withOutput(state, output));
}

const commandOutput: Dialog<CommandState> = { update, render };

function update(state: CommandState, message: Message): DialogStep<CommandState> {
  switch (message.kind) {
    case 'told':
      return message.effect === EFFECT ? told(state, message.result) : { state };
    case 'resize':
      return { state: { ...state, size: message } };
    case 'mouse':
      return { state: move(state, message) };
    case 'key':
      return state.search?.isTyping === true ? { state: type(state, message) } : press(state, message);
    case 'paste':
      return {
        state: state.search?.isTyping === true ? type(state, { key: '', text: message.text }) : state,
      };
    default:
      return { state };
  }
}

function told(state: CommandState, result: Told): DialogStep<CommandState> {
  const output = result.ok
    ? (result.value as CommandOutput)
    : { code: 1, text: `${result.error.message}\n${result.error.advice ?? ''}` };
  return {
    state: withOutput(state, output),
    keeps: { kind: 'said', said: { argv: state.argv, output } },
  };
}

function withOutput(state: CommandState, { code, text }: CommandOutput): CommandState {
  const output = new Scrollback();
  output.write(text);
  return { ...state, output, code, top: output.start() };
}

function press(state: CommandState, message: Key): DialogStep<CommandState> {
  switch (dialogKey('reading', message.key)) {
    case 'rowDown':
      return { state: scroll(state, 1) };
    case 'pageDown':
      return { state: scroll(state, pageSize(state.size).height) };
    case 'search':
      return { state: { ...state, search: { text: '', isTyping: true } } };
    case 'next':
      return { state: find(state, 'down', 1) };
    case 'previous':
      return { state: find(state, 'up', 1) };
    case 'close':
      return { close: true, effects: [] };
    case undefined:
      return { state: move(state, message) };
  }
}

function move(state: CommandState, message: Message): CommandState {
  const by = stepOf(message, pageSize(state.size).height);
  if (by === undefined) return state;
  if (Number.isFinite(by)) return scroll(state, by);
  return { ...state, top: by < 0 ? state.output?.start() : undefined };
}

function type(state: CommandState, { key, text }: { key: string; text: string }): CommandState {
  const typed = state.search?.text ?? '';
  const meaning = dialogKey('searching', key);
  if (meaning === 'leave') return { ...state, search: undefined };
  if (meaning === 'take') {
    return { ...state, search: typed === '' ? undefined : { text: typed, isTyping: false } };
  }
  const next = key === 'backspace' ? [...typed].slice(0, -1).join('') : typed + text.replaceAll(/\s+/g, ' ');
  return find({ ...state, search: { text: next, isTyping: true } }, 'down', 0);
}

function find(state: CommandState, way: 'down' | 'up', skip: 0 | 1): CommandState {
  const { output, search, size } = state;
  if (output === undefined || search === undefined || search.text === '') return state;
  const from = output.window(pageSize(size), state.top).top.line + (way === 'down' ? skip : -skip);
  const line = output.find(search.text, from, way);
  return line === undefined ? state : { ...state, top: { line, row: 0 } };
}

function scroll(state: CommandState, rows: number): CommandState {
  return { ...state, top: state.output?.scrolled(pageSize(state.size), state.top, rows) };
}

function pageSize({ width, height }: Size): Size {
  return { width: Math.max(1, width), height: Math.max(1, height - 1 - FRAME_ROWS) };
}

/** As high as what it says, at most the screen but for its header. */
function render(state: CommandState, size: Size, theme: Theme): Frame {
  const { argv, output, code, search } = state;
  const { width } = size;
  const most = Math.max(0, size.height - 1 - FRAME_ROWS);
  const page = pageSize(size);
  const window = output?.window(page, state.top);
  const count = output === undefined ? 1 : countRows(output, page.width, most);
  const shown = window?.rows ?? [row([['  working …', 'dim']], width, theme)];
  const rows = shown
    .slice(0, Math.min(most, count))
    .map((text) =>
      search === undefined || search.text === ''
        ? text
        : markMatches(text, search.text, (match) => theme.paint('match', match)),
    );
  const title = ruled(
    [
      [`${heavy(theme)} `, 'focus'],
      [`cw ${argv.join(' ')} `, code === 0 ? 'focus' : 'failed'],
    ],
    width,
    theme,
    [heavy(theme), 'focus'],
  );
  const isTyping = search?.isTyping === true;
  const status = isTyping
    ? row([['/', 'key'], [search.text]], width, theme)
    : spread(
        [[' j k', 'key'], [' scroll  '], ['/', 'key'], [' search  '], ['q', 'key'], [' close']],
        [[window?.atEnd === false ? ' more ' : ' end ', 'dim']],
        width,
        theme,
      );
  const all = [title, ...fill(rows, width, Math.min(most, count)), status];
  const frame = all.slice(Math.max(0, all.length - size.height));
  return isTyping
    ? { rows: frame, cursor: { x: Math.min(width - 1, 1 + [...search.text].length), y: frame.length - 1 } }
    : { rows: frame };
}

function countRows(output: Scrollback, width: number, most: number): number {
  const { rows } = output.window({ width, height: most }, output.start());
  return Math.max(1, rows.findLastIndex((text) => text.trim() !== '') + 1);
}
