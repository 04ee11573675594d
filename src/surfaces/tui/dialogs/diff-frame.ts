import { count } from '../../cli/format.ts';
import { sumOf } from '../../cli/print-diff.ts';
import { changedRange, type DiffRow, partners, rowOfLine } from '../diff/diff-rows.ts';
import { type DiffLayout, type DiffState, layoutOf, linesOf, rowsOf, sameOf } from '../diff/diff-state.ts';
import type { DiffLine, FileDiff } from '../diff/parse-diff.ts';
import { showCode } from '../diff/show-code.ts';
import type { ProjectView } from '../project/view.ts';
import { fit } from '../text/fit.ts';
import type { Look, Theme } from '../theme.ts';
import { box } from '../widgets/box.ts';
import { keepInView } from '../widgets/list.ts';
import { safeRow } from '../widgets/rows.ts';
import { showText } from '../widgets/text-view.ts';
import { fileLine } from './changed-files.ts';
import type { Frame, Size } from './dialog.ts';
import { problemRows } from './form-frame.ts';

/** The files of a task and the changes of one of them; what is being written stands over them. */
export function renderDiff(given: DiffState, size: Size, theme: Theme, view: ProjectView): Frame {
  const state = { ...given, size };
  const layout = layoutOf(state);
  const body = bodyOf(state, layout, theme);
  const rows = Array.from({ length: layout.height }, (_, at) => body.rows[at] ?? ' '.repeat(layout.width));
  const boxed = box({ title: titleOf(state), rows, footer: footerOf(state) }, size.width, theme).slice(
    0,
    size.height,
  );
  if (state.inner === undefined) return withCursor(boxed, body.cursor, size);
  const inner = state.inner.render(
    { ...size, height: Math.max(1, Math.floor(size.height * 0.7)) },
    theme,
    view,
  );
  const above = boxed.slice(0, Math.max(0, size.height - inner.rows.length));
  const all = [...above, ...inner.rows].slice(0, size.height);
  return withCursor(all, inner.cursor && { x: inner.cursor.x, y: inner.cursor.y + above.length }, size);
}

function withCursor(rows: readonly string[], cursor: Frame['cursor'], { width }: Size): Frame {
  const isInside = cursor !== undefined && cursor.x < width && cursor.y < rows.length;
  return isInside ? { rows, cursor } : { rows };
}

function titleOf({ task, diff, files, hidesSpaces }: DiffState): string {
  if (diff === undefined) return `Changes of ${task}`;
  const { insertions, deletions } = sumOf(files);
  return `Changes of ${task}: ${count(files.length, 'file')}, +${insertions} -${deletions}${hidesSpaces ? ', those of spaces alone hidden' : ''}`;
}

function footerOf({ diff, files, focus, notice, typing }: DiffState): string {
  if (notice !== undefined) return notice;
  if (typing !== undefined) return 'enter search · esc leave it';
  if (diff === undefined || files.length === 0) return 'q close';
  // What is cut on a small screen stands last.
  const here = focus === 'files' ? 'enter look' : 'c comment';
  return `q close · ${here} · a approve · r send back · [ ] files · { } hunks · / search · tab list · u columns · w spaces`;
}

interface Body {
  readonly rows: readonly string[];
  readonly cursor?: Frame['cursor'];
}

function bodyOf(state: DiffState, layout: DiffLayout, theme: Theme): Body {
  const { width, list } = layout;
  if (state.error !== undefined) return { rows: problemRows(state.error, width, theme) };
  if (state.diff === undefined) return { rows: [fit('One moment…', width)] };
  if (state.files.length === 0) {
    const why = state.diff.attempts === 0 ? 'It is not begun.' : 'Nothing is changed.';
    return { rows: [fit(why, width)] };
  }
  if (list === 0)
    return state.focus === 'files'
      ? fileList(state, { ...layout, list: width }, theme)
      : textOf(state, layout, theme);
  const files = fileList(state, layout, theme);
  const text = textOf(state, layout, theme);
  const line = theme.paint('border', theme.lines.vertical);
  const rows = Array.from(
    { length: layout.height },
    (_, at) => (files.rows[at] ?? ' '.repeat(list)) + line + (text.rows[at] ?? ' '.repeat(layout.text)),
  );
  const cursor =
    state.focus === 'files' ? files.cursor : text.cursor && { x: text.cursor.x + list + 1, y: text.cursor.y };
  return { rows, cursor };
}

