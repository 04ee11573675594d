import { RESET } from '../../../core/terminal/sgr.ts';
import { clusters, clusterWidth } from '../../../core/terminal/width.ts';

interface Cell {
  /** Empty for the right half of a wide character. */
  readonly text: string;
  /** The sequence that opens its style; empty for none. */
  readonly open: string;
}

const BLANK: Cell = { text: ' ', open: '' };
/** Beyond it a program's line is no progress bar, and nothing is kept. */
const MOST_COLUMNS = 4_096;

/** A line that a program prints over, as progress bars are: what stands in each column in the end. */
export class OverwrittenLine {
  readonly #cells: Cell[] = [];
  #column = 0;

  get column(): number {
    return this.#column;
  }

  print(text: string, open: string): void {
    for (const cluster of clusters(text)) {
      const width = clusterWidth(cluster);
      if (width === 0) this.#join(cluster);
      else this.#put(cluster, open, width);
    }
  }

  /** Over `columns` to the right, or to the left when it is negative. */
  move(columns: number): void {
    this.#column = Math.min(Math.max(0, this.#column + columns), MOST_COLUMNS);
  }

  erase(what: 'right' | 'left' | 'all'): void {
    if (what === 'all') this.#cells.length = 0;
    else if (what === 'right') this.#cells.length = Math.min(this.#cells.length, this.#column);
    else for (let at = 0; at <= this.#column && at < this.#cells.length; at += 1) this.#cells[at] = BLANK;
    this.#mend(this.#column);
  }

  /** The line with its colours, each opened and closed, without blanks behind it. */
  text(): string {
    let out = '';
    let open = '';
    for (const cell of this.#trimmed()) {
      if (cell.open !== open) out += (open === '' ? '' : RESET) + cell.open;
      open = cell.open;
      out += cell.text;
    }
    return open === '' ? out : out + RESET;
  }

  #put(text: string, open: string, width: number): void {
    if (this.#column + width > MOST_COLUMNS) return;
    while (this.#cells.length < this.#column) this.#cells.push(BLANK);
    this.#cells[this.#column] = { text, open };
    if (width === 2) this.#cells[this.#column + 1] = { text: '', open };
    this.#mend(this.#column);
    this.#mend(this.#column + width);
    this.#column += width;
  }

  /** A mark that stands alone belongs to what was printed before it. */
  #join(mark: string): void {
    const at = this.#cells[this.#column - 1]?.text === '' ? this.#column - 2 : this.#column - 1;
    const cell = this.#cells[at];
    if (cell !== undefined) this.#cells[at] = { text: cell.text + mark, open: cell.open };
  }

  /** Half of a wide character, left or right of `column`, whose other half was printed over becomes a blank. */
  #mend(column: number): void {
    const left = this.#cells[column - 1];
    const right = this.#cells[column];
    const leftIsWide = left !== undefined && left.text !== '' && clusterWidth(left.text) === 2;
    if (leftIsWide && right?.text !== '') this.#cells[column - 1] = BLANK;
    if (!leftIsWide && right?.text === '') this.#cells[column] = BLANK;
  }

  #trimmed(): readonly Cell[] {
    let end = this.#cells.length;
    while (end > 0 && this.#cells[end - 1]?.text === ' ' && this.#cells[end - 1]?.open === '') end -= 1;
    return this.#cells.slice(0, end);
  }
}
