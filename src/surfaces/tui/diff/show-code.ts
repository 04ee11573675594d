import { clusters, clusterWidth } from '../../../core/terminal/width.ts';
import type { Token } from '../syntax/token.ts';
import { fit } from '../text/fit.ts';
import type { Look, Theme } from '../theme.ts';
import { safeRow } from '../widgets/rows.ts';

export interface Code {
  readonly text: string;
  /** Its pieces as code; absent: it is plain. */
  readonly tokens?: readonly Token[] | undefined;
  /** Range of the text that is not in the line that it came from, and how that looks. */
  readonly changed?: { readonly from: number; readonly to: number; readonly look: Look } | undefined;
  /** Of what has no look of its own. */
  readonly look?: Look | undefined;
}

/** A line of code from column `offset` on, at exactly the width. */
export function showCode(
  code: Code,
  offset: number,
  { width, theme }: { width: number; theme: Theme },
): string {
  let skip = offset;
  let left = width + 1;
  let row = '';
  for (const { text, look } of piecesOf(code)) {
    if (left <= 0) break;
    let shown = safeRow(text);
    if (skip > 0) [shown, skip] = without(shown, skip);
    if (shown === '') continue;
    // A line may be a megabyte long: no more of it is looked at than can be seen.
    const seen = shown.slice(0, left * 4);
    left -= seen.length;
    row += look === undefined ? seen : theme.paint(look, seen);
  }
  return fit(row, width);
}

/** The tokens, parted where the change begins and ends. */
function piecesOf({ text, tokens, changed, look }: Code): readonly Token[] {
  const isSame = tokens?.reduce((sum, each) => sum + each.text.length, 0) === text.length;
  const pieces = tokens !== undefined && isSame ? tokens : [plain(text, look)];
  if (changed === undefined || changed.from >= changed.to) return pieces;
  const parted: Token[] = [];
  let at = 0;
  for (const piece of pieces) {
    const [from, to] = [changed.from - at, changed.to - at].map((each) =>
      Math.max(0, Math.min(each, piece.text.length)),
    ) as [number, number];
    parted.push(
      { ...piece, text: piece.text.slice(0, from) },
      { text: piece.text.slice(from, to), look: changed.look },
      { ...piece, text: piece.text.slice(to) },
    );
    at += piece.text.length;
  }
  return parted.filter((piece) => piece.text !== '');
}

function plain(text: string, look: Look | undefined): Token {
  return look === undefined ? { text } : { text, look };
}

function without(text: string, columns: number): [rest: string, left: number] {
  let left = columns;
  let from = 0;
  for (const cluster of clusters(text)) {
    if (left <= 0) break;
    left -= clusterWidth(cluster);
    from += cluster.length;
  }
  return [text.slice(from), Math.max(0, left)];
}
