import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { KEYS, type KeyId } from '../../src/surfaces/tui/keys.ts';
import type { RunningCw } from '../support/installed-cw.ts';
import { type E2eProject, makeProject } from './project.ts';
import type { Action } from './scripted-agent.ts';
import { shell } from './tui-shell.ts';

const lines = (count: number): readonly Action[] => [
  { print: Array.from({ length: count }, (_, at) => `line ${at}`).join('\n') },
];

/** Something of everything: an agent at work, a question, an approval, a failure, and much that waits. */
async function busyProject(): Promise<E2eProject> {
  const waiting = Array.from({ length: 60 }, (_, at) => ({
    id: `t${at}`,
    prompt: 'Later.',
    depends_on: ['one'],
  }));
  return await makeProject({
    roadmap: {
      version: 1,
      plans: [
        {
          id: 'cart',
          title: 'Cart',
          tasks: [
            { id: 'one', prompt: 'Do one.' },
            { id: 'asks', prompt: 'Ask.' },
            { id: 'broken', prompt: 'Break.', max_attempts: 1 },
            { id: 'checked', prompt: 'Do it.', approve: true },
          ],
        },
      ],
      tasks: waiting,
    },
    script: {
      one: [[...lines(100), { waitFor: 'go' }, { write: 'one.txt', text: '1\n' }]],
      asks: [[{ result: { status: 'questions', questions: [{ id: 'q1', question: 'Which database?' }] } }]],
      broken: [[{ exit: 7 }]],
      checked: [[{ write: 'checked.txt', text: 'x\n' }, { result: { status: 'done', summary: 'checked' } }]],
    },
    config: { retry: { maxAttempts: 1 } },
  });
}

/** Works on it without a terminal until everything stands as the tests want it. */
async function atWork(project: E2eProject): Promise<RunningCw> {
  const running = await project.start(['run', '--json', '--watch']);
  const events = [
    /"type":"agent.output".*line 39/,
    /"type":"task.asked".*Which database/,
    /"type":"task.failed".*broken|broken.*"type":"task.failed"/,
    /approve-1/,
  ];
  for (const event of events) await running.line((line) => event.test(line));
  return running;
}

test('S3-03 S3-41 S3-42 S3-44 S3-45 cw run on a terminal shows agents, plan, events and merges at every size, and then its result', async () => {
  await using project = await makeProject({
    roadmap: {
      version: 1,
      tasks: [
        ...['one', 'two', 'three'].map((id) => ({ id, prompt: `Do ${id}.` })),
        { id: 'four', prompt: 'Do four.', depends_on: ['one'] },
      ],
    },
    script: Object.fromEntries(
      ['one', 'two', 'three', 'four'].map((id) => [
        id,
        [
          [
            { print: `here is ${id}` },
            { waitFor: id === 'one' ? 'one' : 'others' },
            { write: `${id}.txt`, text: 'x\n' },
            { result: { status: 'done', summary: id } },
          ],
        ],
      ]),
    ),
  });
  await using terminal = await shell(project, { size: { width: 200, height: 60 } });
  terminal.command('cw run; echo "code=$?"');
  const all = await terminal.until((screen) =>
    ['one', 'two', 'three'].every((id) => screen.includes(`here is ${id}`)),
  );
  for (const id of ['one', 'two', 'three'])
    assert.match(all, new RegExp(`▶ working {2}${id} {2}coder/scripted`));
  assert.match(all, /2 Plan 0\/4[\s\S]*▶ one +running[\s\S]*· four +waiting/);
  assert.match(all, /4 Events[\s\S]*one work by coder/);
  project.allow('one');
  await terminal.until(/here is four/);
  await terminal.until(/5 Merges[\s\S]*✓ merged one/);
  await terminal.until(/✓ one +done/);
  terminal.resize(80, 24);
  const small = await terminal.until(/\[1 Agents 4\] {2}2 Plan 1\/4/);
  assert.match(small, /▶ working {2}four/);
  terminal.resize(300, 100);
  await terminal.until((screen) => /1 Agents[\s\S]*4 Events/.test(screen) && screen.includes('here is two'));
  terminal.resize(80, 24);
  project.allow('others');
  await terminal.until(/Ended after \d+s: 4 of 4 tasks done, \$0\.00\. {2}q leaves/);
  terminal.press('q');
  const left = await terminal.until(/code=0/);
  assert.match(left, /Merged into cw\/integration:\n {2}one/);
  terminal.command('echo "the $((40 + 2)) is seen"');
  await terminal.until(/the 42 is seen/);
});

