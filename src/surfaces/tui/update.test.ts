import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aTask } from '../../../test/support/cli-records.ts';
import { anApp, atWork, aView, inPlan, key, lines, press, send } from '../../../test/support/tui.ts';
import type { App, Message } from './app.ts';
import { focusedAgent } from './panes/agents.ts';
import { selectedRow } from './panes/panes.ts';
import { update } from './update.ts';

const WIDE = { width: 160, height: 40 };
const agents = (...ids: readonly string[]) => aView({ tasks: ids.map((id, order) => atWork(id, { order })) });
const where = (app: App): string =>
  app.ui.focus === 'agents' ? `agents:${focusedAgent(app)?.task ?? ''}` : app.ui.focus;

test('S3-43 Ctrl-w with h, j, k and l moves the focus to what stands there, agents and panes alike', () => {
  const app = anApp({ view: agents('a', 'b', 'c', 'd'), size: WIDE });
  const ways: readonly (readonly [keys: string, focus: string])[] = [
    ['ctrl+w l', 'agents:b'],
    ['ctrl+w j', 'agents:c'],
    ['ctrl+w l ctrl+w j', 'agents:d'],
    ['ctrl+w j ctrl+w j', 'events'],
    ['ctrl+w h', 'plan'],
    ['ctrl+w h ctrl+w j', 'inbox'],
    ['ctrl+w h ctrl+w j ctrl+w j', 'merges'],
    ['ctrl+w h ctrl+w l', 'agents:a'],
    ['ctrl+w k', 'agents:a'],
  ];
  for (const [keys, focus] of ways) assert.equal(where(press(app, keys)), focus, keys);
});

test('S3-43 h and l go sideways, Tab goes through everything, and digits go straight there', () => {
  const app = anApp({ view: agents('a', 'b'), size: WIDE });
  assert.equal(where(press(app, 'l')), 'agents:b');
  assert.equal(where(press(app, 'h')), 'plan');
  assert.deepEqual(
    ['tab', 'tab tab', 'tab tab tab', 'shift+tab'].map((keys) => where(press(app, keys))),
    ['agents:b', 'plan', 'inbox', 'merges'],
  );
  assert.deepEqual(
    ['1', '2', '3', '4', '5'].map((keys) => where(press(app, keys))),
    ['agents:a', 'plan', 'inbox', 'events', 'merges'],
  );
});

test('on one column h and l go to the pane before and the next one', () => {
  const app = anApp({ view: agents('a') });
  assert.equal(where(press(app, 'l')), 'plan');
  assert.equal(where(press(app, '3 h')), 'plan');
});

test('j, k, g g and G select rows, and the selection stays on its task when others come before it', () => {
  const tasks = Array.from({ length: 50 }, (_, at) => aTask(`t${at}`, { order: at }));
  const app = anApp({ view: aView({ tasks }) });
  assert.equal(selectedRow(press(app, '2 j j k'), 'plan')?.task, 't1');
  assert.equal(selectedRow(press(app, '2 G'), 'plan')?.task, 't49');
  assert.equal(selectedRow(press(app, '2 G g g'), 'plan')?.task, 't0');
  const later = aView({ tasks: [aTask('new', { order: -1 }), ...tasks] });
  const after = send(press(app, '2 j'), { kind: 'view', view: later });
  assert.equal(selectedRow(after, 'plan')?.task, 't1');
  assert.equal(selectedRow(send(after, { kind: 'view', view: aView({ tasks: [] }) }), 'plan'), undefined);
});

test('half a screen and a whole one move the selection so far', () => {
  const tasks = Array.from({ length: 100 }, (_, at) => aTask(`t${at}`, { order: at }));
  const app = press(anApp({ view: aView({ tasks }) }), '2');
  assert.equal(selectedRow(press(app, 'ctrl+d'), 'plan')?.task, 't10');
  assert.equal(selectedRow(press(app, 'ctrl+f'), 'plan')?.task, 't21');
  assert.equal(selectedRow(press(app, 'ctrl+f ctrl+u'), 'plan')?.task, 't11');
  assert.equal(selectedRow(press(app, 'ctrl+f ctrl+b'), 'plan')?.task, 't0');
});

