import { RESET } from '../../../core/terminal/sgr.ts';
import { clusters, textWidth } from '../../../core/terminal/width.ts';
import { columnsOf, firstColumns } from './fit.ts';
import { type Span, spansOf } from './styled.ts';

/**
 * One line of safe text as rows of at most `width` columns, broken at a space where one is near the end of the row.
 * Each row opens its colours and closes them. An empty line is one empty row.
 */
export function wrap(line: string, width: number): string[] {
  if (width <= 0) return [];
  if (columnsOf(line) <= width) return [line];
  const rows: string[] = [];
  let rest: readonly Span[] = spansOf(line);
  while (rest.length > 0) {
    const taken = takeRow(rest, width);
    rows.push(printed(taken.row));
    rest = taken.rest;
  }
  return rows;
}

function takeRow(
  spans: readonly Span[],
  width: number,
): { readonly row: readonly Span[]; readonly rest: readonly Span[] } {
  const row: Span[] = [];
  let left = width;
  for (const [index, { text, open }] of spans.entries()) {
    const { kept, columns } = firstColumns(text, left);
    if (kept !== '') row.push({ text: kept, open });
    left -= columns;
    if (kept.length === text.length) continue;
    const rest = [{ text: text.slice(kept.length), open }, ...spans.slice(index + 1)];
    // A character that is wider than the row can never be shown; without it the rest can.
    if (row.length === 0) return { row: [], rest: withoutFirst(rest) };
    return atSpace(row, rest, width);
  }
  return { row, rest: [] };
}

/** Breaks at the last space of the row, unless that would leave more than half of it empty. */
function atSpace(
  row: readonly Span[],
  rest: readonly Span[],
  width: number,
): { readonly row: readonly Span[]; readonly rest: readonly Span[] } {
  if (rest[0]?.text.startsWith(' ') === true) return { row, rest: withoutFirst(rest) };
  for (let index = row.length - 1; index >= 0; index -= 1) {
    const { text, open } = row[index] as Span;
    const space = text.lastIndexOf(' ');
    if (space < 0) continue;
    const before = [...row.slice(0, index), { text: text.slice(0, space), open }];
    const columns = before.reduce((sum, span) => sum + textWidth(span.text), 0);
    if (columns * 2 < width) break;
    const after = [{ text: text.slice(space + 1), open }, ...row.slice(index + 1), ...rest];
    return { row: before, rest: after.filter((span) => span.text !== '') };
  }
  return { row, rest };
}

function withoutFirst([first, ...others]: readonly Span[]): readonly Span[] {
  if (first === undefined) return others;
  const [cluster = ''] = clusters(first.text);
  const text = first.text.slice(cluster.length);
  return text === '' ? others : [{ text, open: first.open }, ...others];
}

function printed(spans: readonly Span[]): string {
  return spans.map(({ text, open }) => (open === '' ? text : `${open}${text}${RESET}`)).join('');
}
