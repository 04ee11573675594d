import { test } from 'node:test';
import {
  DIALOG_KEYS,
  type DialogGroup,
  type DialogKey,
  type DialogKeyId,
} from '../../src/surfaces/tui/dialog-keys.ts';
import { askingProject, editorOf, untilAsked } from './tui-asking.ts';
import { type Expectation, failing, PANES_ALONE, type Typed, tryKey } from './tui-press.ts';
import { shell } from './tui-shell.ts';

/** The same for every key of a binding, or what each of them does. */
type Expected = Expectation | ((key: string) => Expectation);
type Table = { readonly [Group in DialogGroup]: Readonly<Record<DialogKeyId<Group>, Expected>> };

const letters = (text: string): string => [...text].join(' ');
const CLOSE: readonly Typed[] = [['q', PANES_ALONE]];
const LEAVE: readonly Typed[] = [['esc', PANES_ALONE]];
const GIVE_UP: readonly Typed[] = [['esc', /esc again to close/], ...LEAVE];

const DIFF: Typed = ['2 g g j d', /Changes of cart: 2 files[\s\S]*▸@@ -1,7/];
const FILES: Typed = ['tab', /│ M src\/cart\.ts +\+3 -3 *│\n│ A src\/other\.ts/];
const inDiff = (shows: RegExp, ...given: readonly Typed[]): Expectation => ({
  given: [DIFF, ...given],
  shows,
  after: CLOSE,
});
const FOUND: Typed = ['/ v a l u e 4 enter', /▸ +5 .*value4 =/];

const LOGS: Typed = ['2 g g j L', /━ cw task logs cart[^\n]*\nline 0\n/];
const inLogs = (shows: RegExp, ...given: readonly Typed[]): Expectation => ({
  given: [LOGS, ...given],
  shows,
  after: CLOSE,
});

const OFFERS: Typed = ['2 g g : t a s k space s h o w space', /→ asks [\s\S]*^:task show/m];
const offered = (shows: RegExp, ...given: readonly Typed[]): Expectation => ({
  given: [OFFERS, ...given],
  shows,
  after: LEAVE,
});

const SETTINGS: Typed = [',', /▸ project /];
const MAX_AGENTS: Typed = ['/ m a x A g e n t s enter', /▸ maxAgents .* 3 [\s\S]*enter change/];
const UNSET: Typed = ['x', /1 change not saved/];
const NOTHING_STAGED: Typed = ['u', /Settings: this project \([^)]*\) ─/];
const inSettings = (shows: RegExp, ...given: readonly Typed[]): Expectation => ({
  given: [SETTINGS, ...given],
  shows,
  after: CLOSE,
});
const EDITED: Typed = ['enter', /enter take it/];
const BACK: Typed = ['esc', /enter change/];

const ANSWER: Typed = ['2 g g a', /asks asks \(1 of 2\)[\s\S]*→ 1 ids of kind 0/];
const MESSAGE: Typed = ['2 g g m', /Message to asks/];
const CONFIRM: Typed = ['2 g g x', /Cancel asks\?/];
const UNDO: Typed = ['u', /It was: add later/];
const written = (shows: RegExp, ...keys: readonly string[]): Expectation => ({
  given: [
    MESSAGE,
    [letters('one_two').replace('_', 'space'), /│ one two /],
    ...keys.map((each): Typed => [each, /│ o?ne two /]),
  ],
  probe: 'X',
  shows,
  after: GIVE_UP,
});
const LINES: Typed = [`${letters('one')} ctrl+j ${letters('two')}`, /│ one +│\n│ │ two /];

