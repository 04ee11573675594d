/** One line of a plot; its points in rising order of x. */
export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

const WIDTH = 640;
const HEIGHT = 360;
const LEFT = 64;
const RIGHT = 150;
const TOP = 40;
const BOTTOM = 48;
/** Told apart also by who does not see all colours, on light and on dark. */
const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9'];

/** A plot on two logarithmic scales, as SVG that follows the reader's light or dark theme. */
export function plot(options: {
  title: string;
  xName: string;
  yName: string;
  series: readonly Series[];
}): string {
  const { title, xName, yName, series } = options;
  const points = series.flatMap((each) => each.points);
  const xs = decades(points.map(({ x }) => x));
  const ys = decades(points.map(({ y }) => y));
  const [x, y] = [scale(xs, LEFT, WIDTH - RIGHT), scale(ys, HEIGHT - BOTTOM, TOP)];
  const parts = [
    ...xs.map((at) => vertical(x(at), label(at))),
    ...ys.map((at) => horizontal(y(at), label(at))),
    ...series.map((each, index) => line(each, index, { x, y })),
    `<text class="title" x="${LEFT}" y="22">${escaped(title)}</text>`,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 10}" text-anchor="middle">${escaped(xName)}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${escaped(yName)}</text>`,
  ];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escaped(title)}">
<style>
  text { font: 12px system-ui, sans-serif; fill: #24292f; }
  .title { font-size: 14px; font-weight: 600; }
  .grid { stroke: #d0d7de; }
  .back { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .grid { stroke: #30363d; }
    .back { fill: #0d1117; }
  }
</style>
<rect class="back" width="${WIDTH}" height="${HEIGHT}"/>
${parts.join('\n')}
</svg>
`;
}

/** The powers of ten around the values; at least two. */
function decades(values: readonly number[]): number[] {
  const positive = values.filter((value) => value > 0);
  const from = Math.floor(Math.log10(Math.min(...positive)) + 1e-9);
  const to = Math.max(from + 1, Math.ceil(Math.log10(Math.max(...positive)) - 1e-9));
  return Array.from({ length: to - from + 1 }, (_, index) => 10 ** (from + index));
}

function scale(range: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [Math.log10(range[0] ?? 1), Math.log10(range.at(-1) ?? 10)];
  return (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from);
}

function vertical(x: number, text: string): string {
  return `<line class="grid" x1="${round(x)}" y1="${TOP}" x2="${round(x)}" y2="${HEIGHT - BOTTOM}"/><text x="${round(x)}" y="${HEIGHT - BOTTOM + 16}" text-anchor="middle">${text}</text>`;
}

function horizontal(y: number, text: string): string {
  return `<line class="grid" x1="${LEFT}" y1="${round(y)}" x2="${WIDTH - RIGHT}" y2="${round(y)}"/><text x="${LEFT - 6}" y="${round(y + 4)}" text-anchor="end">${text}</text>`;
}

function line(
  { name, points }: Series,
  index: number,
  { x, y }: { x: (value: number) => number; y: (value: number) => number },
): string {
  const colour = COLOURS[index % COLOURS.length];
  const shown = points.filter((point) => point.y > 0);
  const path = shown.map((point) => `${round(x(point.x))},${round(y(point.y))}`);
  const dots = path.map((at) => {
    const [cx, cy] = at.split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`;
  });
  const legendY = TOP + 14 + index * 18;
  return [
    `<polyline points="${path.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots,
    `<rect x="${WIDTH - RIGHT + 12}" y="${legendY - 9}" width="10" height="10" fill="${colour}"/>`,
    `<text x="${WIDTH - RIGHT + 28}" y="${legendY}">${escaped(name)}</text>`,
  ].join('');
}

/** 1,000,000 as 1M, 0.01 as it is. */
function label(value: number): string {
  if (value >= 1_000_000) return `${value / 1_000_000}M`;
  if (value >= 1_000) return `${value / 1_000}k`;
  return String(Number(value.toPrecision(1)));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
