import type { ColourDepth } from './ports.ts';

/**
 * What "select graphic rendition" (SGR, ECMA-48 §8.3.117) has set: colours as the parameters that set them, and
 * marks (bold, dim, italic, underlined, inverse, struck out) as bits. Hidden and blinking text is not among them.
 */
export interface Style {
  readonly foreground: string;
  readonly background: string;
  readonly marks: number;
}

export const PLAIN: Style = { foreground: '', background: '', marks: 0 };

export const RESET = '\u001b[0m';

const MARKS: readonly (readonly [on: number, off: number])[] = [
  [1, 22],
  [2, 22],
  [3, 23],
  [4, 24],
  [7, 27],
  [9, 29],
];

/** The style after the parameters of one SGR sequence (what stands between `ESC [` and `m`). */
export function styleAfter(style: Style, parameters: string): Style {
  if (parameters === '' || parameters === '0') return PLAIN;
  let { foreground, background, marks } = style;
  const codes = parameters.split(';');
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? '';
    const number = Number.parseInt(code, 10) || 0;
    if (number === 38 || number === 48) {
      const { colour, used } = longColour(codes, index);
      index += used;
      if (colour === undefined) continue;
      if (number === 38) foreground = `38;${colour}`;
      else background = `48;${colour}`;
    } else if (number === 0) {
      ({ foreground, background, marks } = PLAIN);
    } else if (number === 39) {
      foreground = '';
    } else if (number === 49) {
      background = '';
    } else if ((number >= 30 && number <= 37) || (number >= 90 && number <= 97)) {
      foreground = String(number);
    } else if ((number >= 40 && number <= 47) || (number >= 100 && number <= 107)) {
      background = String(number);
    } else {
      marks = marksAfter(marks, number, code);
    }
  }
  return { foreground, background, marks };
}

/** The sequence that brings a terminal from no style to this one; empty for none. */
export function opening({ foreground, background, marks }: Style): string {
  if (marks === 0 && foreground === '' && background === '') return '';
  const codes = MARKS.filter((_mark, bit) => (marks & (1 << bit)) !== 0).map(([on]) => String(on));
  if (foreground !== '') codes.push(foreground);
  if (background !== '') codes.push(background);
  return `\u001b[${codes.join(';')}m`;
}

/** The same style in the colours that the terminal has. */
export function inDepth(style: Style, depth: ColourDepth): Style {
  if (depth === 'true' || (style.foreground === '' && style.background === '')) return style;
  if (depth === 'none') return { foreground: '', background: '', marks: style.marks };
  return {
    foreground: colourInDepth(style.foreground, depth, 30),
    background: colourInDepth(style.background, depth, 40),
    marks: style.marks,
  };
}

function marksAfter(marks: number, number: number, code: string): number {
  // `4:0` is "no underline", `4:3` a curly one.
  if (number === 4 && code.endsWith(':0')) return marks & ~(1 << 3);
  if (number === 21) return marks | (1 << 3);
  let after = marks;
  MARKS.forEach(([on, off], bit) => {
    if (number === on) after |= 1 << bit;
    if (number === off) after &= ~(1 << bit);
  });
  return after;
}

/** `38;5;n`, `38;2;r;g;b` and the forms with colons (ITU-T T.416); `used` counts the codes behind the first. */
function longColour(
  codes: readonly string[],
  index: number,
): { readonly colour: string | undefined; readonly used: number } {
  const first = codes[index] ?? '';
  if (first.includes(':')) {
    const [, kind, ...rest] = first.split(':');
    const values = kind === '2' && rest.length > 3 ? rest.slice(1, 4) : rest;
    return { colour: colourOf(kind, values), used: 0 };
  }
  const kind = codes[index + 1];
  if (kind === '5') return { colour: colourOf(kind, codes.slice(index + 2, index + 3)), used: 2 };
  if (kind === '2') return { colour: colourOf(kind, codes.slice(index + 2, index + 5)), used: 4 };
  return { colour: undefined, used: 0 };
}

function colourOf(kind: string | undefined, values: readonly string[]): string | undefined {
  const numbers = values.map((value) => (value === '' ? 0 : Number(value)));
  if (numbers.some((number) => !Number.isInteger(number) || number < 0 || number > 255)) return undefined;
  if (kind === '5' && numbers.length >= 1) return `5;${numbers[0]}`;
  if (kind === '2' && numbers.length >= 3) return `2;${numbers.slice(0, 3).join(';')}`;
  return undefined;
}

/** `base` is 30 for the foreground and 40 for the background. */
function colourInDepth(colour: string, depth: '16' | '256', base: number): string {
  const [, kind, ...values] = colour.split(';');
  if (kind === undefined) return colour;
  const numbers = values.map(Number);
  if (kind === '5') {
    if (depth === '256') return colour;
    return colourOf16(indexedRgb(numbers[0] ?? 0), numbers[0], base);
  }
  const rgb: Rgb = [numbers[0] ?? 0, numbers[1] ?? 0, numbers[2] ?? 0];
  if (depth === '256') return `${base + 8};5;${nearestOf256(rgb)}`;
  return colourOf16(rgb, undefined, base);
}

type Rgb = readonly [number, number, number];

const CUBE: readonly number[] = [0, 95, 135, 175, 215, 255];

/** What xterm shows for an index of its 256 colours. */
function indexedRgb(index: number): Rgb {
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return [grey, grey, grey];
  }
  const cube = index - 16;
  const level = (step: number): number => CUBE[step] ?? 0;
  return [level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)];
}

function nearestOf256([red, green, blue]: Rgb): number {
  const spread = Math.max(red, green, blue) - Math.min(red, green, blue);
  if (spread < 10) {
    const grey = Math.round(((red + green + blue) / 3 - 8) / 10);
    if (grey >= 0 && grey <= 23) return 232 + grey;
  }
  const step = (value: number): number => (value < 48 ? 0 : value < 115 ? 1 : Math.floor((value - 35) / 40));
  return 16 + 36 * step(red) + 6 * step(green) + step(blue);
}

/** The first 16 of the 256 are the 16; any other becomes the one of its hue, bright when it is light. */
function colourOf16([red, green, blue]: Rgb, index: number | undefined, base: number): string {
  if (index !== undefined && index < 16) return String(index < 8 ? base + index : base + 52 + index);
  const most = Math.max(red, green, blue);
  const least = Math.min(red, green, blue);
  if (most - least < 40) {
    const grey = most < 64 ? 0 : most < 128 ? 60 : most < 192 ? 7 : 67;
    return String(base + grey);
  }
  const middle = (most + least) / 2;
  const hue = (red > middle ? 1 : 0) + (green > middle ? 2 : 0) + (blue > middle ? 4 : 0);
  return String(base + hue + (most > 191 && least > 63 ? 60 : 0));
}
