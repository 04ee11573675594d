import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { aTask } from '../../../test/support/cli-records.ts';
import {
  anApp,
  atWork,
  aView,
  draw,
  inPlan,
  key,
  lines,
  needing,
  plain,
  press,
  send,
} from '../../../test/support/tui.ts';
import { textWidth } from '../../core/terminal/width.ts';
import type { App, Message } from './app.ts';
import { KEYS } from './keys.ts';

const outline = [{ kind: 'plan', id: 'cart', title: 'Cart', parts: [] }] as const;
const VIEW = aView({
  outline,
  tasks: [
    inPlan(aTask('model', { state: 'done', attempts: 1, finishedAt: 1, costUsd: 0.4 }), { plan: 'cart' }),
    inPlan(atWork('routes'), { plan: 'cart' }),
    inPlan(needing(aTask('docs'), 'routes'), { plan: 'cart' }),
    atWork('search', { state: 'merging' }),
    aTask('broken', { state: 'failed', attempts: 2, reason: 'tests fail', finishedAt: 2 }),
  ],
  events: [
    { type: 'task.added', task: 'routes' as never, title: 'Routes', by: 'person' },
    { type: 'task.cancelled', task: 'search' as never, by: 'person' },
  ],
  merges: [
    {
      task: 'search' as never,
      title: 'Search',
      state: 'merging',
      head: undefined,
      commit: undefined,
      strategy: undefined,
      bounces: 1,
      at: 1,
    },
  ],
});

test('S3-41 S3-42 S3-44 the agents stand beside each other, each with its sign and state, task, time and output', () => {
  const app = anApp({
    view: VIEW,
    size: { width: 160, height: 40 },
    printed: { routes: 'writing routes\n', search: 'merging now\n' },
  });
  const shown = lines(app).join('\n');
  assert.match(shown, /▶ working {2}routes .* 1m 05s/);
  assert.match(shown, /⇢ merging {2}search/);
  assert.match(shown, /✗ failed {2}broken/);
  assert.match(shown, /writing routes/);
  assert.match(shown, /merging now/);
  assert.match(shown, /tests fail/);
});

test('S3-45 the plan shows what is complete, running and pending, with progress of each part', () => {
  const shown = lines(press(anApp({ view: VIEW }), '2')).join('\n');
  assert.match(shown, /▾ plan cart {2}Cart .*█+░+ 1\/3/);
  assert.match(shown, /✓ model .* done/);
  assert.match(shown, /▶ routes .* running/);
  assert.match(shown, /· docs .* waiting/);
});

const GRAPH = aView({
  tasks: [
    aTask('over', { state: 'done' }),
    atWork('model'),
    needing(aTask('routes'), 'model', 'over'),
    needing(aTask('page'), 'routes'),
    needing(aTask('tests'), 'page', 'broken'),
    needing(aTask('docs'), 'routes'),
    needing(aTask('index'), 'docs'),
    needing(aTask('notes'), 'model'),
    aTask('broken', { state: 'failed', attempts: 2, reason: 'tests fail', finishedAt: 2 }),
    needing(aTask('ship', { state: 'blocked' }), 'broken'),
  ],
});

const graphLines = (app: App): readonly string[] =>
  lines(app)
    .slice(2)
    .map((line) =>
      line
        .replace(/ {2}Title of \w+/, '')
        .replace(/(?<=\w) {3,}/, ' … ')
        .trimEnd(),
    )
    .filter((line) => line !== '')
    .slice(0, -1);

test('S3-45 the graph shows each open task below what it waits for, with the critical path marked', () => {
  const app = press(anApp({ view: GRAPH, size: { width: 90, height: 24 } }), '2 t');
  assert.match(lines(app)[1] ?? '', /Graph 1\/10, critical path 4/);
  assert.deepEqual(graphLines(app), [
    '→* ▶ model … running  4 left',
    ' * ├─· routes … waiting  3 left',
    ' * │ ├─· page … waiting  2 left',
    ' * │ │ ↓ · tests  also after broken … waiting',
    '   │ └─· docs … waiting  2 left',
    '   │   ↓ · index … waiting',
    '   └─· notes … waiting',
    '   ✗ broken … failed  2 left',
    '   ↓ ⊘ ship … blocked',
  ]);
});

test('S3-45 what stands below a task of the graph is folded away and back, and h goes up to what it waits for', () => {
  const folded = press(anApp({ view: GRAPH, size: { width: 90, height: 24 } }), '2 t j h');
  assert.deepEqual(graphLines(folded).slice(0, 4), [
    ' * ▶ model … running  4 left',
    '→* ├─· routes ▸4 … waiting  3 left',
    '   └─· notes … waiting',
    '   ✗ broken … failed  2 left',
  ]);
  assert.match(graphLines(press(folded, 'h'))[0] ?? '', /^→\* ▶ model/);
  const open = press(folded, 'l l l');
  assert.match(graphLines(open)[3] ?? '', /^→\* │ │ ↓ · tests/);
  assert.match(graphLines(press(open, '/ s h i p enter'))[8] ?? '', /^→ {2}↓ ⊘ ship/);
});

test('S3-45 a chain of a hundred tasks stays in its place, and forks that are too deep for the screen end at its edge', () => {
  const chain = Array.from({ length: 100 }, (_, at) => at).flatMap((at) => [
    at === 0 ? aTask('t0') : needing(aTask(`t${at}`), `t${at - 1}`),
    ...(at % 2 === 1 && at > 50 ? [needing(aTask(`fork${at}`), `t${at - 1}`)] : []),
  ]);
  const app = press(anApp({ view: aView({ tasks: chain }), size: { width: 60, height: 30 } }), '2 t');
  assert.match(graphLines(app)[20] ?? '', /^ \* ↓ · t20 … waiting {2}80 left/);
  assert.match(graphLines(press(app, 'G')).join('\n'), /· fork99/);
});

