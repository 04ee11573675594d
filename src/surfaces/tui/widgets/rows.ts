import { safeLine } from '../../cli/safe-text.ts';
import { wrap } from '../text/wrap.ts';

const TAB = '    ';

/** Text from outside for one row: nothing in it acts on a terminal, and it has no colours of its own. */
export function safeRow(text: string): string {
  return safeLine(text.replaceAll('\t', TAB).toWellFormed());
}

/** Text from outside in rows of at most the width, broken at spaces where there are some; its line ends stay. */
export function wrapText(text: string, width: number): readonly string[] {
  return text
    .replaceAll('\r\n', '\n')
    .split('\n')
    .flatMap((line) => wrap(safeRow(line), width));
}
