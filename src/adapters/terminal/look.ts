import type { ColourDepth, TerminalLook } from '../../core/terminal/ports.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether the terminal that the environment names can be drawn on at all. */
export function canDraw(env: Environment): boolean {
  const term = env['TERM'] ?? '';
  return term !== '' && term !== 'dumb' && term !== 'unknown';
}

/**
 * How many colours: none with `NO_COLOR` (no-color.org); else what `COLORTERM` and `TERM` say, as terminals set them.
 * `FORCE_COLOR` from 0 to 3 says it for them.
 */
export function colourDepth(env: Environment, noColour: boolean): ColourDepth {
  if (noColour || (env['NO_COLOR'] ?? '') !== '') return 'none';
  const forced = FORCED[env['FORCE_COLOR'] ?? ''];
  if (forced !== undefined) return forced;
  const term = env['TERM'] ?? '';
  if (/^(truecolor|24bit)$/i.test(env['COLORTERM'] ?? '') || term.endsWith('-direct')) return 'true';
  if (/256colou?r/.test(term) || /^(xterm-kitty|xterm-ghostty|alacritty|wezterm|foot)/.test(term))
    return '256';
  return /^(vt\d+|ansi-m|xterm-mono)/.test(term) ? 'none' : '16';
}

const FORCED: Readonly<Record<string, ColourDepth>> = { '0': 'none', '1': '16', '2': '256', '3': 'true' };

/** Drawn with more than ASCII: not on the Linux console, nor where the locale names another encoding than UTF-8. */
export function drawsUnicode(env: Environment): boolean {
  if ((env['TERM'] ?? '') === 'linux') return false;
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find((value) => (value ?? '') !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}

/** By what the terminal answered, else by `COLORFGBG` (rxvt, Konsole: "foreground;background"), else dark. */
export function background(
  env: Environment,
  answer: { readonly red: number; readonly green: number; readonly blue: number } | undefined,
): TerminalLook['background'] {
  if (answer !== undefined) {
    // Perceived brightness (Rec. 709).
    const brightness = 0.2126 * answer.red + 0.7152 * answer.green + 0.0722 * answer.blue;
    return brightness > 0.5 ? 'light' : 'dark';
  }
  const ground = /;(\d+)$/.exec(env['COLORFGBG'] ?? '')?.[1];
  return ground === '7' || ground === '15' ? 'light' : 'dark';
}

/** Terminals that would print a question instead of answering it are not asked, and without colours nobody needs to. */
export function canAskBackground(env: Environment, colours: ColourDepth): boolean {
  return colours !== 'none' && (env['TERM'] ?? '') !== 'linux';
}
