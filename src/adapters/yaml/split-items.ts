/** The items of one list in a text. Offsets are those of its lines; each item ends where the next begins. */
export interface SplitList {
  /** Column of the dashes, from 0. */
  readonly dash: number;
  /** Line of the skeleton, from 1, that stands for the list. */
  readonly skeletonLine: number;
  readonly items: readonly { readonly start: number; readonly end: number; readonly line: number }[];
}

/** A text with its long lists taken out. */
export interface Split {
  /** The text with one item in the place of each list. */
  readonly skeleton: string;
  /** For each line of the skeleton, its line in the text; both from 1, the first entry is not used. */
  readonly lines: readonly number[];
  readonly lists: readonly SplitList[];
}

/** Stands for the items of the list with this number, from 0. */
export function standIn(list: number): string {
  return `cw-items-${list}`;
}

/**
 * Takes the items of block lists under `tasks:` out of a text, going by nothing but indentation: an item reaches
 * from its dash to the next line that is indented no deeper, and has no comment alone. Whether such a line begins
 * a list at all (it may be text in a scalar) is known only when the skeleton is parsed and the stand-ins are found
 * in it as items. `undefined` when nothing can be taken out, or indentation alone does not tell.
 */
export function splitItems(text: string): Split | undefined {
  // A carriage return alone, or a byte order mark inside, mean something else to every parser.
  if (/\r(?!\n)|\uFEFF/.test(text)) return undefined;
  // yaml takes a line of blanks with a tab into the text above it or not by what comes after.
  if (text.includes('\t') && /^ *\t\s*$/m.test(text)) return undefined;
  const { starts, indents, tabbed } = readLines(text);
  const count = indents.length;
  const skeleton: string[] = [];
  const numbers = [0];
  const lists: SplitList[] = [];
  const endOf = (line: number) => starts[line + 1] ?? text.length;
  for (let line = 0; line < count; ) {
    // A tab may count as indentation, or not.
    if (tabbed.has(line)) return undefined;
    const kept = text.slice(starts[line], endOf(line));
    skeleton.push(kept);
    numbers.push(line + 1);
    const key = KEY.exec(kept)?.[1]?.length ?? -1;
    line++;
    if (key === -1) continue;
    // Comments between the key and the first item stay where they are.
    while (line < count && (indents[line] ?? 0) < 0) {
      skeleton.push(text.slice(starts[line], endOf(line)));
      numbers.push(line + 1);
      line++;
    }
    const dash = indents[line] ?? -1;
    if (line >= count || dash < key || !isItem(text, (starts[line] ?? 0) + dash)) continue;
    const items: { start: number; end: number; line: number }[] = [];
    skeleton.push(`${' '.repeat(dash)}- ${standIn(lists.length)}\n`);
    numbers.push(line + 1);
    const skeletonLine = skeleton.length;
    while (line < count && indents[line] === dash && isItem(text, (starts[line] ?? 0) + dash)) {
      const first = line++;
      // Blank lines and comments alone have no indentation; they go with the item before them.
      while (line < count && ((indents[line] ?? 0) < 0 || (indents[line] ?? 0) > dash)) line++;
      items.push({ start: starts[first] ?? 0, end: starts[line] ?? text.length, line: first + 1 });
    }
    lists.push({ dash, skeletonLine, items });
  }
  return lists.length === 0 ? undefined : { skeleton: skeleton.join(''), lines: numbers, lists };
}

const [TAB, NEWLINE, RETURN, SPACE, HASH, DASH] = [9, 10, 13, 32, 35, 45];

/** Where each line begins, how many spaces it is indented by (-1: blank, or a comment), and where a tab follows them. */
function readLines(text: string): { starts: number[]; indents: number[]; tabbed: Set<number> } {
  const starts: number[] = [];
  const indents: number[] = [];
  const tabbed = new Set<number>();
  for (let start = 0; start < text.length; ) {
    let at = start;
    while (text.charCodeAt(at) === SPACE) at++;
    const char = text.charCodeAt(at);
    if (char === TAB) tabbed.add(starts.length);
    const isBlank = char === NEWLINE || char === RETURN || Number.isNaN(char) || char === HASH;
    starts.push(start);
    indents.push(isBlank ? -1 : at - start);
    const end = text.indexOf('\n', at);
    if (end === -1) break;
    start = end + 1;
  }
  return { starts, indents, tabbed };
}

/** A line that names the key and holds no value for it. */
const KEY = /^( *(?:- +)*)tasks:[ ]*(?:#.*)?\r?\n?$/;

/** Does a list item begin at this offset? */
function isItem(text: string, at: number): boolean {
  if (text.charCodeAt(at) !== DASH) return false;
  const after = text.charCodeAt(at + 1);
  return after === SPACE || after === NEWLINE || after === RETURN || Number.isNaN(after);
}