/** What to type before, and what the key must bring; keys of dialogs are closed with Escape afterwards. */
interface Expectation {
  readonly first: readonly string[];
  /** What must be there before the key is pressed. */
  readonly before?: RegExp;
  readonly shows: RegExp;
  readonly after?: readonly string[];
}

const atTop = ['2', 'g', 'g'];
const onTask = (rows: number): readonly string[] => [...atTop, ...Array.from({ length: rows }, () => 'j')];
const dialog = (first: readonly string[], shows: RegExp): Expectation => ({ first, shows, after: ['esc'] });

const EXPECTED: Readonly<Record<Exclude<KeyId, 'quit' | 'interrupt' | 'suspend'>, Expectation>> = {
  'pane.agents': { first: ['2'], shows: /\[1 Agents/ },
  'pane.plan': { first: ['1'], shows: /\[2 Plan/ },
  'pane.inbox': { first: ['1'], shows: /\[3 Inbox/ },
  'pane.events': { first: ['1'], shows: /\[4 Events/ },
  'pane.merges': { first: ['1'], shows: /\[5 Merges/ },
  'focus.next': { first: ['5'], shows: /\[1 Agents/ },
  'focus.previous': { first: ['3'], shows: /\[2 Plan/ },
  'focus.left': { first: ['3'], shows: /\[2 Plan/ },
  'focus.right': { first: ['3'], shows: /\[4 Events/ },
  'focus.down': { first: ['1', 'ctrl+w', 'k'], shows: /━ [^│\n]*broken/ },
  'focus.up': { first: ['1', 'ctrl+w', 'j'], shows: /━ [^│\n]*one/ },
  'plan.fold': { first: atTop, shows: /→▸ plan cart/, after: ['l'] },
  'plan.unfold': { first: [...atTop, 'h'], shows: /→▾ plan cart/ },
  'side.left': { first: ['4'], shows: /\[3 Inbox/ },
  'side.right': { first: ['4'], shows: /\[5 Merges/ },
  'move.down': { first: atTop, shows: /→ +▶ one/ },
  'move.up': { first: onTask(2), shows: /→ +▶ one/ },
  'move.halfDown': { first: atTop, shows: /→· t5/ },
  'move.halfUp': { first: ['2', 'G'], shows: /→· t49/ },
  'move.pageDown': { first: atTop, shows: /→· t16/ },
  'move.pageUp': { first: ['2', 'G'], shows: /→· t38/ },
  'move.top': { first: ['2', 'G'], shows: /→▾ plan cart/ },
  'move.bottom': { first: atTop, shows: /→· t59/ },
  zoom: { first: ['2'], shows: /zoomed \(z\)/, after: ['z'] },
  'open.agent': { first: ['1'], shows: /zoomed \(z\)/, after: ['z'] },
  'plan.toggle': { first: ['1'], shows: /\[2 Graph \d+\/64, critical path 2\]/, after: ['t'] },
  'events.all': { first: ['4'], shows: /\[4 Events \(all\)\]/, after: ['v'] },
  'task.show': dialog(onTask(1), /━ cw task show one/),
  'task.logs': dialog(onTask(1), /━ cw task logs one/),
  'task.history': dialog(onTask(1), /━ cw agent history one/),
  'task.open': dialog(onTask(1), /━ cw task show one/),
  palette: dialog(['1'], /━ Command/),
  help: dialog(['1'], /━ Keys/),
  redraw: { first: ['2'], shows: /\[2 Plan/ },
  search: { first: ['1'], shows: /^\/$/m, after: ['esc'] },
  'search.next': { first: [...atTop, '/', 't', '1', 'enter'], shows: /→· t10/, after: ['esc'] },
  'search.previous': { first: [...atTop, '/', 't', '1', 'enter', 'n'], shows: /→· t1 /, after: ['esc'] },
  'search.clear': { first: ['2', 'z'], before: /zoomed \(z\)/, shows: /\[2 Plan 0\/64\].*Merges *$/m },
  'inbox.open': dialog(['3', 'g', 'g'], /╭─ asks asks/),
  'task.diff': dialog(onTask(4), /checked\.txt/),
  settings: dialog(['1'], /[Ss]ettings/),
  'task.answer': dialog(onTask(2), /╭─ asks asks/),
  'task.approve': dialog(onTask(4), /╭─ Approve checked/),
  'task.reject': dialog(onTask(4), /╭─ Send checked back/),
  'task.comment': dialog(onTask(4), /╭─ Comment on checked/),
  'task.message': dialog(onTask(1), /╭─ Message to one/),
  'task.retry': dialog(onTask(3), /╭─ Try broken again\?/),
  'task.cancel': dialog(onTask(1), /╭─ Cancel one\?/),
  'task.edit': dialog(onTask(1), /╭─ Edit one/),
  'task.add': dialog(['1'], /╭─ Add a task/),
  'roadmap.take': dialog(['1'], /╭─ .*roadmap/),
  'roadmap.undo': dialog(['1'], /╭─ Undo the latest edit/),
  'account.resume': dialog(['1'], /╭─ Let a provider take work/),
  'orchestrator.stop': dialog(['1'], /╭─ Let an orchestrator end/),
  deliver: dialog(['1'], /╭─ Deliver/),
};

test('S3-43 every key of the table does what it says, in a terminal of 80 by 24', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project);
  terminal.command('cw tui; echo "code=$?"');
  await terminal.until(/\[1 Agents 4\]/);
  for (const [id, { first, before = /./, shows, after = [] }] of Object.entries(EXPECTED)) {
    for (const keys of KEYS[id as KeyId].keys) {
      await terminal.until(/q leave *$/m);
      terminal.keys(...first);
      await terminal.until(before);
      terminal.keys(...keys.split(' '));
      await terminal.until(shows).catch((error: unknown) => {
        throw new Error(`${keys} (${id})`, { cause: error });
      });
      terminal.keys(...after);
    }
  }
  await terminal.until(/q leave *$/m);
  terminal.keys(...KEYS.suspend.keys);
  await terminal.until((screen) => !screen.includes('[1 Agents') && /[Ss]topped|\$ $/m.test(screen));
  terminal.command('echo "meanwhile $((1 + 1))"');
  await terminal.until(/meanwhile 2/);
  terminal.command('fg; echo "code=$?"');
  await terminal.until(/\[1 Agents 4\]/);
  for (const key of [...KEYS.quit.keys, ...KEYS.interrupt.keys]) {
    terminal.keys(key);
    await terminal.until(/code=0/);
    terminal.command('clear; cw tui; echo "code=$?"');
    await terminal.until(/\[1 Agents 4\]/);
  }
  terminal.keys('q');
});

test('S3-43 a click gives the focus, the wheel scrolls, and the palette carries commands out', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project, { size: { width: 140, height: 40 } });
  terminal.command('cw tui');
  await terminal.until(/line 99/);
  terminal.mouse('press', { x: 4, y: 4 });
  await terminal.until(/━ 2 Plan/);
  terminal.mouse('wheel-up', { x: 60, y: 6 });
  await terminal.until(/scrolled/);
  terminal.type(':retbrok');
  await terminal.until(/━ Command/);
  terminal.keys('ctrl+u');
  terminal.type('task retry brok');
  await terminal.until(/→ broken/);
  terminal.keys('tab', 'enter');
  await terminal.until(/━ cw task retry broken[\s\S]*broken/);
  const retried = await project.events('--type', 'task.reset');
  assert.deepEqual(
    retried.map(({ task }) => task),
    ['broken'],
  );
  terminal.keys('q', ':');
  terminal.type('serve');
  terminal.keys('enter');
  await terminal.until(/needs a terminal of its own[\s\S]*run it in a shell: cw serve/);
});

test('S3-44 every state has a sign without colours, and other colours on a light ground', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  const seen = async (env: Readonly<Record<string, string>>, flags = ''): Promise<string> => {
    await using terminal = await shell(project, { size: { width: 160, height: 40 }, env });
    terminal.command(`cw ${flags} tui`);
    const screen = await terminal.until(/line 99/);
    assert.match(screen, /▶ working {2}one[\s\S]*\? waits for you {2}asks[\s\S]*✗ failed {2}broken/);
    return terminal.coloured();
  };
  const dark = await seen({ COLORFGBG: '15;0' });
  const light = await seen({ COLORFGBG: '0;15' });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences that set colours.
  const colours = /\u001b\[[\d;]*(3[0-7]|38;5;\d+|9[0-7])m/;
  assert.match(dark, colours);
  assert.match(light, colours);
  assert.notEqual(dark, light);
  for (const plain of [await seen({ NO_COLOR: '1' }), await seen({}, '--no-color')]) {
    assert.doesNotMatch(plain, colours);
  }
  const ascii = await shell(project, { env: { LANG: 'C', LC_ALL: 'C' }, size: { width: 160, height: 40 } });
  await using terminal = ascii;
  terminal.command('cw tui');
  await terminal.until(/> working {2}one[\s\S]*x failed {2}broken/);
});

test('S3-42 what agents print keeps its colours and moves nothing: no title, no clipboard, no other screen', async () => {
  const evil =
    '\u001b]0;owned\u0007\u001b]52;c;b3duZWQ=\u0007\u001b[2J\u001b[1;1Hmoved\u001b[?1049l\u001bc\u001b[31mred\u001b[0m';
  await using project = await makeProject({
    roadmap: { version: 1, tasks: [{ id: 'one', prompt: 'Do one.' }] },
    script: { one: [[{ print: evil }, { print: 'the end' }, { waitFor: 'go' }]] },
  });
  await using terminal = await shell(project, { size: { width: 120, height: 32 } });
  const title = terminal.known('#{pane_title}');
  terminal.command('cw run');
  const screen = await terminal.until(/the end/);
  assert.match(screen, /^ cw {2}.*\n─ 2 Plan/);
  assert.match(screen, /moved.*red/);
  assert.equal(terminal.known('#{pane_title}'), title);
  assert.equal(terminal.known('#{alternate_on}'), '1');
});

test('S3-03 SIGTERM gives the terminal back, and a run that is killed comes back with its face', async () => {
  await using project = await busyProject();
  await using terminal = await shell(project, { size: { width: 140, height: 40 } });
  terminal.command('cw tui & echo "pid=$!" > pid; fg; echo "code=$?"');
  await terminal.until(/Nobody is at work/);
  const pid = Number(/pid=(\d+)/.exec(readFileSync(join(project.repo.root, 'pid'), 'utf8'))?.[1]);
  process.kill(pid, 'SIGTERM');
  await terminal.until(/code=130/);
  terminal.command('clear; cw run; echo "ended=$?"');
  await terminal.until(/line 99/);
  const [orchestrator] = JSON.parse((await project.cw(['orchestrators', '--json'])).stdout) as {
    pid: number;
  }[];
  process.kill(orchestrator?.pid ?? 0, 'SIGKILL');
  await terminal.until(/line 99[\s\S]*one resumed on cw\/one, attempt 2/);
  terminal.keys('ctrl+c');
  await terminal.until(/ended=130/);
  terminal.command('echo "the $((40 + 2)) is seen"');
  await terminal.until(/the 42 is seen/);
});

test('S3-03 cw run prints lines with --plain, and where CI says that nobody sits at the terminal', async () => {
  await using project = await makeProject({
    roadmap: { version: 1, tasks: ['one', 'two'].map((id) => ({ id, prompt: `Do ${id}.` })) },
    script: Object.fromEntries(
      ['one', 'two'].map((id) => [id, [[{ result: { status: 'done', summary: id } }]]]),
    ),
  });
  for (const { env, line, task } of [
    { env: {}, line: 'cw run --plain --only one', task: 'one' },
    { env: { CI: 'true' }, line: 'cw run', task: 'two' },
  ]) {
    await using terminal = await shell(project, { env, size: { width: 120, height: 40 } });
    terminal.command(`${line}; echo "code=$?"`);
    assert.match(await terminal.until(/code=0/), new RegExp(`\\d ${task} (done|work)`));
    assert.equal(terminal.known('#{alternate_on}'), '0');
  }
});

test('cw tui without a terminal says so, and what else to use', async () => {
  await using project = await makeProject({ roadmap: { version: 1, tasks: [] } });
  const { code, stderr } = await project.cw(['tui']);
  assert.equal(code, 2);
  assert.match(stderr, /error: cw tui needs a terminal[^\n]*\nhelp: cw status/);
});
