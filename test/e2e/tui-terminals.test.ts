import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeProject } from './project.ts';
import { atWork, busyProject } from './tui-busy.ts';
import { PANES_ALONE, press } from './tui-press.ts';
import { shell } from './tui-shell.ts';

const SIZE = { width: 160, height: 40 };
// biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that set colours.
const COLOURS = /\u001b\[[\d;]*(3[0-7]|38;5;\d+|9[0-7])m/;
/** What a terminal is told besides text, ends of lines and colours. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it looks for control characters.
const COMMANDS = /\u001b(?!\[[\d;]*m)|\r(?!\r?\n)|[\u0007\u0008]/;

test('S3-44 every state has a sign without colours, in ASCII too, and other colours on a light ground', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  const seen = async (
    env: Readonly<Record<string, string>>,
    {
      flags = '',
      style = '',
      states = /▶ working {2}one[\s\S]*\? waits for you {2}asks[\s\S]*✗ failed {2}broken/,
    } = {},
  ): Promise<string> => {
    await using terminal = await shell(project, { size: SIZE, env });
    if (style !== '') terminal.style(style);
    terminal.command(`cw ${flags} tui`);
    await terminal.until(/(▶|>) working {2}one[\s\S]*line 99/);
    assert.match(terminal.screen(), states);
    return terminal.coloured();
  };
  const dark = await seen({ COLORFGBG: '15;0' });
  const light = await seen({ COLORFGBG: '0;15' });
  assert.match(dark, COLOURS);
  assert.match(light, COLOURS);
  assert.notEqual(coloursOf(dark), coloursOf(light));
  const answered = await seen({ COLORFGBG: '15;0' }, { style: 'bg=#ffffff' });
  assert.equal(
    coloursOf(answered),
    coloursOf(light),
    'what the terminal answers counts more than its variable',
  );
  for (const plain of [await seen({ NO_COLOR: '1' }), await seen({}, { flags: '--no-color' })])
    assert.doesNotMatch(plain, COLOURS);
  await seen(
    { LANG: 'C', LC_ALL: 'C' },
    { states: /> working {2}one[\s\S]*\? waits for you {2}asks[\s\S]*x failed {2}broken/ },
  );
});

/** The colours of the title of the agent at work. */
function coloursOf(screen: string): string {
  const line = screen.split('\n').find((each) => each.includes('working')) ?? '';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that set colours.
  return (line.match(/\u001b\[[\d;]*m/g) ?? []).join('').replaceAll('\u001b', '');
}

test('S3-44 it is drawn on every kind of terminal, and one that cannot be drawn on is refused and gets lines', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project, { size: SIZE });
  for (const [kind, sign, isColoured] of [
    ['xterm', '▶', true],
    ['xterm-256color', '▶', true],
    ['screen-256color', '▶', true],
    ['tmux-256color', '▶', true],
    ['linux', '>', true],
    ['vt100', '▶', false],
  ] as const) {
    terminal.command(`clear; TERM=${kind} cw tui; echo "code=$?"`);
    await terminal.until(new RegExp(`${sign} working {2}one[\\s\\S]*line 99`));
    assert.equal(COLOURS.test(terminal.coloured()), isColoured, kind);
    await press(terminal, ['q', /code=0/]);
  }
  // A terminal in a terminal in a terminal; other systems have another script(1).
  if (spawnSync('script', ['--version']).status === 0) {
    terminal.command('clear; script -qec "cw tui" /dev/null; echo "code=$?"');
    await terminal.until(/▶ working {2}one[\s\S]*line 99/);
    await press(terminal, ['q', /code=0/]);
  }
  terminal.command('clear; TERM=dumb cw tui; echo "code=$?"');
  assert.match(await terminal.until(/code=2/), /"dumb" cannot be drawn on[\s\S]*--plain/);
});

test('S3-44 it takes every size, also the smallest ones and with a dialog open, and comes back from every suspension', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project, { size: { width: 100, height: 30 } });
  terminal.command('cw tui; echo "code=$?"');
  await terminal.until(/line 99/);
  const resized = async (width: number, height: number, shows: RegExp): Promise<void> => {
    terminal.resize(width, height);
    const rows = (await terminal.until(shows)).split('\n');
    assert.ok(rows.length <= height + 1);
  };
  await resized(132, 43, /━ 1 Agents 4[^\n]{60}/);
  await resized(300, 100, /━ 1 Agents 4[^\n]{160}/);
  await resized(80, 24, /\[1 Agents 4\] {2}2 Plan/);
  await resized(20, 5, /^ cw[^\n]*\n \[1 Agents/);
  await resized(1, 1, /^.?\n?$/);
  await resized(100, 30, /━ 1 Agents[\s\S]*line 99[\s\S]*4 Events/);
  await press(terminal, ['m', /Message to one/]);
  terminal.type('kept');
  await terminal.until(/│ kept/);
  await resized(20, 5, /^╭─ Message to one ─╮\n/);
  await resized(2, 2, /^/);
  await resized(132, 43, /Message to one[\s\S]*│ kept {20}/);
  for (const width of [90, 140]) {
    terminal.keys('ctrl+z');
    const left = await terminal.until(
      (screen) => !screen.includes('Message to one') && /^\$ ?$/m.test(screen),
    );
    assert.doesNotMatch(left, /waiting/, 'nothing of the face stays on the screen');
    terminal.resize(width, 40);
    terminal.command(`echo "meanwhile $((${width} + 1))"`);
    await terminal.until(new RegExp(`meanwhile ${width + 1}`));
    terminal.command('fg; echo "code=$?"');
    await terminal.until(new RegExp(`Message to one[\\s\\S]*│ kept {${width - 30}}`));
  }
  await press(terminal, ['esc', /esc again/]);
  await press(terminal, ['esc', PANES_ALONE]);
  await press(terminal, ['q', /code=0/]);
  assert.equal(terminal.known('#{alternate_on} #{mouse_any_flag} #{cursor_flag} #{wrap_flag}'), '0 0 1 1');
});

test('S3-44 cw run --plain writes lines and nothing else: no cursor moves, nothing written over', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ['one', 'two'].map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: Object.fromEntries(
      ['one', 'two'].map((id) => [
        id,
        [[{ print: `here is ${id}` }, { waitFor: 'go' }, { result: { status: 'done', summary: id } }]],
      ]),
    ),
  });
  await using terminal = await shell(project, { size: SIZE });
  const written = join(project.directory, 'written');
  terminal.record(written);
  terminal.command('cw run --plain; echo "code=$?"');
  await terminal.until(/one work by coder[\s\S]*two work by coder|two work by coder[\s\S]*one work by coder/);
  project.allow('go');
  await terminal.until(/code=0/);
  const text = readFileSync(written, 'utf8');
  assert.match(text, /one (done|merged)[\s\S]*code=0/);
  assert.doesNotMatch(text, COMMANDS);
});
