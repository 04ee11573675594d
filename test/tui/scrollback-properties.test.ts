import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fit } from '../../src/surfaces/tui/text/fit.ts';
import { Scrollback, type ScrollPlace } from '../../src/surfaces/tui/text/scrollback.ts';
import { matchesIn } from '../../src/surfaces/tui/text/search.ts';
import { sgrOnly } from '../../src/surfaces/tui/text/sgr-only.ts';
import { withoutStyles } from '../../src/surfaces/tui/text/styled.ts';
import { wrap } from '../../src/surfaces/tui/text/wrap.ts';
import { SEQUENCE } from '../support/hostile-text.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The plain way: every line that was ever printed is made safe and wrapped, and some of the rows are taken. */
class Naive {
  printed = '';
  /** Lines before the first that was printed, in pieces that stand alone. */
  before: readonly (readonly string[])[] = [];

  /** All lines, safe, and the number of the first. */
  lines(): { readonly first: number; readonly texts: readonly string[] } {
    const texts = sgrOnly(this.printed).split('\n');
    if (this.printed === '' || this.printed.endsWith('\n')) texts.pop();
    const before = this.before.flatMap((lines) => sgrOnly(lines.join('\n')).split('\n'));
    return { first: -before.length, texts: [...before, ...texts] };
  }

  /** The rows of all lines from `from` on. */
  rows(from: number, width: number): { readonly place: ScrollPlace; readonly text: string }[] {
    const { first, texts } = this.lines();
    return texts.slice(from - first).flatMap((text, at) =>
      wrap(text, width).map((row, index) => {
        return { place: { line: from + at, row: index }, text: fit(row, width) };
      }),
    );
  }

  bytes(line: number): number {
    const before = this.before.flat();
    return Buffer.byteLength([...before, ...this.printed.split('\n')][line + before.length] ?? '');
  }
}

type Rows = ReturnType<Naive['rows']>;

function indexOf(rows: Rows, { line, row }: ScrollPlace): number {
  if (rows.length === 0 || line < (rows[0]?.place.line ?? 0)) return 0;
  const last = rows.findLastIndex(({ place }) => place.line === line && place.row <= row);
  return last < 0 ? rows.length : last;
}

const TEXT = fc
  .array(fc.oneof(SEQUENCE, fc.constantFrom('\n', '\n', '\u001b[0m', '\u001b[1;32m', '\u001b[m', 'a b c ')), {
    maxLength: 20,
  })
  .map((parts) => parts.join(''));
