/**
 * Text from outside (titles, summaries, what agents print) may hold terminal commands. Nothing of it reaches
 * a terminal as it is: control characters become visible escapes, and so do the characters that reorder text.
 */

// C0 and C1 controls and DEL; line and paragraph separators; marks that change the direction of writing.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** One line: line ends and tabs are escaped too. */
export function safeLine(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** Several lines: line ends stay (CRLF becomes LF), tabs stay. */
export function safeBlock(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replace(UNSAFE, (char) => (char === '\n' || char === '\t' ? char : visible(char)));
}

/** JSON on one line in which no character can act on a terminal; still the same value for every parser. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(UNSAFE, unicodeEscape);
}

/** Like `safeJson`, indented for people. */
export function safeJsonBlock(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replace(UNSAFE, (char) =>
    char === '\n' ? char : unicodeEscape(char),
  );
}

function visible(char: string): string {
  if (char === '\n') return '\\n';
  if (char === '\t') return '\\t';
  if (char === '\r') return '\\r';
  const code = char.charCodeAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : unicodeEscape(char);
}

function unicodeEscape(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