test('h folds a part and goes up to it, l unfolds it and goes down into it', () => {
  const outline = [{ kind: 'plan', id: 'cart', title: 'Cart', parts: [] }] as const;
  const tasks = [inPlan(aTask('model'), { plan: 'cart' }), aTask('other', { order: 1 })];
  const app = press(anApp({ view: aView({ outline, tasks }) }), '2 j');
  assert.equal(selectedRow(app, 'plan')?.task, 'model');
  const up = press(app, 'h');
  assert.equal(selectedRow(up, 'plan')?.key, 'plan:cart');
  const folded = press(up, 'h');
  assert.doesNotMatch(lines(folded).join('\n'), /model/);
  assert.match(lines(press(folded, 'l')).join('\n'), /model/);
  assert.equal(selectedRow(press(folded, 'l l'), 'plan')?.task, 'model');
});

test('S3-42 an agent’s output is followed until somebody scrolls up, and again from its end', () => {
  const printed = { a: Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('') };
  const app = anApp({ view: agents('a'), printed });
  assert.match(lines(app).join('\n'), /line 99/);
  const up = press(app, 'ctrl+b');
  assert.doesNotMatch(lines(up).join('\n'), /line 99/);
  assert.match(lines(up).join('\n'), /scrolled/);
  app.outputs.of('a')?.write('line 100\n');
  assert.doesNotMatch(lines(up).join('\n'), /line 100/);
  assert.match(lines(press(up, 'G')).join('\n'), /line 100/);
  assert.match(lines(press(app, 'g g')).join('\n'), /line 0\b/);
});

test('the top of an output asks for what was printed before', () => {
  const printed = { a: 'line\n'.repeat(60) };
  const { effects } = update(press(anApp({ view: agents('a'), printed }), 'g'), key('g'));
  assert.deepEqual(effects, [{ kind: 'older', task: 'a' }]);
});

test('/ searches as it is typed, n and N go on, esc ends it', () => {
  const printed = { a: Array.from({ length: 100 }, (_, at) => `line ${at}\n`).join('') };
  const app = press(anApp({ view: agents('a'), printed }), '/ l i n e space 4 2');
  assert.match(lines(app)[3] ?? '', /^line 42$/);
  assert.match(lines(app).at(-1) ?? '', /^\/line 42$/);
  assert.match(lines(press(app, 'enter n'))[3] ?? '', /^line 42$/);
  const four = press(anApp({ view: agents('a'), printed }), 'g g / 4 enter n');
  assert.match(lines(four)[3] ?? '', /^line 14$/);
  assert.match(lines(press(four, 'N'))[3] ?? '', /^line 4$/);
  assert.equal(press(four, 'esc').ui.search, undefined);
  assert.match(lines(press(app, 'x')).at(-1) ?? '', /line 42x/);
});

test('/ in a list selects the next row that holds it', () => {
  const tasks = Array.from({ length: 50 }, (_, at) => aTask(`t${at}`, { order: at }));
  const app = press(anApp({ view: aView({ tasks }) }), '2 / t 3 7 enter');
  assert.equal(selectedRow(app, 'plan')?.task, 't37');
  assert.match(lines(press(anApp(), '2 n')).at(-1) ?? '', /Nothing was searched for/);
});

test('z gives one agent the whole screen, and back', () => {
  const app = press(anApp({ view: agents('a', 'b'), size: WIDE }), 'l z');
  assert.doesNotMatch(lines(app).slice(2).join('\n'), /working {2}a/);
  assert.match(lines(app)[2] ?? '', /working {2}b/);
  assert.match(lines(press(app, 'z')).join('\n'), /working {2}a/);
  assert.match(lines(press(app, 'esc')).join('\n'), /working {2}a/);
});

