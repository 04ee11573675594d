import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutlinePart } from '../../src/core/roadmap/outline.ts';
import type { QuestionRecord, Task } from '../../src/core/tasks/task.ts';
import type { App } from '../../src/surfaces/tui/app.ts';
import { focusedAgent } from '../../src/surfaces/tui/panes/agents.ts';
import { selectedRow } from '../../src/surfaces/tui/panes/panes.ts';
import type { ProjectView } from '../../src/surfaces/tui/project/view.ts';
import { update } from '../../src/surfaces/tui/update.ts';
import { aTask } from '../support/cli-records.ts';
import { anApp, atWork, aView, inPlan, key, lines, needing, press, send } from '../support/tui.ts';

const OUTLINE: readonly OutlinePart[] = [
  { kind: 'plan', id: 'cart', title: 'Cart', parts: [] },
  { kind: 'plan', id: 'mail', title: 'Mail', parts: [] },
];

/** A task of every kind, in two plans and outside. */
const TASKS: readonly Task[] = [
  inPlan(atWork('model'), { plan: 'cart' }),
  inPlan(aTask('page'), { plan: 'cart' }),
  inPlan(needing(aTask('basket'), 'model'), { plan: 'cart' }),
  inPlan(aTask('sent', { state: 'done' }), { plan: 'mail' }),
  inPlan(aTask('bounced', { state: 'failed', attempts: 1, reason: 'it broke' }), { plan: 'mail' }),
  inPlan(aTask('retried', { state: 'blocked' }), { plan: 'mail' }),
  aTask('asks', { state: 'waiting_input', attempts: 1 }),
].map((task, order) => ({ ...task, order }));

const QUESTION = {
  task: 'asks',
  id: 'q1',
  question: 'Which one?',
  options: [],
  stage: 'person',
  askedAt: 1,
} as unknown as QuestionRecord;

const view = (): ProjectView => aView({ tasks: TASKS, outline: OUTLINE, questions: [QUESTION] });
const app = (): App => press(anApp({ view: view(), size: { width: 80, height: 24 } }), '2');
/** First words of the plan's rows. */
const plan = (shown: App): readonly string[] =>
  lines(shown)
    .slice(2, -1)
    .flatMap((row) => /^[→* ]?\s*(?:[▾▸] plan (\w+)|\S (\w+))/.exec(row)?.slice(1).find(Boolean) ?? []);
const title = (shown: App): string => /\[(2 [^\]]*)\]/.exec(lines(shown)[1] ?? '')?.[1] ?? '';

test('f and a letter shows only the tasks of one kind, with what they stand in', () => {
  const shows: Readonly<Record<string, readonly [title: string, rows: readonly string[]]>> = {
    a: ['2 Plan 1/7', ['cart', 'model', 'page', 'basket', 'mail', 'sent', 'bounced', 'retried', 'asks']],
    o: ['2 Plan not done 6', ['cart', 'model', 'page', 'basket', 'mail', 'bounced', 'retried', 'asks']],
    n: ['2 Plan need you 2', ['mail', 'bounced', 'asks']],
    r: ['2 Plan running 1', ['cart', 'model']],
    s: ['2 Plan ready 1', ['cart', 'page']],
    w: ['2 Plan waiting 2', ['cart', 'basket', 'mail', 'retried']],
    f: ['2 Plan failed or blocked 2', ['mail', 'bounced', 'retried']],
    d: ['2 Plan done 1', ['mail', 'sent']],
  };
  for (const [letter, [named, rows]] of Object.entries(shows)) {
    const shown = press(app(), `f ${letter}`);
    assert.deepEqual([title(shown), plan(shown)], [named, rows], letter);
  }
  assert.deepEqual(plan(press(app(), 'f f esc')), shows['a']?.[1]);
  // From anywhere, and from the graph.
  assert.deepEqual(plan(press(app(), '4 f r')), ['cart', 'model']);
  assert.deepEqual(plan(press(app(), 't f r')), ['cart', 'model']);
});

