import { textWidth } from '../../../core/terminal/width.ts';
import { fill, heavy, row, ruled, type Span, spread } from '../draw.ts';
import { type CommandLine, nameOf, readLine } from '../palette/command-line.ts';
import { listRows, offers, type PaletteState } from '../palette/palette-state.ts';
import { problemOf } from '../palette/problems.ts';
import type { ProjectView } from '../project/view.ts';
import type { Theme } from '../theme.ts';
import type { Size } from '../ui.ts';
import type { Frame } from './dialog.ts';

/** What is offered above the line that is typed, and what is wrong with that one. */
export function renderPalette(state: PaletteState, size: Size, theme: Theme, view: ProjectView): Frame {
  if (state.output !== undefined) return state.output.render(size, theme, view);
  const { width, height } = size;
  const all = offers(state, view);
  const most = listRows(size, all.length);
  const { selected, top } = state.place;
  const names = Math.min(Math.floor(width / 2), Math.max(0, ...all.map(({ shown }) => textWidth(shown))) + 2);
  const rows = all.slice(top, top + most).map((offer, at) => {
    const isSelected = top + at === selected;
    const mark = isSelected ? theme.lines.arrow : ' ';
    const cells: readonly Span[] = [
      [`${mark} `],
      [padded(offer.shown, names), isSelected ? undefined : 'bold'],
      [offer.help, isSelected ? undefined : 'dim'],
    ];
    const drawn = row(cells, width, theme);
    return isSelected ? theme.paint('selected', drawn) : drawn;
  });
  const read = readLine(state.line.text);
  const more = all.length > most ? ` ${all.length} ` : '';
  const title = ruled(
    [
      [`${heavy(theme)} ${read === undefined ? 'Command' : titleOf(read)} `, 'focus'],
      [more, 'dim'],
    ],
    width,
    theme,
    [heavy(theme), 'focus'],
  );
  const line = spread([[':', 'key'], [state.line.text]], hint(state, read, width), width, theme);
  const shown = [title, ...fill(rows, width, most), line].slice(-Math.max(1, height));
  const x = 1 + textWidth(state.line.text.slice(0, state.line.cursor));
  return { rows: shown, cursor: { x: Math.min(Math.max(0, width - 1), x), y: shown.length - 1 } };
}

function titleOf({ command }: CommandLine): string {
  const args = (command.args ?? []).map(({ name }) => ` ${name}`).join('');
  return `cw ${nameOf(command)}${args}: ${command.summary}`;
}

/** What is wrong with the line or missing in it, else the keys. */
function hint(state: PaletteState, read: CommandLine | undefined, width: number): readonly Span[] {
  const problem = read === undefined ? undefined : problemOf(read, true);
  const room = width - textWidth(state.line.text) - 4;
  if (problem !== undefined) {
    const look = problem.isUnfinished ? (state.isRefused ? 'warning' : 'dim') : 'error';
    return [[` ${short(problem.text, room)} `, look]];
  }
  const keys = state.line.text === '' && state.history.length > 0 ? ' ↑ given before,' : '';
  const text = `${keys} Enter runs, Tab completes, Esc closes`;
  return text.length > room ? [] : [[text, 'dim']];
}

function short(text: string, room: number): string {
  return text.length <= room ? text : `${text.slice(0, Math.max(0, room - 1))}…`;
}

function padded(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(1, columns - textWidth(text)));
}