function fileList(state: DiffState, { list, height }: DiffLayout, theme: Theme): Body {
  const place = { selected: state.file, top: 0 };
  const { top } = keepInView(place, { count: state.files.length, rows: height });
  const rows = state.files.slice(top, top + height).map((file, at) => {
    const row = fit(safeRow(fileLine(file)), list);
    if (top + at !== state.file) return row;
    return theme.paint(state.focus === 'files' ? 'selected' : 'focus', row);
  });
  return { rows, cursor: { x: 2, y: 1 + state.file - top } };
}

function textOf(state: DiffState, layout: DiffLayout, theme: Theme): Body {
  const file = state.files[state.file];
  if (file === undefined) return { rows: [] };
  const name = `${fileLine(file)}  (${state.file + 1} of ${state.files.length})`;
  const head =
    state.typing === undefined
      ? theme.paint('title', fit(safeRow(name), layout.text))
      : fit(
          `/${showText(state.typing, { width: Math.max(2, layout.text - 1), height: 1 }).rows[0] ?? ''}`,
          layout.text,
        );
  const why = emptyText(file);
  if (why !== undefined) return { rows: [head, theme.paint('dim', fit(why, layout.text))] };
  const all = rowsOf(state);
  const shown = all.slice(state.top, state.top + layout.rows);
  const painter = new RowPainter(state, file, layout, theme);
  const at = rowOfLine(all, state.line);
  const rows = shown.map((row, index) =>
    painter.row(row, state.top + index === at && state.focus === 'text'),
  );
  if (state.typing !== undefined) {
    const { cursor } = showText(state.typing, { width: Math.max(2, layout.text - 1), height: 1 });
    return { rows: [head, ...rows], cursor: { x: cursor.x + 3, y: 1 } };
  }
  return { rows: [head, ...rows], cursor: { x: 2, y: 2 + at - state.top } };
}

function emptyText({ binary, lines }: FileDiff): string | undefined {
  if (binary) return 'It is binary.';
  if (lines === undefined) return 'One moment…';
  return lines.length === 0 ? 'Its content is the same.' : undefined;
}

/** Draws rows of one file. */
class RowPainter {
  readonly #state: DiffState;
  readonly #lines: readonly DiffLine[];
  readonly #code: ReadonlyMap<number, readonly { text: string }[]> | undefined;
  readonly #partners: ReadonlyMap<number, number>;
  readonly #same: ReadonlyMap<number, number>;
  readonly #digits: number;
  readonly #layout: DiffLayout;
  readonly #theme: Theme;

  constructor(state: DiffState, file: FileDiff, layout: DiffLayout, theme: Theme) {
    this.#state = state;
    this.#lines = linesOf(state);
    this.#code = state.code.get(file.path);
    this.#partners = partnersOf(this.#lines);
    this.#same = sameOf(state);
    this.#digits = digitsOf(this.#lines);
    this.#layout = layout;
    this.#theme = theme;
  }

