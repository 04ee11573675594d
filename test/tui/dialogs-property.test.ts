import { test } from 'node:test';
import fc from 'fast-check';
import type { Message } from '../../src/surfaces/tui/app.ts';
import { type DialogRequest, openDialog } from '../../src/surfaces/tui/dialogs/open-dialog.ts';
import { DialogDriver } from '../support/dialog-driver.ts';

/** As agents write: wide letters, escapes, words that never end. */
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '\u001b[2J\u001b]0;title\u0007',
    '日本語のとても長い質問です',
    'x'.repeat(300),
    'a\r\nb\tc\u0000',
    '',
  ),
);

/** What the project answers, good enough for every dialog to go on with. */
const answer = fc.record({ a: text, b: text, n: fc.integer({ min: 0, max: 3 }) }).map(({ a, b, n }) => ({
  question: [
    { task: 't', id: 'q1', question: a, options: Array.from({ length: n }, () => b) },
    { task: 't', id: 'q2', question: b, kind: n % 2 === 0 ? 'approval' : undefined },
  ],
  other: {
    plan: {
      id: 't',
      goal: a,
      state: 'open',
      issues: [],
      notes: [a],
      added: [],
      proposal: { title: a, summary: b, serial: false, groups: [], tasks: [], changes: [], remove: [] },
    },
    preview: { diff: DIFF, chain: n, atOnce: n, notes: [b] },
    task: { state: 'running', definition: { title: a } },
    orchestrators: [{ id: a, host: b, agents: n }],
    kind: 'nothing',
    branch: a,
    target: b,
    tasks: n === 0 ? [] : [a, b],
    files: [{ path: a, status: 'added', insertions: 1, deletions: 0, binary: false }],
    what: a,
    diff: b,
    attempts: n,
    text: DIFF + b,
    results: [],
    pause: { by: a, reason: b, at: 0 },
    stood: n === 0,
    stopped: n === 1 ? [a] : [],
    atWork: n === 2 ? [a, b] : [],
    ready: n,
    id: a,
    title: a,
    prompt: b,
    dependsOn: [],
  },
}));

const DIFF = 'diff --git a/x b/x\n@@ -1,2 +1,3 @@\n one\n-日本\told\n+日本\tnew\u0007\n+';

const KEYS = [
  ...[
    'enter',
    'esc',
    'tab',
    'shift+tab',
    'up',
    'down',
    'left',
    'right',
    'home',
    'end',
    'pgdn',
    'pgup',
    'G',
    'g',
  ],
  ...[
    'backspace',
    'delete',
    'ctrl+w',
    'ctrl+u',
    'ctrl+n',
    'ctrl+x',
    'ctrl+r',
    'ctrl+o',
    'ctrl+j',
    'y',
    'n',
    'q',
  ],
  ...['1', '2', '/', 'e', 'space'],
  ...['j', 'k', 'h', 'l', 'u', 'c', 'a', 'r', '[', ']', '{', '}'],
];

type Happening = Message | 'answered' | 'failed';

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...KEYS)
      .map((key): Message => ({ kind: 'key', key, text: key.length === 1 ? key : '' })),
  },
  { weight: 2, arbitrary: text.map((pasted): Message => ({ kind: 'paste', text: pasted })) },
  { weight: 2, arbitrary: fc.constant<Happening>('answered') },
  fc.constant<Happening>('failed'),
  fc.constantFrom<Message>(
    { kind: 'mouse', action: 'wheel-down', x: 0, y: 0 },
    { kind: 'resize', width: 9, height: 4 },
    { kind: 'tick', now: 1 },
    { kind: 'told', effect: 'another', result: { ok: true, value: null } },
  ),
);

const request: fc.Arbitrary<DialogRequest> = fc.constantFrom<DialogRequest>(
  { kind: 'answer', task: 't' },
  { kind: 'review', task: 't', verdict: 'approved' },
  { kind: 'review', task: 't', verdict: 'rejected' },
  { kind: 'comment', task: 't', file: 'f', line: 3 },
  { kind: 'message', to: 't' },
  { kind: 'diff', task: 't' },
  { kind: 'add-task' },
  { kind: 'edit-task', task: 't' },
  { kind: 'retry', tasks: ['t'] },
  { kind: 'cancel', tasks: ['t'] },
  { kind: 'cancel', tasks: ['t', 'u'] },
  { kind: 'pause-tasks', tasks: ['t', 'u'] },
  { kind: 'pause-project', atWork: 2 },
  { kind: 'dismiss' },
  { kind: 'undo-edit' },
  { kind: 'deliver' },
  { kind: 'decide-plan', plan: 't' },
);

const size = fc.record({ width: fc.integer({ min: 1, max: 90 }), height: fc.integer({ min: 1, max: 30 }) });

test('whatever is typed, told and asked, no dialog breaks, and every row has the width of the screen', () => {
  fc.assert(
    fc.property(
      request,
      fc.array(happening, { maxLength: 25 }),
      answer,
      fc.array(size, { minLength: 1, maxLength: 3 }),
      (wanted, happenings, answered, sizes) => {
        const [first = { width: 80, height: 24 }] = sizes;
        const dialog = new DialogDriver(openDialog(wanted, first), first);
        for (const what of happenings) {
          if (what === 'answered') tell(dialog, answered);
          else if (what === 'failed' && dialog.wanted !== undefined)
            dialog.fail({ message: answered.other.what, advice: answered.other.diff });
          else if (typeof what !== 'string') dialog.send(what);
          for (const each of sizes) dialog.screen(each);
        }
      },
    ),
    { numRuns: 400 },
  );
});

function tell(dialog: DialogDriver, { question, other }: { question: unknown; other: unknown }): void {
  const { wanted } = dialog;
  if (wanted?.kind === 'call') dialog.tell(wanted.operation === 'questions' ? question : other);
  else if (wanted?.kind === 'highlight')
    dialog.tell(
      wanted.texts.map((each) => each.split('\n').map((line) => [{ text: line, look: 'keyword' }])),
    );
  else if (wanted?.kind === 'edit') dialog.tell('from the editor\u001b[2J\n');
}
