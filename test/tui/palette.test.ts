import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { App, Effect, Message } from '../../src/surfaces/tui/app.ts';
import { update } from '../../src/surfaces/tui/update.ts';
import { aTask } from '../support/cli-records.ts';
import { anApp, aView, key, lines, press, send } from '../support/tui.ts';

const TASKS = ['cart-model', 'cart-page', 'broken'].map((id, order) => aTask(id, { order }));
const app = (): App => anApp({ view: aView({ tasks: TASKS }), size: { width: 110, height: 30 } });
const text = (written: string): Message => ({ kind: 'paste', text: written });
const screen = (shown: App): string => lines(shown).join('\n');
const last = (shown: App): string => lines(shown).at(-1) ?? '';

/** The app after the keys, and what they wanted done. */
function give(from: App, ...messages: readonly Message[]): { app: App; effects: readonly Effect[] } {
  let effects: readonly Effect[] = [];
  let next = from;
  for (const message of messages) {
    const step = update(next, message);
    next = step.app;
    effects = [...effects, ...step.effects];
  }
  return { app: next, effects };
}

/** A command line given in the palette, with what it said; the palette is closed again. */
function ran(from: App, line: string, said: string): App {
  const { app: asked, effects } = give(press(from, ':'), text(line), key('enter'));
  assert.equal(effects.at(-1)?.kind, 'command', screen(asked));
  const value = { code: 0, text: said };
  const told = send(asked, { kind: 'told', effect: 'command.output', result: { ok: true, value } });
  return press(told, 'q');
}

test('lines that were given before come back with the arrows, also when the palette was closed', () => {
  const used = ran(ran(app(), 'task show broken', 'shown'), 'status', 'stands');
  const opened = press(used, ':');
  assert.match(screen(opened), /→ status +given before\n +task show broken +given before/);
  assert.match(last(press(opened, 'up')), /^:status/);
  assert.match(last(press(opened, 'up up')), /^:task show broken/);
  assert.match(last(press(opened, 'up up up')), /^:task show broken/);
  assert.match(last(press(opened, 'up up down')), /^:status/);
  assert.match(last(press(opened, 'up down')), /^: /);
  // The same line again is not listed twice, and is the newest now.
  const again = press(ran(used, 'task show broken', 'shown'), ':');
  assert.match(screen(again), /→ task show broken +given before\n +status +given before\n +\w/);
});

test('; shows what the last command said once more', () => {
  assert.match(last(press(app(), ';')), /No command was given yet/);
  const used = ran(ran(app(), 'task show broken', 'all about it'), 'status', 'how it stands');
  assert.match(screen(press(used, ';')), /━ cw status[\s\S]*how it stands/);
});

test('agents, workflows, providers and settings are asked of the project once, and offered when it has answered', () => {
  const { app: asked, effects } = give(press(app(), ':'), text('task edit broken --agent '));
  assert.deepEqual(effects, [
    { kind: 'call', name: 'palette.agent', operation: 'settings', input: undefined },
  ]);
  const settings = ['coder', 'reviewer'].map((name) => ({
    key: ['agents', name, 'provider'],
    name: `agents.${name}.provider`,
    takes: { kind: 'text' },
  }));
  const told = send(asked, {
    kind: 'told',
    effect: 'palette.agent',
    result: { ok: true, value: { settings, files: [] } },
  });
  assert.match(screen(told), /→ coder\n +reviewer/);
  const typed = give(told, text('rev'), key('tab'));
  assert.match(last(typed.app), /^:task edit broken --agent reviewer /);
  assert.deepEqual(typed.effects, []);
});

test('paths are offered directory by directory', () => {
  const first = give(press(app(), ':'), text('roadmap check '));
  assert.deepEqual(first.effects, [{ kind: 'paths', name: 'palette.file ', directory: '' }]);
  const named = (effect: string, value: readonly string[]): Message => ({
    kind: 'told',
    effect,
    result: { ok: true, value },
  });
  const inside = give(
    send(first.app, named('palette.file ', ['docs/', 'roadmap.yaml'])),
    text('do'),
    key('tab'),
  );
  assert.deepEqual(inside.effects, [{ kind: 'paths', name: 'palette.file docs/', directory: 'docs/' }]);
  assert.match(last(inside.app), /^:roadmap check docs\/ /);
  const chosen = press(send(inside.app, named('palette.file docs/', ['other.yaml'])), 'tab');
  assert.match(last(chosen), /^:roadmap check docs\/other\.yaml /);
  const unknown = send(first.app, {
    kind: 'told',
    effect: 'palette.file ',
    result: { ok: false, error: { code: 'ENOENT', message: 'no such directory', isUsage: false } },
  });
  assert.match(last(unknown), /^:roadmap check/);
});

test('a line that cannot be carried out is not: what is wrong stands beside it', () => {
  const tried = (line: string) => give(press(app(), ':'), text(line), key('enter'));
  for (const [line, said] of [
    ['task list --bogus', /task list has no option --bogus/],
    ['usage --by moon', /--by is one of task, agent/],
    ['task add', /needs <title>: what is to be done/],
    ['run', /needs a shell/],
    ['events -f', /-f needs a shell|--follow needs a shell/],
  ] as const) {
    const { app: after, effects } = tried(line);
    assert.deepEqual(effects, [], line);
    assert.match(last(after), said, line);
  }
  assert.equal(tried('task show broken').effects.at(-1)?.kind, 'command');
});

test('Enter on an empty line carries nothing out', () => {
  const used = ran(app(), 'status', 'stands');
  for (const from of [app(), used]) assert.deepEqual(give(press(from, ':'), key('enter')).effects, []);
});

test('what a command still needs is taken from the list with Enter, the task that is looked at first', () => {
  const opened = press(press(app(), '2 j j'), ':');
  const chosen = give(opened, text('task retry'), key('enter'), key('enter'));
  assert.deepEqual(chosen.effects, []);
  assert.match(last(chosen.app), /^:task retry broken /);
  const { effects } = give(chosen.app, key('enter'));
  assert.deepEqual(effects.at(-1), {
    kind: 'command',
    name: 'command.output',
    argv: ['task', 'retry', 'broken'],
    width: 109,
  });
});
