import { test } from 'node:test';
import { KEYS, type KeyId } from '../../src/surfaces/tui/keys.ts';
import { atWork, busyProject } from './tui-busy.ts';
import { type Expectation, failing, PANES_ALONE, press, type Typed, tryKey } from './tui-press.ts';
import { shell } from './tui-shell.ts';

const TOP: Typed = ['2 g g', /→▾ plan cart/];
const END: Typed = ['2 G', /→· t59/];
const ROWS = ['cart', 'one', 'asks', 'broken', 'checked'] as const;

function on(task: (typeof ROWS)[number]): Typed {
  return [`2 g g${' j'.repeat(ROWS.indexOf(task))}`, new RegExp(`→ +\\S ${task} `)];
}

function dialog(given: Typed, shows: RegExp): Expectation {
  return { given: [given], shows, after: [['esc', PANES_ALONE]] };
}

const AGENTS: Typed = ['1', /\[1 Agents/];
const PLAN: Typed = ['2', /\[2 Plan/];
const ALL_TASKS = /\[2 Plan \d+\/64\]/;
const INBOX: Typed = ['3', /\[3 Inbox/];
const EVENTS: Typed = ['4', /\[4 Events\]/];

const EXPECTED: Readonly<Record<Exclude<KeyId, 'quit' | 'interrupt' | 'suspend' | 'redraw'>, Expectation>> = {
  'pane.agents': { given: [PLAN], shows: /\[1 Agents/ },
  'pane.plan': { given: [AGENTS], shows: /\[2 Plan/ },
  'pane.inbox': { given: [AGENTS], shows: /\[3 Inbox/ },
  'pane.events': { given: [AGENTS], shows: /\[4 Events/ },
  'pane.merges': { given: [AGENTS], shows: /\[5 Merges/ },
  'focus.next': { given: [['5', /\[5 Merges/]], shows: /\[1 Agents/ },
  'focus.previous': { given: [INBOX], shows: /\[2 Plan/ },
  'focus.left': { given: [INBOX], shows: /\[2 Plan/ },
  'focus.right': { given: [INBOX], shows: /\[4 Events/ },
  'focus.down': { given: [['1 ctrl+w k', /━ [^│\n]*one/]], shows: /━ [^│\n]*broken/ },
  'focus.up': { given: [['1 ctrl+w j', /━ [^│\n]*broken/]], shows: /━ [^│\n]*one/ },
  'plan.fold': { given: [TOP], shows: /→▸ plan cart/, after: [['l', /→▾ plan cart/]] },
  'plan.unfold': { given: [TOP, ['h', /→▸ plan cart/]], shows: /→▾ plan cart/ },
  'side.left': { given: [EVENTS], shows: /\[3 Inbox/ },
  'side.right': { given: [EVENTS], shows: /\[5 Merges/ },
  'move.down': { given: [TOP], shows: /→ +▶ one/ },
  'move.up': { given: [on('asks')], shows: /→ +▶ one/ },
  'move.halfDown': { given: [TOP], shows: /→· t5/ },
  'move.halfUp': { given: [END], shows: /→· t49/ },
  'move.pageDown': { given: [TOP], shows: /→· t16/ },
  'move.pageUp': { given: [END], shows: /→· t38/ },
  'move.top': { given: [END], shows: /→▾ plan cart/ },
  'move.bottom': { given: [TOP], shows: /→· t59/ },
  zoom: { given: [PLAN], shows: /zoomed \(z\)/, after: [['z', /Merges *$/m]] },
  'open.agent': { given: [AGENTS], shows: /zoomed \(z\)/, after: [['z', /Merges *$/m]] },
  'plan.toggle': {
    given: [AGENTS],
    shows: /\[2 Graph \d+\/64, critical path 2\]/,
    after: [['t', /\[2 Plan/]],
  },
  'events.all': { given: [EVENTS], shows: /\[4 Events \(all\)\]/, after: [['v', /\[4 Events\]/]] },
  'focus.needy': { given: [TOP], shows: /→ +\? asks/ },
  'plan.open': { given: [PLAN], shows: /\[2 Plan not done 64\]/, after: [['f a', ALL_TASKS]] },
  'plan.needsYou': { given: [PLAN], shows: /\[2 Plan need you 3\]/, after: [['f a', ALL_TASKS]] },
  'plan.running': { given: [PLAN], shows: /\[2 Plan running 1\]/, after: [['f a', ALL_TASKS]] },
  'plan.ready': { given: [PLAN], shows: /No task is ready\./, after: [['f a', ALL_TASKS]] },
  'plan.waiting': { given: [PLAN], shows: /\[2 Plan waiting 60\]/, after: [['f a', ALL_TASKS]] },
  'plan.failed': {
    given: [PLAN],
    shows: /\[2 Plan failed or blocked 1\]/,
    after: [['f a', ALL_TASKS]],
  },
  'plan.done': { given: [PLAN], shows: /No task is done yet\./, after: [['f a', ALL_TASKS]] },
  'plan.all': { given: [['2 f r', /\[2 Plan running 1\]/]], shows: ALL_TASKS },
  'plan.mark': {
    given: [TOP],
    shows: /\[2 Plan 0\/64, 4 marked\]/,
    after: [['esc', ALL_TASKS]],
  },
  'task.show': dialog(on('one'), /━ cw task show one/),
  'task.logs': dialog(on('one'), /━ cw task logs one/),
  'task.history': dialog(on('one'), /━ cw agent history one/),
  'task.open': dialog(on('one'), /━ cw task show one/),
  palette: dialog(AGENTS, /━ Command/),
  'command.said': {
    given: [
      [': t a s k space l i s t enter', /━ cw task list/],
      ['q', PANES_ALONE],
    ],
    shows: /━ cw task list/,
    after: [['esc', PANES_ALONE]],
  },
  help: dialog(AGENTS, /━ Keys/),
  search: { given: [AGENTS], shows: /^\/$/m, after: [['esc', PANES_ALONE]] },
  'search.next': {
    given: [TOP, ['/ t 1 enter', /→· t1 .*\/t1 *$/ms]],
    shows: /→· t10/,
    after: [['esc', PANES_ALONE]],
  },
  'search.previous': {
    given: [TOP, ['/ t 1 enter n', /→· t10 .*\/t1 *$/ms]],
    shows: /→· t1 /,
    after: [['esc', PANES_ALONE]],
  },
  'search.clear': { given: [['2 z', /zoomed \(z\)/]], shows: /\[2 Plan 0\/64\].*Merges *$/m },
  'inbox.open': dialog(['3 g g', /→\S* .*Which database/], /╭─ asks asks/),
  'task.diff': dialog(on('checked'), /Changes of checked: 1 file/),
  settings: dialog(AGENTS, /Settings: this project/),
  'task.answer': dialog(on('asks'), /╭─ asks asks/),
  'task.approve': dialog(on('checked'), /╭─ Approve checked/),
  'task.reject': dialog(on('checked'), /╭─ Send checked back/),
  'task.comment': dialog(on('checked'), /╭─ Comment on checked/),
  'task.message': dialog(on('one'), /╭─ Message to one/),
  'task.retry': dialog(on('broken'), /╭─ Try broken again\?/),
  'task.cancel': dialog(on('one'), /╭─ Cancel one\?/),
  'task.pause': dialog(on('one'), /╭─ Pause one\?/),
  'project.pause': dialog(AGENTS, /╭─ Pause the project\?/),
  'task.shell': {
    given: [on('one')],
    shows: /worktrees\/one\n *exit brings the project back/,
    after: [['e x i t enter', PANES_ALONE]],
  },
  'task.edit': dialog(on('one'), /╭─ Edit one/),
  'task.add': dialog(AGENTS, /╭─ Add a task/),
  'roadmap.take': dialog(AGENTS, /╭─ .*roadmap/),
  'roadmap.undo': dialog(AGENTS, /╭─ Undo the latest edit/),
  'account.resume': dialog(AGENTS, /╭─ Let a provider take work/),
  'orchestrator.stop': dialog(AGENTS, /╭─ Let an orchestrator end/),
  deliver: dialog(AGENTS, /╭─ Deliver/),
};

test('S3-43 every key of the table does what it says, in a terminal of 80 by 24', async () => {
  await using project = await busyProject();
  await using _running = await atWork(project);
  await using terminal = await shell(project);
  terminal.command('cw tui; echo "code=$?"');
  await terminal.until(/\[1 Agents 4\]/);
  for (const [id, expectation] of Object.entries(EXPECTED)) {
    for (const keys of KEYS[id as KeyId].keys) {
      await tryKey(terminal, keys, expectation).catch(failing(keys, id));
    }
  }
  terminal.scribble('SCRIBBLED');
  await terminal.until(/SCRIBBLED/);
  for (const key of KEYS.redraw.keys) await press(terminal, [key, /^(?![\s\S]*SCRIBBLED)[\s\S]*\[\d /]);
  terminal.keys(...KEYS.suspend.keys);
  await terminal.until((screen) => !/\[\d /.test(screen) && /[Ss]topped|\$ $/m.test(screen));
  terminal.command('echo "meanwhile $((1 + 1))"');
  await terminal.until(/meanwhile 2/);
  terminal.command('fg; echo "code=$?"');
  await terminal.until(PANES_ALONE);
  for (const key of [...KEYS.quit.keys, ...KEYS.interrupt.keys]) {
    terminal.keys(key);
    await terminal.until(/code=0/);
    terminal.command('clear; cw tui; echo "code=$?"');
    await terminal.until(/\[1 Agents 4\]/);
  }
  await press(terminal, ['q', /code=0/]);
});
