import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Screen } from '../support/screen.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'terminal-program.ts');
const hasScript = spawnSync('script', ['--version']).status === 0;
const skip = hasScript ? false : 'there is no script(1) of util-linux to give a terminal';
const RUN = `'${process.execPath}' --disable-warning=ExperimentalWarning '${PROGRAM}'`;

interface Window {
  readonly screen: Screen;
  readonly child: ChildProcess;
  /** All that was written to the terminal. */
  written(): string;
  type(keys: string): void;
  /** Resolves when the screen has such a row. */
  shows(row: RegExp): Promise<void>;
  ended(): Promise<void>;
}

/** A shell line on a real terminal, of 60×8, that a terminal without a window shows and answers for. */
function open(t: TestContext, line: string, env: NodeJS.ProcessEnv = {}): Window {
  const screen = new Screen(60, 8);
  const child = spawn('script', ['-qec', `stty cols 60 rows 8; ${line}`, '/dev/null'], {
    env: { PATH: process.env['PATH'], SHELL: '/bin/sh', TERM: 'xterm-256color', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let changed = Promise.withResolvers<void>();
  child.on('close', () => changed.resolve());
  t.after(() => {
    child.kill('SIGKILL');
    screen[Symbol.dispose]();
  });
  let written = '';
  screen.onAnswer((answer) => child.stdin?.write(answer));
  child.stdout?.on('data', (bytes: Buffer) => {
    written += bytes.toString();
    void screen.write(bytes.toString('utf8')).then(() => {
      changed.resolve();
      changed = Promise.withResolvers();
    });
  });
  return {
    screen,
    child,
    written: () => written,
    type: (keys) => child.stdin?.write(keys),
    shows: async (row) => {
      while (!screen.rows().some((each) => row.test(each))) {
        assert.ok(child.exitCode === null, `it ended without showing ${row}:\n${screen.rows().join('\n')}`);
        await changed.promise;
      }
    },
    ended: async () => {
      if (child.exitCode === null) await once(child, 'close');
      await screen.write('');
    },
  };
}

const GIVEN_BACK = {
  buffer: 'normal',
  mouseTrackingMode: 'none',
  bracketedPasteMode: false,
  wraparoundMode: true,
};

function isGivenBack({ screen, written }: Window): void {
  const state = screen.state();
  for (const [name, value] of Object.entries(GIVEN_BACK)) assert.equal(state[name], value, name);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the cursor is shown, and not hidden after that.
  assert.match(written(), /\u001b\[\?25h(?!.*\u001b\[\?25l)/s);
}

test('S3-03 keys, pastes, the mouse and sizes reach the program, and the terminal is given back in the end', {
  skip,
}, async (t) => {
  const window = open(t, RUN);
  await window.shows(/^60x8 256 dark/);
  assert.equal(window.screen.state()['buffer'], 'alternate');
  window.type('j\u001b[A\u001b[200~a\u001b[Ab\u001b[201~\u001b[<0;3;2M');
  await window.shows(/^press 2,1/);
  for (const row of [/^key j/, /^key up/, /^paste "a\\u001b\[Ab"/]) await window.shows(row);
  window.type('\u001b');
  await window.shows(/^key esc/);
  window.type('r');
  await window.shows(/^30x6 256 dark/);
  window.screen.resize(30, 6);
  window.type('q');
  await window.ended();
  assert.ok(window.screen.rows().some((row) => row === 'ended'));
  isGivenBack(window);
  assert.deepEqual(window.screen.misdeeds, []);
});

test('S3-03 another program has the terminal while it is lent, and everything is painted anew behind it', {
  skip,
}, async (t) => {
  const window = open(t, RUN);
  await window.shows(/^ready/);
  window.type('e');
  await window.shows(/^lent/);
  assert.equal(window.screen.state()['buffer'], 'normal');
  // As a line with echo, which is not how the program itself reads.
  window.type('hello\r');
  await window.shows(/^key e/);
  assert.match(window.written(), /hello\r\n(.|\n)*got hello/);
  assert.equal(window.screen.state()['buffer'], 'alternate');
  window.type('q');
  await window.ended();
  isGivenBack(window);
});

test('S3-03 Ctrl+Z stops the whole job with the terminal given back, and continued it paints everything anew', {
  skip,
}, async (t) => {
  const window = open(
    t,
    `set -m; ${RUN}; echo "stopped $?"; stty -a | grep -o ' icanon'; fg >/dev/null; echo "end $?"`,
  );
  await window.shows(/^ready/);
  window.type('\u001a');
  await window.shows(/^key ctrl\+z/);
  assert.match(window.written(), /stopped 1\d\d\r\n icanon\r\n/);
  assert.equal(window.screen.state()['buffer'], 'alternate');
  await window.shows(/^ready/);
  window.type('q');
  await window.shows(/^end 0/);
  await window.ended();
  isGivenBack(window);
});

test('S3-03 where no shell could continue it Ctrl+Z does nothing', { skip }, async (t) => {
  const window = open(t, `exec ${RUN}`);
  await window.shows(/^ready/);
  window.type('\u001a');
  await window.shows(/^key ctrl\+z/);
  window.type('q');
  await window.ended();
  isGivenBack(window);
});

for (const [end, key, said] of [
  ['an error that nobody caught', 'x', /Error: broken on purpose/],
  ['process.exit', 'X', /^/],
  ['SIGTERM', 'k', /^/],
] as const) {
  test(`S3-03 the terminal is given back at the end by ${end}`, { skip }, async (t) => {
    const window = open(t, `${RUN}; echo "status $?"; stty -a | grep -o ' icanon'`);
    await window.shows(/^ready/);
    window.type(key);
    await window.shows(/^ icanon/);
    await window.shows(/^status \d+/);
    await window.ended();
    // What it says of its end is on the screen that stays.
    const [, after = ''] = window.written().split('\u001b[?1049l');
    assert.match(after, said);
    isGivenBack(window);
  });
}

test('S3-03 without a terminal that can be drawn on it says so, names --plain and writes nothing else', {
  skip,
}, async (t) => {
  const dumb = open(t, RUN, { TERM: 'dumb' });
  await dumb.ended();
  assert.match(dumb.written(), /use --plain/);
  assert.ok(!dumb.written().includes('\u001b[?1049h'));
  const { stderr, stdout } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', input: '' });
  assert.match(stderr, /standard input and output are not both a terminal/);
  assert.equal(stdout, '');
});