test('on 80 by 24 there is one pane at a time, and a bar that names all five', () => {
  const shown = lines(anApp({ view: VIEW }));
  assert.equal(shown.length, 24);
  assert.match(shown[0] ?? '', /^ cw {2}shop .*1\/5 done {2}▶ 2 running .*✗ 1 failed/);
  assert.match(shown[1] ?? '', /\[1 Agents 4\] .*2 Plan 1\/5 .*3 Inbox 1 .*4 Events .*5 Merges 1 waiting/);
});

test('on 300 by 100 all panes are there at once', () => {
  const shown = lines(anApp({ view: VIEW, size: { width: 300, height: 100 } })).join('\n');
  for (const title of [/1 Agents/, /2 Plan/, /3 Inbox/, /4 Events/, /5 Merges/]) assert.match(shown, title);
});

test('a run that is over stays with its last words until it is left', () => {
  const app = send(anApp({ view: VIEW, run: { kind: 'running', quitStops: false } }), {
    kind: 'ended',
    text: '3 of 5 done',
  });
  assert.match(lines(app).at(-1) ?? '', /3 of 5 done {2}q leaves/);
});

test('terminal commands in titles, questions and output are shown, never carried out', () => {
  const evil = '\u001b]0;owned\u0007\u001b[2J\u001b[10;10H\u009b31m\r\n\u202e';
  const app = anApp({
    view: aView({ tasks: [atWork('one', { reason: evil }), aTask('two', { title: evil })] }),
    size: { width: 160, height: 40 },
    printed: { one: `safe ${evil} text\n` },
  });
  for (const row of draw(app).rows) {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for.
    assert.doesNotMatch(plain(row), /[\u0000-\u001f\u007f-\u009f\u202e]/);
  }
});

const KEY_NAMES = Object.values(KEYS).flatMap(({ keys }) => keys.flatMap((each) => each.split(' ')));
const someMessage: fc.Arbitrary<Message> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...KEY_NAMES).map(key) },
  {
    weight: 2,
    arbitrary: fc
      .string({ unit: 'grapheme', maxLength: 2 })
      .map((text): Message => ({ kind: 'key', key: text, text })),
  },
  {
    weight: 1,
    arbitrary: fc.string({ unit: 'binary', maxLength: 9 }).map((text): Message => ({ kind: 'paste', text })),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('mouse' as const),
      action: fc.constantFrom('press', 'drag', 'release', 'wheel-up', 'wheel-down'),
      x: fc.nat(120),
      y: fc.nat(60),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('resize' as const), width: fc.nat(310), height: fc.nat(110) }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Message>({ kind: 'view', view: VIEW }, { kind: 'view', view: aView() }),
  },
  { weight: 1, arbitrary: fc.constant<Message>({ kind: 'tick', now: 1 }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Message>(
      { kind: 'ended', text: 'all done' },
      { kind: 'notice', text: 'a\u001b[31m\n字' },
      {
        kind: 'told',
        effect: 'command.output',
        result: { ok: true, value: { code: 0, text: 'one\n字 two\n' } },
      },
    ),
  },
);

test('S3-43 whatever is typed, clicked or resized, nothing fails and every row is exactly as wide as the screen', () => {
  fc.assert(
    fc.property(fc.array(someMessage, { maxLength: 40 }), (messages) => {
      let app = anApp({ view: VIEW, printed: { routes: 'x'.repeat(500), search: '字\n'.repeat(80) } });
      for (const message of messages) {
        app = send(app, message);
        const { rows, cursor } = draw(app);
        const { width, height } = app.ui.size;
        assert.equal(rows.length, width === 0 ? 0 : height);
        for (const row of rows) assert.equal(textWidth(plain(row)), width, JSON.stringify(row));
        if (cursor !== undefined) assert.ok(cursor.x < width && cursor.y < height);
      }
    }),
    { numRuns: 150 },
  );
});

test('S3-45 who waits for a whole phase says how many besides the one above it are still open', () => {
  const tasks = ['a', 'b', 'c', 'd'].map((id, order) =>
    inPlan(aTask(id, { order, ...(id === 'd' ? { state: 'done' as const } : {}) }), { phase: '1' }),
  );
  const last = needing(aTask('last', { order: 4 }), 'gate:1');
  const outline = [{ kind: 'phase', id: '1', title: 'First', parts: [] }] as const;
  const shown = lines(press(anApp({ view: aView({ tasks: [...tasks, last], outline }) }), '2 t'));
  assert.match(shown.join('\n'), /last .* also after 2 others/);
});

test('a frame of a plan of 10,000 tasks makes the rows that are on screen, and no others', () => {
  let read = 0;
  const tasks = Array.from({ length: 10_000 }, (_, at) => {
    const task = aTask(`t${at}`, { order: at });
    const { definition } = task;
    return {
      ...task,
      get definition() {
        read += 1;
        return definition;
      },
    };
  });
  const app = press(anApp({ view: aView({ tasks }) }), '2 G');
  read = 0;
  const shown = lines(app);
  assert.match(shown.at(-2) ?? '', /→○ t9999/);
  assert.ok(read > 0 && read < 1_000, `${read} reads`);
});
