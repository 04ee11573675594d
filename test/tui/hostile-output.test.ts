import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TAKE } from '../../src/adapters/terminal/modes.ts';
import { Painter } from '../../src/adapters/terminal/painter.ts';
import { safeLine } from '../../src/surfaces/cli/safe-text.ts';
import { fit } from '../../src/surfaces/tui/text/fit.ts';
import { Scrollback } from '../../src/surfaces/tui/text/scrollback.ts';
import { PRINTED } from '../support/hostile-text.ts';
import { NASTY_TEXTS } from '../support/nasty-texts.ts';
import { Screen } from '../support/screen.ts';

const PANE = { width: 9, height: 4 };
const SIZE = { width: PANE.width * 2 + 3, height: PANE.height + 2 };
const LEFT = PANE.width + 2;

/** Two panes beside each other: an agent's output on the left, text that must not change on the right. */
function frame(output: Scrollback, title: string): { rows: string[]; cursor: undefined } {
  const line = '─'.repeat(PANE.width);
  const right = Array.from({ length: PANE.height }, (_row, index) =>
    fit(`\u001b[32mright ${index}`, PANE.width),
  );
  const rows = output.window(PANE).rows.map((row, index) => `│${row}│${right[index]}│`);
  return {
    rows: [`│${fit(safeLine(title), PANE.width)}│${line}│`, ...rows, `└${line}┴${line}┘`],
    cursor: undefined,
  };
}

async function staysInItsPane(pieces: readonly (string | Uint8Array)[], title: string): Promise<void> {
  using screen = new Screen(SIZE.width, SIZE.height);
  const painter = new Painter({ colours: 'true', background: 'dark', unicode: true });
  const output = new Scrollback();
  await screen.write(TAKE + painter.update(frame(output, ''), SIZE));
  const outside = (): string[][] =>
    screen
      .cells()
      .map((row, y) =>
        y > 0 && y <= PANE.height
          ? [row[0] ?? '', ...row.slice(LEFT - 1)]
          : row.slice(y === 0 ? LEFT - 1 : 0),
      );
  const before = outside();
  const state = screen.state();
  for (const piece of pieces) {
    output.write(typeof piece === 'string' ? piece : new TextDecoder().decode(piece));
    await screen.write(painter.update(frame(output, title), SIZE));
    assert.deepEqual(outside(), before);
  }
  const { cursor: _before, ...modesBefore } = state;
  const { cursor: _after, ...modes } = screen.state();
  assert.deepEqual(modes, modesBefore);
  assert.deepEqual(screen.misdeeds, []);
}

test('S3-42 whatever an agent prints stays in its pane, and sets no title, clipboard or mode', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(PRINTED, { minLength: 1, maxLength: 4 }), (pieces) =>
      staysInItsPane(pieces, typeof pieces[0] === 'string' ? pieces[0] : ''),
    ),
    { numRuns: 500 },
  );
});

test('S3-42 names and titles that attack terminals stay in their pane', async () => {
  for (const text of NASTY_TEXTS) await staysInItsPane([`${text}\n`, text], text);
});
