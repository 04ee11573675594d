import { textWidth } from '../../../core/terminal/width.ts';
import { fit } from '../text/fit.ts';
import type { Theme } from '../theme.ts';
import type { Field, Form } from './form.ts';
import { safeRow, wrapText } from './rows.ts';
import { textInput } from './text-input.ts';
import { showText, textRows } from './text-view.ts';

/** Rows of a part of a dialog, each exactly as wide as was asked for. */
export interface Part {
  readonly rows: readonly string[];
  readonly cursor?: { readonly x: number; readonly y: number };
}

const MARGIN = 2;
/** A text of more lines shows at least so many rows, so that it looks like one. */
const LEAST_TEXT_ROWS = 3;

/** The fields one under the other; the focused one shows its cursor. `height`: what all of them may take. */
export function showForm(
  state: Form,
  { width, height, theme }: { width: number; height: number; theme: Theme },
): Part {
  const rows: string[] = [];
  let cursor: Part['cursor'];
  const others = state.fields.length * 2;
  const room = Math.max(1, height - others);
  for (const [index, field] of state.fields.entries()) {
    const isFocused = index === state.focus;
    const part = showField(state, field, { width, room, isFocused, theme });
    if (part.cursor !== undefined) cursor = { x: part.cursor.x, y: rows.length + part.cursor.y };
    rows.push(...part.rows);
  }
  return windowed(
    { rows, ...(cursor === undefined ? {} : { cursor }) },
    focusRow(state, rows, cursor),
    height,
  );
}

/** Of more rows than fit those around `at`. */
export function windowed({ rows, cursor }: Part, at: number, height: number): Part {
  const top = Math.max(0, Math.min(at - Math.floor(height / 2), rows.length - height));
  const shown = rows.slice(top, top + height);
  if (cursor === undefined || cursor.y < top || cursor.y >= top + height) return { rows: shown };
  return { rows: shown, cursor: { x: cursor.x, y: cursor.y - top } };
}

function focusRow(state: Form, rows: readonly string[], cursor: Part['cursor']): number {
  return cursor?.y ?? Math.floor((rows.length * (state.focus + 1)) / Math.max(1, state.fields.length)) - 1;
}

interface Showing {
  readonly width: number;
  readonly room: number;
  readonly isFocused: boolean;
  readonly theme: Theme;
}

function showField(state: Form, field: Field, showing: Showing): Part {
  const { width, isFocused, theme } = showing;
  const label = fit(safeRow(field.label), width);
  const head = field.label === '' ? [] : [theme.paint(isFocused ? 'focus' : 'dim', label)];
  const part =
    field.kind === 'text' ? showTextField(state, field, showing) : showChoice(state, field, showing);
  return {
    rows: [...head, ...part.rows],
    ...(part.cursor === undefined ? {} : { cursor: { x: part.cursor.x, y: part.cursor.y + head.length } }),
  };
}

function showTextField(
  state: Form,
  field: Extract<Field, { kind: 'text' }>,
  { width, room, isFocused, theme }: Showing,
): Part {
  const input = state.texts[field.name] ?? textInput();
  const inner = Math.max(2, width - MARGIN);
  const most = input.lines ? Math.max(1, Math.min(room, isFocused ? 12 : LEAST_TEXT_ROWS)) : 1;
  const wanted = input.lines ? Math.max(LEAST_TEXT_ROWS, textRows(input, inner)) : 1;
  const height = Math.min(most, wanted);
  const shown = showText(input, { width: inner, height });
  const line = (text: string): string =>
    fitColumns(
      `${theme.paint(isFocused ? 'focus' : 'dim', theme.lines.vertical)} ${text}`,
      width,
      inner + MARGIN,
    );
  const hint =
    input.text === '' && field.hint !== undefined
      ? theme.paint('dim', fit(safeRow(field.hint), inner))
      : undefined;
  const rows = Array.from({ length: height }, (_, at) =>
    line((at === 0 ? hint : undefined) ?? shown.rows[at] ?? ' '.repeat(inner)),
  );
  if (!isFocused) return { rows };
  return { rows, cursor: { x: Math.min(width - 1, shown.cursor.x + MARGIN), y: shown.cursor.y } };
}

/** A row that is `is` columns wide, where the screen is narrower than anything was made for. */
function fitColumns(row: string, width: number, is: number): string {
  return is === width ? row : ' '.repeat(Math.max(0, width));
}

function showChoice(
  state: Form,
  field: Extract<Field, { kind: 'choice' }>,
  { width, isFocused, theme }: Showing,
): Part {
  const at = state.chosen[field.name] ?? 0;
  const rows: string[] = [];
  let place = 0;
  for (const [index, { label }] of field.options.entries()) {
    const mark = index === at ? theme.lines.arrow : ' ';
    const number = field.options.length > 1 && index < 9 ? `${index + 1} ` : '';
    const lead = `${mark} ${number}`;
    const texts = wrapText(label, Math.max(2, width - textWidth(lead)));
    if (index === at) place = rows.length;
    for (const [line, text] of texts.entries()) {
      const row = fit((line === 0 ? lead : ' '.repeat(textWidth(lead))) + text, width);
      rows.push(index === at ? theme.paint(isFocused ? 'selected' : 'title', row) : row);
    }
  }
  return isFocused ? { rows, cursor: { x: 0, y: place } } : { rows };
}
