import type { Message } from '../app.ts';
import { fit } from '../text/fit.ts';
import type { Theme } from '../theme.ts';
import { BOX_COLUMNS, BOX_ROWS, box } from '../widgets/box.ts';
import { LIST_START, type ListPlace, moveList } from '../widgets/list.ts';
import { wrapText } from '../widgets/rows.ts';
import { editText, type TextInput, textInput } from '../widgets/text-input.ts';
import { showText } from '../widgets/text-view.ts';
import { type Dialog, type DialogStep, type Frame, type Opened, open, type Size } from './dialog.ts';

/** A text that is read page by page and searched. */
export interface PagerState {
  readonly title: string;
  readonly text: string;
  /** Row at the top by the size that it was last moved at. */
  readonly top: number;
  /** What is searched for; an input while it is typed. */
  readonly search: string;
  readonly typing: TextInput | undefined;
  readonly size: Size;
}

/** Shows plain text; `size`: of the screen. */
export function showPager(shown: { title: string; text: string; size: Size }): Opened {
  return open(pager, { ...shown, top: 0, search: '', typing: undefined });
}

const pager: Dialog<PagerState> = {
  update: updatePager,
  render: renderPager,
  isWriting: ({ typing }) => typing !== undefined,
};

function updatePager(state: PagerState, message: Message): DialogStep<PagerState> {
  if (message.kind === 'resize') return { state: { ...state, size: message } };
  if (state.typing !== undefined) return { state: typeSearch(state, state.typing, message) };
  if (message.kind === 'key') {
    const { key } = message;
    if (key === 'q' || key === 'esc' || key === 'ctrl+c') return { close: true, effects: [] };
    if (key === '/') return { state: { ...state, typing: textInput() } };
    if (key === 'n' || key === 'N') return { state: find(state, key === 'n' ? 1 : -1) };
    if (key === 'space') return { state: scroll(state, { ...message, key: 'pgdn' }) };
  }
  return { state: scroll(state, message) };
}

function scroll(state: PagerState, message: Message): PagerState {
  const rows = pageRows(state.size);
  const count = rowsOf(state, state.size.width).length;
  // A pager moves its page, not a row in it.
  const last = Math.max(0, count - rows);
  const place: ListPlace = { ...LIST_START, selected: state.top };
  const moved = moveList(place, message, { count: last + 1, rows });
  return moved === undefined ? state : { ...state, top: moved.selected };
}

function typeSearch(state: PagerState, typing: TextInput, message: Message): PagerState {
  if (message.kind === 'key' && message.key === 'esc') return { ...state, typing: undefined };
  if (message.kind === 'key' && message.key === 'enter') {
    return find({ ...state, typing: undefined, search: typing.text, top: state.top - 1 }, 1);
  }
  return { ...state, typing: editText(typing, message) ?? typing };
}

/** The next row with what is searched for, around the end. */
function find(state: PagerState, by: 1 | -1): PagerState {
  const rows = rowsOf(state, state.size.width).map((row) => row.toLowerCase());
  const wanted = state.search.toLowerCase();
  const top = Math.max(0, state.top);
  if (wanted === '') return { ...state, top };
  for (let step = 1; step <= rows.length; step++) {
    const at = (state.top + by * step + rows.length * 2) % rows.length;
    if (rows[at]?.includes(wanted) === true) return { ...state, top: at };
  }
  return { ...state, top };
}

function rowsOf({ text }: PagerState, width: number): readonly string[] {
  return wrapText(text, Math.max(2, width - BOX_COLUMNS));
}

function pageRows({ height }: Size): number {
  return Math.max(1, height - BOX_ROWS - 1);
}

function renderPager(state: PagerState, size: Size, theme: Theme): Frame {
  const width = Math.max(0, size.width - BOX_COLUMNS);
  const all = rowsOf(state, size.width);
  const height = Math.max(0, size.height - BOX_ROWS - 1);
  const top = Math.max(0, Math.min(state.top, all.length - 1));
  const shown = Array.from({ length: height }, (_, at) =>
    mark(fit(all[top + at] ?? '', width), state, theme),
  );
  const typed =
    state.typing === undefined
      ? undefined
      : showText(state.typing, { width: Math.max(2, width - 1), height: 1 });
  const status =
    typed === undefined
      ? theme.paint('dim', fit(`${Math.min(all.length, top + height)} of ${all.length}`, width))
      : fit(`/${typed.rows[0] ?? ''}`, width);
  const rows = box(
    { title: state.title, rows: [...shown, status], footer: 'j k move · / search · n N next · q close' },
    size.width,
    theme,
  ).slice(0, size.height);
  if (typed === undefined || rows.length < BOX_ROWS + 1) return { rows };
  return { rows, cursor: { x: Math.min(size.width - 1, typed.cursor.x + 3), y: rows.length - BOX_ROWS } };
}

/** Every place of what is searched for stands out. */
function mark(row: string, { search }: PagerState, theme: Theme): string {
  if (search === '') return row;
  const wanted = search.toLowerCase();
  const lower = row.toLowerCase();
  // Where lower case has another length, places do not fit.
  if (lower.length !== row.length) return row;
  let marked = '';
  let from = 0;
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, from)) {
    marked += row.slice(from, at) + theme.paint('match', row.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
  return marked + row.slice(from);
}
