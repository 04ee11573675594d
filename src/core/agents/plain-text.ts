// Written as strings: a regular expression literal may not hold control characters.
const ESC = '\\u001b';
const END = `(?:\\u0007|${ESC}\\\\|\\u009c)`;

/** Escape sequences of terminals (ECMA-48): strings such as OSC with their end, CSI, and the short ones. */
const SEQUENCES = new RegExp(
  [
    `(?:${ESC}[\\]PX^_]|[\\u0090\\u0098\\u009d-\\u009f])[^\\u0007\\u001b\\u009c]{0,4096}${END}`,
    `(?:${ESC}\\[|\\u009b)[0-?]{0,64}[ -/]{0,16}[@-~]`,
    `${ESC}[ -/]{0,4}[0-~]`,
  ].join('|'),
  'g',
);

/** C0 without tab and newline, delete and C1. As ranges: every line of an agent is searched for them. */
const TERMINAL_CONTROLS = '\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f';
/** Those, and what turns the direction of text around. */
const CONTROLS = new RegExp(`[${TERMINAL_CONTROLS}\\u202a-\\u202e\\u2066-\\u2069]`, 'g');

/** `text` with nothing in it that a terminal would act on, besides tab and newline; half characters are replaced. */
export function plainText(text: string): string {
  return text.replace(SEQUENCES, '').replace(CONTROLS, '').toWellFormed();
}

/** One line of at most `length` characters. */
export function oneLine(text: string, length = 500): string {
  const line = plainText(text.replace(/\s+/g, ' ')).trim();
  return line.length > length ? `${line.slice(0, length).toWellFormed()}…` : line;
}
