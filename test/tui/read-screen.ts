/** A pane as it stands on a screen, with the rows that are inside of it. */
export interface DrawnPane {
  readonly title: string;
  readonly rows: readonly string[];
}

/** What a person sees: the line at the top, and the panes by their numbers. */
export interface DrawnScreen {
  readonly header: string;
  readonly panes: ReadonlyMap<number, DrawnPane>;
}

const RULE = /^[─━] (\d) (.*?) [─━]*$/;

/**
 * Takes a screen apart by what is drawn on it and nothing else: rules with a number and a title above panes, a line
 * between the columns, or a bar in which the pane that is shown stands in brackets. Undefined for a screen that is too
 * small for any of that.
 */
export function readScreen(lines: readonly string[], width: number): DrawnScreen | undefined {
  const rows = lines.map((line) => line.padEnd(width));
  const [header = '', second = ''] = rows;
  const bar = /\[(\d) ([^\]]*)\]/.exec(second);
  if (bar !== null) {
    const [, number, title = ''] = bar;
    return { header, panes: new Map([[Number(number), { title, rows: rows.slice(2, -1) }]]) };
  }
  const right = second.search(/[─━] 1 Agents/);
  if (right < 1) return undefined;
  const body = rows.slice(1, -1);
  if (!body.every((row) => row[right - 1] === '│')) return undefined;
  return {
    header,
    panes: new Map([
      ...panesIn(body.map((row) => row.slice(0, right - 1))),
      ...panesIn(body.map((row) => row.slice(right))),
    ]),
  };
}

function panesIn(rows: readonly string[]): (readonly [number, DrawnPane])[] {
  const starts = rows.flatMap((row, at) => (RULE.test(row) ? [at] : []));
  return starts.map((start, at) => {
    const [, number, title = ''] = RULE.exec(rows[start] ?? '') ?? [];
    return [Number(number), { title, rows: rows.slice(start + 1, starts[at + 1]) }];
  });
}
