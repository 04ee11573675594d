import type { Position } from '../../core/source/located.ts';

export interface Decoded {
  readonly text: string;
  /** The first thing that is not UTF-8, with the text before it in `text`. */
  readonly badAt?: { readonly at: Position; readonly message: string };
}

const BOM = '\uFEFF';

/** UTF-8, with or without a byte order mark, which is dropped. UTF-16 and broken UTF-8 are named as such. */
export function decode(bytes: Uint8Array): Decoded {
  const start: Position = { line: 1, col: 1 };
  if (isUtf16(bytes)) return { text: '', badAt: { at: start, message: 'The file is UTF-16, not UTF-8.' } };
  try {
    return { text: withoutBom(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)) };
  } catch {
    const text = withoutBom(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    const at = firstBad(bytes);
    const before = withoutBom(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, at)));
    const line = before.split('\n').length;
    const col = before.length - before.lastIndexOf('\n');
    const hex = bytes[at]?.toString(16).padStart(2, '0');
    return { text, badAt: { at: { line, col }, message: `The byte 0x${hex} is not UTF-8.` } };
  }
}

function withoutBom(text: string): string {
  return text.startsWith(BOM) ? text.slice(1) : text;
}

function isUtf16(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return true;
  return (
    bytes.length >= 4 &&
    ((a === 0 && c === 0 && b !== 0 && d !== 0) || (b === 0 && d === 0 && a !== 0 && c !== 0))
  );
}

/** Offset of the first byte that does not decode, by halving: a prefix is good, or ends in half a character. */
function firstBad(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  const isGood = (length: number) => {
    try {
      // `stream` accepts half a character at the end.
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length), { stream: true });
      return true;
    } catch {
      return false;
    }
  };
  if (isGood(bad)) good = bad;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (isGood(middle)) good = middle;
    else bad = middle;
  }
  // What decodes may end in half a character, whose other half is the bad byte, or the end of the file.
  for (let back = 1; back <= 3 && back <= good; back++) {
    const byte = bytes[good - back] ?? 0;
    if (byte < 0x80) break;
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? good - back : good;
  }
  return good;
}