test('the filter follows what becomes of tasks, keeps what is folded, and says when nothing is left', () => {
  const shown = press(app(), 'f r');
  const done = aView({
    tasks: TASKS.map((task) => (task.id === 'model' ? { ...task, state: 'done' } : task)),
    outline: OUTLINE,
  });
  const after = send(shown, { kind: 'view', view: done });
  assert.match(lines(after).join('\n'), /No task is running\.\n +f a shows all tasks/);
  assert.deepEqual(plan(press(shown, 'h h')), ['cart']);
  assert.deepEqual(plan(press(shown, 'h h l')), ['cart', 'model']);
});

test('what may follow on f stands at the bottom while it is typed', () => {
  assert.match(
    lines(press(app(), 'f')).at(-1) ?? '',
    /a all tasks.* n need you|a all tasks.* n that need you/,
  );
  const wide = press(anApp({ view: view(), size: { width: 160, height: 40 } }), 'ctrl+w');
  assert.match(lines(wide).at(-1) ?? '', /w the next pane or agent .* h what stands on the left/);
});

test('space marks tasks and whole plans, and retry and cancel act on all of them', () => {
  const marked = press(app(), 'f f space');
  assert.match(lines(marked).join('\n'), /\n→? *▾ plan mail[\s\S]*\n\* +✗ bounced[\s\S]*\n\* +⊘ retried/);
  assert.match(title(marked), /, 2 marked/);
  assert.match(lines(marked).at(-1) ?? '', /r retry.*x cancel.*Esc no marks/);
  const asked = press(marked, 'r');
  assert.match(lines(asked).join('\n'), /Try bounced, retried again/);
  const { effects } = update(asked, key('y'));
  assert.deepEqual(
    effects.map((each) => (each.kind === 'call' ? [each.operation, each.input] : each)),
    [['retry', { tasks: ['bounced', 'retried'] }]],
  );
  // One more takes the mark away, Escape all of them.
  assert.match(title(press(marked, 'space')), /, 1 marked/);
  assert.doesNotMatch(title(press(marked, 'esc')), /marked/);
});

test('when some of the marked tasks are refused, it says how many and why, and the marks are gone', () => {
  const asked = press(press(app(), 'f f space'), 'r');
  const { app: sent, effects } = update(asked, key('y'));
  const name = effects.flatMap((each) => (each.kind === 'call' ? [each.name] : []))[0] ?? '';
  const value = {
    results: [
      { kind: 'done', task: 'bounced' },
      { kind: 'refused', task: 'retried', reason: 'retried is blocked', advice: 'retry bounced' },
    ],
  };
  const told = send(sent, { kind: 'told', effect: name, result: { ok: true, value } });
  assert.equal(told.dialog, undefined);
  assert.match(lines(told).at(-1) ?? '', /1 of 2 tasks are back in the queue\. Not so retried is blocked/);
  assert.equal(told.ui.marked.size, 0);
});

test('S3-43 ! goes to the next agent, task or item that needs the person', () => {
  const inPlanPane = press(app(), '!');
  assert.equal(selectedRow(inPlanPane, 'plan')?.task, 'bounced');
  assert.equal(selectedRow(press(inPlanPane, '!'), 'plan')?.task, 'asks');
  assert.equal(selectedRow(press(inPlanPane, '! !'), 'plan')?.task, 'bounced');
  const agent = press(app(), '1 !');
  assert.deepEqual([agent.ui.focus, focusedAgent(agent)?.task], ['agents', 'asks']);
  const inbox = press(app(), '4 !');
  assert.deepEqual([inbox.ui.focus, selectedRow(inbox, 'inbox')?.task], ['inbox', 'asks']);
  assert.equal(selectedRow(press(inbox, '!'), 'inbox')?.task, 'bounced');
  const nothing = press(anApp({ view: aView({ tasks: [aTask('a')] }) }), '2 !');
  assert.match(lines(nothing).at(-1) ?? '', /Nothing waits for you/);
});

test('the keys at the bottom are those that help with what is selected', () => {
  const hints = (shown: App): string => lines(shown).at(-1) ?? '';
  assert.match(hints(press(app(), '!')), /r retry.*L log/);
  assert.match(hints(press(app(), '! !')), /a answer/);
  assert.match(hints(press(app(), 'f r j')), /m write to it.*x cancel/);
  for (const keys of ['1', '2', '3', '4', '5', '!', 'f r j']) {
    assert.match(hints(press(app(), keys)), /\? keys {2}q leave$/, keys);
  }
});