test('a click gives the focus and selects, the wheel scrolls what it is over', () => {
  const tasks = Array.from({ length: 50 }, (_, at) => aTask(`t${at}`, { order: at }));
  const app = anApp({ view: aView({ tasks }), size: WIDE });
  const clicked = send(app, { kind: 'mouse', action: 'press', x: 5, y: 6 });
  assert.deepEqual([clicked.ui.focus, selectedRow(clicked, 'plan')?.task], ['plan', 't4']);
  const wheeled = send(app, { kind: 'mouse', action: 'wheel-down', x: 5, y: 6 });
  assert.deepEqual([wheeled.ui.focus, selectedRow(wheeled, 'plan')?.task], ['agents', 't3']);
  const tab = send(anApp({ view: aView({ tasks }) }), { kind: 'mouse', action: 'press', x: 16, y: 1 });
  assert.equal(tab.ui.focus, 'plan');
});

test('a key for a task acts on the one that is looked at, and says when there is none', () => {
  const retry = update(press(anApp({ view: aView({ tasks: [aTask('one')] }) }), '2'), key('i'));
  assert.deepEqual(retry.effects, [
    { kind: 'command', name: 'command.output', argv: ['task', 'show', 'one'], width: 79 },
  ]);
  assert.match(lines(press(anApp(), 'i')).at(-1) ?? '', /No task is selected/);
});

test('q leaves; in a run that it is meant to stop it stops it first, and so does Ctrl-c in every run', () => {
  const effectsOf = (app: App, name: string) => update(app, key(name)).effects.map(({ kind }) => kind);
  assert.deepEqual(effectsOf(anApp(), 'q'), ['quit']);
  assert.deepEqual(effectsOf(anApp(), 'ctrl+c'), ['quit']);
  const run = anApp({ run: { kind: 'running', quitStops: false } });
  assert.deepEqual([effectsOf(run, 'q'), effectsOf(run, 'ctrl+c')], [['quit'], ['interrupt']]);
  const own = anApp({ run: { kind: 'running', quitStops: true } });
  assert.deepEqual([effectsOf(own, 'q'), effectsOf(own, 'ctrl+c')], [['interrupt'], ['interrupt']]);
  const ended = send(own, { kind: 'ended', text: 'done' });
  assert.deepEqual(effectsOf(ended, 'q'), ['quit']);
});

test('the palette finds a command by a few of its letters, completes ids, and shows what it says', () => {
  const app = anApp({ view: aView({ tasks: [aTask('cart-model'), aTask('cart-page', { order: 1 })] }) });
  const typed = press(app, ': t s h');
  assert.match(lines(typed).join('\n'), /→ task show <id>/);
  const completed = press(typed, 'tab');
  assert.match(lines(completed).join('\n'), /→ cart-model/);
  const chosen = press(completed, 'p a g e tab');
  assert.match(lines(chosen).at(-1) ?? '', /^:task show cart-page/);
  const run = update(chosen, key('enter'));
  assert.deepEqual(run.effects, [
    { kind: 'command', name: 'command.output', argv: ['task', 'show', 'cart-page'], width: 79 },
  ]);
  const value = { code: 0, text: 'cart-page  waiting\n' };
  const told = send(run.app, { kind: 'told', effect: 'command.output', result: { ok: true, value } });
  assert.match(lines(told).join('\n'), /━ cw task show cart-page[\s\S]*cart-page {2}waiting/);
  assert.equal(press(told, 'q').dialog, undefined);
});

test('? shows every key, and any other key closes it', () => {
  const app = press(anApp({ size: { width: 160, height: 50 } }), '?');
  assert.match(lines(app).join('\n'), /Ctrl-w h[\s\S]*put it back into the queue/);
  assert.equal(press(app, 'q').dialog, undefined);
});