  /** At exactly the width of the text. */
  row({ left, right }: DiffRow, isCurrent: boolean): string {
    const { text: width, isSplit } = this.#layout;
    const mark = isCurrent ? this.#theme.paint('focus', this.#theme.lines.closed) : ' ';
    const line = this.#lines[right ?? left ?? 0];
    const room = Math.max(0, width - 1);
    if (line?.kind === 'hunk' || line?.kind === 'note') {
      const look = line.kind === 'hunk' ? 'hunk' : 'dim';
      return fit(mark + this.#theme.paint(look, fit(safeRow(line.text), room)), width);
    }
    if (!isSplit) return fit(mark + this.#side(right ?? left, 'both', room), width);
    const half = Math.floor((room - 1) / 2);
    const middle = this.#theme.paint('border', this.#theme.lines.vertical);
    const sides = this.#side(left, 'old', half) + middle + this.#side(right, 'new', room - 1 - half);
    return fit(mark + sides, width);
  }

  #side(at: number | undefined, which: 'old' | 'new' | 'both', width: number): string {
    const line = at === undefined ? undefined : this.#lines[at];
    if (at === undefined || line === undefined) return ' '.repeat(Math.max(0, width));
    const numbers =
      which === 'both' ? [numberOf(line, 'old'), numberOf(line, 'new')] : [numberOf(line, which)];
    const gutter = numbers.map((number) => number.padStart(this.#digits)).join(' ');
    const kind = this.#kindOf(at, line);
    const [sign, look] = SIGNS[kind];
    const code = showCode(this.#codeOf(at, line), this.#state.offset, {
      width: Math.max(0, width - gutter.length - 3),
      theme: this.#theme,
    });
    const shownSign = look === undefined ? sign : this.#theme.paint(look, sign);
    const shown = `${shownSign} ${code}`;
    const ground = GROUNDS[kind];
    const grounded = ground === undefined ? shown : this.#theme.paint(ground, shown);
    return fit(`${this.#theme.paint('lineNumber', gutter)} ${grounded}`, width);
  }

  #kindOf(at: number, { kind }: DiffLine): DiffLine['kind'] {
    return this.#same.has(at) ? 'same' : kind;
  }

  #codeOf(at: number, line: DiffLine) {
    const kind = this.#kindOf(at, line);
    const { text } = line;
    const [, look] = SIGNS[kind];
    return {
      text,
      tokens: this.#code?.get(at),
      changed: this.#found(text) ?? (this.#same.has(at) ? undefined : this.#changed(at, kind, text)),
      look,
    };
  }

  /** What is searched for stands out before what was changed does. */
  #found(text: string) {
    const { search } = this.#state;
    const from = search === '' ? -1 : text.toLowerCase().indexOf(search.toLowerCase());
    return from === -1 ? undefined : { from, to: from + search.length, look: 'match' as const };
  }

  #changed(at: number, kind: DiffLine['kind'], text: string) {
    const other = this.#lines[this.#partners.get(at) ?? -1];
    if (other === undefined) return undefined;
    const [from, to] = changedRange(text, other.text);
    // Of two lines that have little in common, all is new.
    if (to - from > text.length * 0.7) return undefined;
    return { from, to, look: kind === 'added' ? ('addedWord' as const) : ('removedWord' as const) };
  }
}

const SIGNS = {
  same: [' ', undefined],
  added: ['+', 'added'],
  removed: ['-', 'removed'],
  hunk: [' ', 'hunk'],
  note: [' ', 'dim'],
} as const;

/** What lies under the code of a line that is on one side only. */
const GROUNDS: Readonly<Partial<Record<DiffLine['kind'], Look>>> = {
  added: 'addedLine',
  removed: 'removedLine',
};

function numberOf(line: DiffLine, side: 'old' | 'new'): string {
  if (side === 'old') return 'old' in line ? String(line.old) : '';
  return 'new' in line ? String(line.new) : '';
}

const PARTNERS = new WeakMap<readonly DiffLine[], ReadonlyMap<number, number>>();

function partnersOf(lines: readonly DiffLine[]): ReadonlyMap<number, number> {
  const known = PARTNERS.get(lines) ?? partners(lines);
  PARTNERS.set(lines, known);
  return known;
}

const LEAST_DIGITS = 3;

function digitsOf(lines: readonly DiffLine[]): number {
  const last = lines.findLast((line) => 'new' in line || 'old' in line);
  if (last === undefined) return LEAST_DIGITS;
  return Math.max(LEAST_DIGITS, numberOf(last, 'old').length, numberOf(last, 'new').length);
}