const EXPECTED: Table = {
  list: {
    down: inDiff(/▸ +1 /),
    up: inDiff(/▸@@ -1/, ['j', /▸ +1 /]),
    halfDown: inDiff(/▸ 42 /),
    halfUp: inDiff(/▸ +3 /, ['G', /▸ 45 /]),
    pageDown: inDiff(/▸ 45 /),
    pageUp: inDiff(/▸@@ -1/, ['G', /▸ 45 /]),
    first: inDiff(/▸@@ -1/, ['G', /▸ 45 /]),
    last: inDiff(/▸ 45 /),
  },
  reading: {
    rowDown: inLogs(/━ cw task logs[^\n]*\nline 1\n/),
    pageDown: inLogs(/━ cw task logs[^\n]*\nline 27\n/),
    search: { given: [LOGS], shows: /^\/$/m, after: [['esc', /q close/], ...CLOSE] },
    next: inLogs(/━ cw task logs[^\n]*\nline 17\n/, [
      '/ 7 enter',
      /━ cw task logs[^\n]*\nline 7\n[\s\S]*q close/,
    ]),
    previous: inLogs(/━ cw task logs[^\n]*\nline 7\n/, ['/ 7 enter n', /━ cw task logs[^\n]*\nline 17\n/]),
    close: { given: [LOGS], shows: PANES_ALONE },
  },
  palette: {
    run: { given: [OFFERS, ['tab', /^:task show asks /m]], shows: /━ cw task show asks/, after: CLOSE },
    complete: offered(/^:task show asks /m),
    up: offered(/→ asks /, ['down', /→ cart /]),
    down: offered(/→ cart /),
    pageUp: offered(/→ asks /, ['down', /→ cart /]),
    pageDown: offered(/^→ (?!asks)/m),
    close: { given: [OFFERS], shows: PANES_ALONE },
  },
  diff: {
    nextFile: inDiff(/A src\/other\.ts .*\(2 of 2\)/),
    previousFile: inDiff(/M src\/cart\.ts .*\(1 of 2\)/, [']', /\(2 of 2\)/]),
    nextHunk: inDiff(/▸@@ -38/),
    previousHunk: inDiff(/▸@@ -1,7/, ['}', /▸@@ -38/]),
    files: inDiff(FILES[1]),
    look: inDiff(/\(1 of 2\)/, FILES),
    right: inDiff(/1 {3}onst value0/),
    left: inDiff(/1 {3}export const value0/, ['l', /1 {3}onst value0/]),
    sides: inDiff(/1 {3}1 {3}export const value0/),
    spaces: inDiff(/those of spaces alone hidden/),
    search: { given: [DIFF], shows: /^│ \/ /m, after: [['esc', /\(1 of 2\)/], ...CLOSE] },
    next: inDiff(/▸ 41 /, FOUND),
    previous: inDiff(/▸ +5 /, FOUND, ['n', /▸ 41 /]),
    comment: { given: [DIFF], shows: /Comment on src\/cart\.ts/, after: [['esc', /▸@@/], ...CLOSE] },
    approve: { given: [DIFF], shows: /Approve cart/, after: [['esc', /▸@@/], ...CLOSE] },
    reject: { given: [DIFF], shows: /Send cart back/, after: [['esc', /▸@@/], ...CLOSE] },
    leave: { given: [DIFF], shows: PANES_ALONE },
    close: { given: [DIFF], shows: PANES_ALONE },
  },
  settings: {
    change: { given: [SETTINGS], shows: /enter take it/, after: [BACK, ...CLOSE] },
    file: inSettings(/Settings: all of your projects/),
    nextSection: inSettings(/▸ providers\./),
    previousSection: inSettings(/▸ project /, [']', /▸ providers\./]),
    find: { given: [SETTINGS], shows: /Find: +│/, after: [BACK, ...CLOSE] },
    unset: { given: [SETTINGS, MAX_AGENTS], shows: UNSET[1], after: [NOTHING_STAGED, ...CLOSE] },
    takeBack: inSettings(NOTHING_STAGED[1], MAX_AGENTS, UNSET),
    create: {
      given: [SETTINGS, [']', /▸ providers\./]],
      shows: /Name of the new one below providers/,
      after: [BACK, ...CLOSE],
    },
    save: {
      given: [SETTINGS, MAX_AGENTS, UNSET],
      shows: /This would be written/,
      after: [BACK, NOTHING_STAGED, ...CLOSE],
    },
    leave: inSettings(/verify/, MAX_AGENTS),
    close: { given: [SETTINGS], shows: PANES_ALONE },
  },
  value: {
    take: {
      given: [SETTINGS, MAX_AGENTS, EDITED, ['ctrl+u 8', /✓ valid/]],
      shows: /1 change not saved/,
      after: [NOTHING_STAGED, ...CLOSE],
    },
    editor: { given: [SETTINGS, EDITED], shows: /│ from the editor /, after: [BACK, ...CLOSE] },
    json: {
      given: [
        SETTINGS,
        [`/ ${letters('codex.env')} enter`, /▸ providers\.codex\.env/],
        ['enter', /from the editor/],
      ],
      shows: /from the editor[\s\S]*from the editor/,
      after: [BACK, ...CLOSE],
    },
    leave: { ...inSettings(/enter change/, EDITED) },
  },
  preview: {
    leave: {
      given: [SETTINGS, MAX_AGENTS, UNSET, ['s', /This would be written/]],
      shows: /1 change not saved[\s\S]*enter change/,
      after: [NOTHING_STAGED, ...CLOSE],
    },
    write: (key) => ({
      given: [
        SETTINGS,
        [`/ ${letters('maxAgents')} enter`, /▸ maxAgents [\s\S]*enter change/],
        EDITED,
        [`ctrl+u ${key === 'enter' ? 7 : 8}`, /✓ valid/],
        ['enter s', /This would be written/],
      ],
      shows: /Wrote .*config\.json/,
      after: CLOSE,
    }),
  },
  form: {
    send: { given: [MESSAGE, ['h i', /│ hi /]], shows: /Sent to asks/, after: [['2', PANES_ALONE]] },
    next: { given: [ANSWER], probe: 'Z', shows: /│ │ Z /, after: GIVE_UP },
    previous: { given: [ANSWER], probe: 'Z', shows: /│ │ Z /, after: GIVE_UP },
    editor: { given: [MESSAGE], shows: /│ from the editor /, after: GIVE_UP },
    scrollDown: { given: [UNDO], shows: /(step 1[0-9][\s\S]*){10}/, after: LEAVE },
    scrollUp: { given: [UNDO, ['pgdn', /(step 1[0-9][\s\S]*){10}/]], shows: UNDO[1], after: LEAVE },
    nextQuestion: { given: [ANSWER], shows: /\(2 of 2\)/, after: LEAVE },
    withdraw: { given: [ANSWER], shows: /Withdraw the question of asks/, after: LEAVE },
    otherVerdict: { given: [['2 g g j A', /Approve cart/]], shows: /Send cart back/, after: LEAVE },
    close: { given: [MESSAGE], shows: PANES_ALONE },
  },
  choice: {
    next: { given: [ANSWER], shows: /→ 2 /, after: LEAVE },
    previous: { given: [ANSWER, ['j', /→ 2 /]], shows: /→ 1 /, after: LEAVE },
    number: (key) => ({
      given: [ANSWER, key === '1' ? ['9', /→ 9 /] : ['1', /→ 1 /]],
      shows: new RegExp(`→ ${key} `),
      after: LEAVE,
    }),
    editor: { given: [ANSWER], shows: /│ from the editor /, after: GIVE_UP },
  },
  searching: {
    take: { given: [['2 / a s k', /^\/ask$/m]], shows: /q leave +\/ask *$/m, after: LEAVE },
    leave: { given: [['2 / a s k', /^\/ask$/m]], shows: PANES_ALONE },
  },
  writing: {
    left: written(/│ one twXo /),
    right: written(/│ oXne two /, 'ctrl+a'),
    wordLeft: written(/│ one Xtwo /),
    wordRight: written(/│ oneX two /, 'ctrl+a'),
    start: written(/│ Xone two /),
    end: written(/│ one twoX /, 'ctrl+a'),
    lineUp: { given: [MESSAGE, LINES], probe: 'X', shows: /│ oneX /, after: GIVE_UP },
    lineDown: { given: [MESSAGE, LINES, ['up', /│ one /]], probe: 'X', shows: /│ twoX /, after: GIVE_UP },
    newLine: written(/│ one two +│\n│ │ X /),
    erase: written(/│ one twX /),
    eraseNext: written(/│ Xne two /, 'ctrl+a'),
    eraseWord: written(/│ one X /),
    eraseNextWord: written(/│ X two /, 'ctrl+a'),
    eraseToStart: written(/│ │ X /),
    eraseToEnd: written(/│ │ X /, 'ctrl+a'),
  },
  confirm: {
    no: { given: [CONFIRM], shows: PANES_ALONE },
    scrollDown: { given: [UNDO], shows: /(step 1[0-9][\s\S]*){10}/, after: LEAVE },
    scrollUp: { given: [UNDO, ['pgdn', /(step 1[0-9][\s\S]*){10}/]], shows: UNDO[1], after: LEAVE },
    yes: { given: [CONFIRM], shows: /Cancelled|cancelled/ },
  },
};

test('S3-43 every key of every dialog does what it says', async () => {
  await using project = await askingProject();
  await using _running = await untilAsked(project);
  const prompt = Array.from({ length: 40 }, (_, at) => `step ${at}`).join('\n');
  await project.cw(['task', 'add', 'Later', '-d', 'cart', '-p', prompt]);
  const size = { width: 100, height: 30 };
  await using terminal = await shell(project, { size, env: { EDITOR: editorOf(project) } });
  terminal.command('cw tui');
  await terminal.until(/later[\s\S]*q leave *$/m);
  for (const [group, ids] of Object.entries(EXPECTED) as [DialogGroup, Record<string, Expected>][]) {
    const bindings: Readonly<Record<string, DialogKey>> = DIALOG_KEYS[group];
    for (const [id, expected] of Object.entries(ids)) {
      for (const key of bindings[id]?.keys ?? []) {
        const expectation = typeof expected === 'function' ? expected(key) : expected;
        await tryKey(terminal, key, expectation).catch(failing(key, `${group}.${id}`));
      }
    }
  }
});