test('an empty project says what to do first, and one with a broken roadmap what is wrong', () => {
  const empty = lines(press(anApp({ view: aView() }), '2')).join('\n');
  assert.match(empty, /No tasks yet\.\n +o adds one\n +: plan new has an agent plan a goal/);
  const roadmapProblem = {
    code: 'ROADMAP_INVALID',
    message: 'roadmap.yaml:6:9: A phase has no key "number".',
    advice: 'It may have: id',
    isUsage: true,
  };
  for (const pane of ['1', '2']) {
    const broken = lines(press(anApp({ view: aView({ roadmapProblem }) }), pane)).join('\n');
    assert.match(broken, /The roadmap file cannot be used:\n +roadmap\.yaml:6:9: .*\n +It may have: id/);
  }
  const over = anApp({ view: aView({ tasks: [aTask('a', { state: 'done' })] }) });
  assert.match(lines(over).join('\n'), /Everything is done\.\n +D brings the merged work/);
  const idle = lines(anApp({ view: aView({ tasks: [aTask('a')] }) })).join('\n');
  assert.match(idle, /Nobody is at work, and 1 task is ready\.\n +cw run works on them/);
});

test('the first line keeps every count on a small screen, as signs where words have no room', () => {
  const tasks = TASKS.map((task) => ({ ...task, definition: { ...task.definition } }));
  const at = (width: number): string =>
    lines(anApp({ view: aView({ tasks, project: 'a-shop-with-a-name' }), size: { width, height: 24 } }))[0] ??
    '';
  assert.match(at(130), /1\/7 done {2}▶ 1 running {2}○ 1 ready {2}\? 1 asking {2}✗ 1 failed {2}⊘ 1 blocked/);
  assert.match(at(80), /1\/7 ▶ 1 ○ 1 \? 1 ✗ 1 ⊘ 1 .*nobody at work$/);
  assert.match(at(70), /1\/7 ▶ 1 ○ 1 \? 1 ✗ 1 ⊘ 1 .*nobody at work$/);
});

test('? says what the signs and the numbers mean', () => {
  const help = lines(press(anApp({ size: { width: 120, height: 200 } }), '?')).join('\n');
  assert.match(help, /▶ +an agent is at it/);
  assert.match(help, /90\/108 done +tasks that are finished/);
});

test('s is the shell in the worktree of the task, and says when there is none', () => {
  const tasks = [
    atWork('begun', { worktree: '/w/begun' }),
    aTask('merged', { order: 1, state: 'done', worktree: '/w/merged' }),
    aTask('later', { order: 2 }),
  ];
  const shown = press(anApp({ view: aView({ tasks }) }), '2');
  assert.deepEqual(update(shown, key('s')).effects, [{ kind: 'shell', directory: '/w/begun' }]);
  for (const [keys, said] of [
    ['j s', /merged has no worktree any more/],
    ['j j s', /later has no worktree yet/],
  ] as const) {
    assert.match(lines(press(shown, keys)).at(-1) ?? '', said);
  }
  const error = { code: 'NO_WORKTREE', message: '/w/begun is not on this machine', isUsage: true };
  const failed = send(shown, { kind: 'told', effect: 'terminal.shell', result: { ok: false, error } });
  assert.match(lines(failed).at(-1) ?? '', /not on this machine/);
});

test('on a very small screen the counts stay, and the bar names the pane that is shown', () => {
  const small = anApp({
    view: aView({ tasks: TASKS, project: 'a-shop-with-a-name', outline: OUTLINE }),
    size: { width: 44, height: 12 },
  });
  for (const [keys, named] of [
    ['1', / \[1 Agents \d\] 2 {2}3 {2}4 {2}5/],
    ['5', /1 {2}2 {2}3 {2}4 {2}\[5 Merges\]/],
  ] as const) {
    const [first = '', bar = ''] = lines(press(small, keys));
    assert.match(first, /1\/7 ▶ 1 ○ 1/);
    assert.match(bar, named);
    for (const row of lines(press(small, keys))) assert.doesNotMatch(row, /……/);
  }
});