/** A text in pieces that end anywhere: inside an escape, between the halves of a character, before a line end. */
const PIECES = fc.tuple(TEXT, fc.array(fc.nat(200), { maxLength: 4 })).map(([text, cuts]) => {
  const places = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length];
  return places.slice(1).map((end, at) => text.slice(places[at], end));
});
const STEP = fc.oneof(
  { weight: 4, arbitrary: PIECES.map((pieces) => ({ kind: 'print' as const, pieces })) },
  {
    weight: 2,
    arbitrary: fc
      .record({ width: fc.integer({ min: 1, max: 24 }), height: fc.integer({ min: 1, max: 6 }) })
      .map((size) => ({ kind: 'resize' as const, size })),
  },
  {
    weight: 4,
    arbitrary: fc.integer({ min: -9, max: 9 }).map((rows) => ({ kind: 'scroll' as const, rows })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: 'follow' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('search' as const),
      query: fc.constantFrom(
        'a',
        'A',
        'b c',
        '世',
        '世界',
        '\ufffd',
        '[31m',
        'e',
        'e\u0301',
        '\t',
        'q',
        'qu',
      ),
      direction: fc.constantFrom('up' as const, 'down' as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(TEXT, { minLength: 1, maxLength: 3 })
      .map((texts) => ({ kind: 'older' as const, lines: texts.join('\n').split('\n') })),
  },
);
type Step = typeof STEP extends fc.Arbitrary<infer Each> ? Each : never;

/** An output, the plain way beside it, and somebody who looks at both. */
class Viewer {
  readonly output: Scrollback;
  readonly naive = new Naive();
  readonly #limits: { readonly mostLines: number; readonly mostBytes: number };
  #size: Size = { width: 9, height: 4 };
  #top: ScrollPlace | undefined;

  constructor(limits: { readonly mostLines: number; readonly mostBytes: number }) {
    this.#limits = limits;
    this.output = new Scrollback(limits);
  }

  take(step: Step): void {
    if (step.kind === 'print') {
      for (const piece of step.pieces) {
        this.output.write(piece);
        this.naive.printed += piece;
        this.look();
      }
    } else if (step.kind === 'resize') this.#size = step.size;
    else if (step.kind === 'follow') this.#top = undefined;
    else if (step.kind === 'scroll') this.#scroll(step.rows);
    else if (step.kind === 'search') this.#search(step.query, step.direction);
    else if (this.output.prepend(step.lines)) this.naive.before = [step.lines, ...this.naive.before];
    this.look();
  }

  look(): void {
    const rows = this.#rows();
    const { width, height } = this.#size;
    const end = Math.max(0, rows.length - height);
    const index = this.#top === undefined ? end : Math.min(indexOf(rows, this.#top), end);
    const shown = rows.slice(index, index + height).map(({ text }) => text);
    while (shown.length < height) shown.push(' '.repeat(width));
    const window = this.output.window(this.#size, this.#top);
    assert.deepEqual(window.rows, shown);
    assert.equal(window.atEnd, index === end);
    this.#holdsWhatItMay();
  }

  #rows(): Rows {
    return this.naive.rows(this.output.firstLine, this.#size.width);
  }

  #scroll(by: number): void {
    const rows = this.#rows();
    const end = Math.max(0, rows.length - this.#size.height);
    const from = this.#top === undefined ? end : Math.min(indexOf(rows, this.#top), rows.length);
    const to = Math.max(0, from + by);
    this.#top = this.output.scrolled(this.#size, this.#top, by);
    assert.deepEqual(this.#top, to < end ? rows[to]?.place : undefined);
  }

  #search(query: string, direction: 'up' | 'down'): void {
    const { first, texts } = this.naive.lines();
    const kept = texts.slice(this.output.firstLine - first).map(withoutStyles);
    assert.deepEqual(
      kept.map((_text, at) => this.output.plainLine(this.output.firstLine + at)),
      kept,
    );
    const holds = kept.flatMap((text, at) =>
      matchesIn(text, query).length > 0 ? [this.output.firstLine + at] : [],
    );
    const from = this.#top?.line ?? this.output.endLine - 1;
    const expected =
      direction === 'down'
        ? (holds.find((line) => line >= from) ?? holds[0])
        : (holds.findLast((line) => line <= from) ?? holds.at(-1));
    const found = this.output.find(query, from, direction);
    assert.equal(found, expected);
    if (found !== undefined) this.#top = { line: found, row: 0 };
  }

  /** No more than the limits, and not much less while there is more. */
  #holdsWhatItMay(): void {
    const { firstLine, endLine } = this.output;
    const { first, texts } = this.naive.lines();
    assert.equal(endLine, first + texts.length);
    const lines = Array.from({ length: endLine - firstLine }, (_line, at) =>
      this.naive.bytes(firstLine + at),
    );
    const finished = this.naive.printed.endsWith('\n') ? lines : lines.slice(0, -1);
    const bytes = finished.reduce((sum, each) => sum + each, 0);
    assert.ok(finished.length <= this.#limits.mostLines);
    assert.ok(bytes <= this.#limits.mostBytes || finished.length === 1);
    const longest = Math.max(0, ...texts.map((_text, at) => this.naive.bytes(first + at)));
    if (firstLine > first && finished.length < this.#limits.mostLines) {
      assert.ok(bytes + 3 * longest >= this.#limits.mostBytes, 'forgets no more than it must');
    }
  }
}

test('S3-42 what is seen of an output, scrolled, resized and searched, is that of all lines drawn', () => {
  for (const limits of [
    { mostLines: 10_000, mostBytes: 1_000_000 },
    { mostLines: 7, mostBytes: 1_000_000 },
    { mostLines: 10_000, mostBytes: 300 },
  ]) {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 12 }), (steps) => {
        const viewer = new Viewer(limits);
        for (const step of steps) viewer.take(step);
      }),
      { numRuns: 200 },
    );
  }
});
