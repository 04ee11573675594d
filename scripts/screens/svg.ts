import { GROUND, INK, type Run } from './cells.ts';

const CELL = { width: 8.4, height: 18 };
const FONT_PX = 14;
/** From the top of a row to the line that its letters stand on. */
const BASELINE = 13.5;
const EDGE = 10;

/** A picture of a terminal, as wide as its cells in any font. `title`: for who cannot see it. */
export function svgOf(rows: readonly (readonly Run[])[], columns: number, title: string): string {
  const width = Math.ceil(columns * CELL.width + 2 * EDGE);
  const height = rows.length * CELL.height + 2 * EDGE;
  const drawn = rows.flatMap((runs, row) => [
    ...runs.flatMap((run) => groundOf(run, row)),
    ...runs.flatMap((run) => textOf(run, row)),
  ]);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escaped(title)}</title>
<rect width="${width}" height="${height}" rx="8" fill="${GROUND}"/>
<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace" font-size="${FONT_PX}" fill="${INK}" xml:space="preserve">
${drawn.join('\n')}
</g>
</svg>
`;
}

function groundOf({ column, columns, style }: Run, row: number): readonly string[] {
  if (style.ground === undefined) return [];
  const place = `x="${left(column)}" y="${EDGE + row * CELL.height}"`;
  return [
    `<rect ${place} width="${round(columns * CELL.width)}" height="${CELL.height}" fill="${style.ground}"/>`,
  ];
}

function textOf({ column, columns, text, style }: Run, row: number): readonly string[] {
  if (text.trim() === '') return [];
  const looks = [
    style.colour === undefined ? '' : ` fill="${style.colour}"`,
    style.isBold ? ' font-weight="bold"' : '',
    style.isDim ? ' opacity="0.6"' : '',
    style.isItalic ? ' font-style="italic"' : '',
    style.isUnderlined ? ' text-decoration="underline"' : '',
  ].join('');
  const y = EDGE + row * CELL.height + BASELINE;
  const length = `textLength="${round(columns * CELL.width)}" lengthAdjust="spacingAndGlyphs"`;
  return [`<text x="${left(column)}" y="${round(y)}" ${length}${looks}>${escaped(text)}</text>`];
}

function left(column: number): number {
  return round(EDGE + column * CELL.width);
}

function round(number: number): number {
  return Math.round(number * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
