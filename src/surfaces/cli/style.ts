/** How a piece of text looks on a terminal that takes colours. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan' | 'magenta';

/** Lays a look on text; with colours off it returns the text as it is. */
export type Paint = (look: Look, text: string) => string;

const CODES: Record<Look, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
};

export const plainPaint: Paint = (_look, text) => text;

export const colourPaint: Paint = (look, text) => {
  const [on, off] = CODES[look];
  return text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
};

/**
 * Colours only on a terminal, and never with `--no-color`, a non-empty `NO_COLOR` (no-color.org) or `TERM=dumb`.
 * A non-empty `FORCE_COLOR` other than 0 colours pipes too.
 */
export function usesColour(options: {
  isTerminal: boolean;
  noColorFlag: boolean;
  env: Readonly<Record<string, string | undefined>>;
}): boolean {
  const { env } = options;
  if (options.noColorFlag || (env.NO_COLOR ?? '') !== '') return false;
  const force = env.FORCE_COLOR ?? '';
  if (force !== '') return force !== '0';
  return options.isTerminal && env.TERM !== 'dumb';
}