test('S3-43 Escape and a key that came in one piece are two keys, and one with Alt only where texts have it', () => {
  const together = (name: string): Message => ({
    kind: 'key',
    key: `alt+${name}`,
    text: '',
    afterEscape: { key: name, text: name },
  });
  const tasks = Array.from({ length: 9 }, (_, at) => aTask(`t${at}`, { order: at }));
  const app = anApp({ view: aView({ tasks }) });
  const helped = press(app, '2 ?');
  assert.ok(helped.dialog);
  const closed = send(helped, together('j'));
  assert.equal(closed.dialog, undefined);
  assert.equal(selectedRow(closed, 'plan')?.task, 't1');
  const found = send(press(app, '2 / t'), together('G'));
  assert.equal(selectedRow(found, 'plan')?.task, 't8');
  assert.equal(found.ui.search, undefined);
  const written = press(app, ': t a s k');
  assert.match(lines(send(written, together('b'), key('X'))).join('\n'), /^:Xtask/m);
  assert.equal(send(written, together('x')).dialog, undefined);
});

test('Ctrl-z and Ctrl-l are taken in dialogs and while a search is typed too', () => {
  for (const keys of ['1', '?', ':', '2 /']) {
    const app = press(anApp(), keys);
    assert.deepEqual(update(app, key('ctrl+z')).effects, [{ kind: 'suspend' }], keys);
    const { app: after, effects } = update(app, key('ctrl+l'));
    assert.deepEqual(effects, [{ kind: 'redraw' }], keys);
    assert.equal(after.dialog, app.dialog);
    assert.equal(after.ui.search, app.ui.search);
  }
});

const PAUSED = { by: 'ann', reason: 'not yet', at: 0 };
const effectsOf = (app: App, name: string) => update(app, key(name)).effects;

test('p pauses a task that nobody is at and lets a paused one go on, without a question', () => {
  const tasks = [aTask('a', { order: 0 }), aTask('b', { order: 1, paused: PAUSED })];
  const app = press(anApp({ view: aView({ tasks }) }), '2');
  assert.deepEqual(effectsOf(app, 'p'), [
    { kind: 'call', name: 'toggle.pause', operation: 'pauseTasks', input: { tasks: ['a'] } },
  ]);
  assert.deepEqual(effectsOf(press(app, 'j'), 'p'), [
    { kind: 'call', name: 'toggle.resume', operation: 'resumeTasks', input: { tasks: ['b'] } },
  ]);
  const told = (results: unknown): App =>
    send(app, { kind: 'told', effect: 'toggle.pause', result: { ok: true, value: { results } } });
  assert.match(lines(told([{ kind: 'done', task: 'a' }])).at(-1) ?? '', /a is paused\. p lets it go on\./);
  const refused = told([{ kind: 'refused', task: 'a', reason: 'a is done', advice: 'add another' }]);
  assert.match(lines(refused).at(-1) ?? '', /a is done: add another/);
});

test('p asks before it stops an agent', () => {
  const app = press(anApp({ view: agents('a') }), '1 p');
  assert.match(lines(app).join('\n'), /Pause a\?/);
});

test('S3-44 who paused a task and why stands in its row, and the header says that the project is paused', () => {
  const tasks = [aTask('b', { order: 1, paused: PAUSED })];
  const view = aView({ tasks, paused: { by: 'ben', reason: '', at: 0 } });
  const app = press(anApp({ view, size: WIDE }), '2');
  const screen = lines(app).join('\n');
  assert.match(screen, /‖ b +Title of b +not yet +paused by ann/);
  assert.match(screen, /‖ 1 paused.*‖ project paused/);
  assert.match(screen, /The project is paused by ben\.[\s\S]*P lets it go on/);
  assert.deepEqual(effectsOf(app, 'P'), [
    { kind: 'call', name: 'toggle.project', operation: 'resumeProject', input: undefined },
  ]);
  const running = press(anApp({ view: agents('a') }), 'P');
  assert.match(lines(running).join('\n'), /Pause the project\?[\s\S]*1 agent at work/);
});
