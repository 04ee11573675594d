/** One line as it is drawn: safe text, wrapped to `width` columns. */
export interface DrawnLine {
  readonly rows: readonly string[];
  readonly width: number;
}

const MOST_OF_AN_AGE = 256;

/** Lines that were drawn lately, by their numbers. Those that nobody has asked for in a while go. */
export class DrawnLines {
  #young = new Map<number, DrawnLine>();
  #old = new Map<number, DrawnLine>();

  get(line: number): DrawnLine | undefined {
    const found = this.#young.get(line) ?? this.#old.get(line);
    if (found !== undefined && !this.#young.has(line)) this.set(line, found);
    return found;
  }

  set(line: number, drawn: DrawnLine): void {
    if (this.#young.size >= MOST_OF_AN_AGE) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(line, drawn);
  }
}
