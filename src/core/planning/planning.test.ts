import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkProposal, proposalNotes } from './check-proposal.ts';
import { issuesIn } from './issues.ts';
import { type Proposal, parseProposal } from './proposal.ts';
import { proposalEdit } from './proposal-edit.ts';

const RULES = {
  taken: new Set(['old', 'gone']),
  tasks: new Set(['old', 'busy']),
  settled: new Set(['busy']),
  agents: ['coder'],
  workflows: ['standard'],
  maxTasks: 3,
};
const PROMPT = 'Write src/a.ts with the function a, and its test.';

function plan(part: Record<string, unknown>): Proposal {
  const parsed = parseProposal({ title: 'T', ...part });
  assert.equal(parsed.kind, 'parsed');
  return (parsed as { proposal: Proposal }).proposal;
}

function task(id: string, part: Record<string, unknown> = {}) {
  return { id, title: id, prompt: PROMPT, ...part };
}

test('a proposal may say null for what it leaves out', () => {
  const read = plan({
    summary: null,
    serial: null,
    groups: null,
    tasks: [task('a', { agent: null, files: null })],
  });
  assert.deepEqual(read.tasks[0]?.files, []);
  assert.equal(read.serial, false);
});

test('what is malformed in a proposal is named with its place', () => {
  const read = parseProposal({ title: 'T', tasks: [task('a'), { id: 'b c', title: 'B' }] });
  assert.equal(read.kind, 'malformed');
  assert.match(
    (read.kind === 'malformed' ? read.problems : []).join('\n'),
    /plan\.tasks\[1\]\.id: .*\n?.*plan\.tasks\[1\]\.prompt/s,
  );
});

const REFUSED: readonly [what: string, part: Record<string, unknown>, problem: RegExp][] = [
  ['no task', {}, /holds no task/],
  ['too many tasks', { tasks: ['a', 'b', 'c', 'd'].map((id) => task(id)) }, /4 tasks; at most 3/],
  ['an id that is taken', { tasks: [task('old')] }, /"old" is taken/],
  ['an id that was taken once', { tasks: [task('gone')] }, /"gone" is taken/],
  ['an id twice', { tasks: [task('a'), task('a')] }, /"a" is given twice/],
  ['an unknown agent', { tasks: [task('a', { agent: 'writer' })] }, /agent "writer"; there are coder/],
  ['an unknown workflow', { tasks: [task('a', { workflow: 'x' })] }, /workflow "x"; there are standard/],
  ['a prompt of a word', { tasks: [task('a', { prompt: 'Do it.' })] }, /prompt of "a" is too short/],
  ['all files', { tasks: [task('a', { files: ['**/*'] })] }, /"\*\*\/\*" of "a" is the whole repository/],
  ['itself', { tasks: [task('a', { depends_on: ['a'] })] }, /"a" depends on itself/],
  ['a change of nothing', { changes: [{ id: 'odl', title: 'x' }] }, /no task "odl".*Did you mean "old"/],
  ['a change of what is at work', { changes: [{ id: 'busy', title: 'x' }] }, /"busy" is at work or done/],
  [
    'a phase in a plan',
    {
      tasks: [task('a')],
      groups: [
        { id: 'p', level: 'plan', title: 'P' },
        { id: 'q', level: 'phase', title: 'Q', into: 'p' },
      ],
    },
    /"q" cannot stand in "p"/,
  ],
];
for (const [what, part, problem] of REFUSED) {
  test(`a plan with ${what} is not shown to anybody`, () => {
    assert.match(checkProposal(plan(part), RULES).join('\n'), problem);
  });
}

test('a plan that can be used has no problems', () => {
  const good = plan({ tasks: [task('a', { files: ['src/**'] }), task('b', { depends_on: ['a', 'old'] })] });
  assert.deepEqual(checkProposal(good, RULES), []);
});

test('a person is told what is weak in a plan', () => {
  const weak = plan({ tasks: [task('a', { files: ['src/**'], issues: [1] }), task('b')] });
  const overlaps = [{ one: 'a', other: 'old', file: 'src/**' }];
  const notes = proposalNotes(weak, { hasVerify: false, issues: ['One', 'Two'], overlaps }).join('\n');
  for (const part of [
    /a and old both write src/,
    /b names no files/,
    /a, b have no verify/,
    /whole top directory/,
    /No task names issue 2: Two/,
  ]) {
    assert.match(notes, part);
  }
});

test('serial work is a chain in the order of the plan', () => {
  const serial = plan({ serial: true, serial_reason: 'one file', tasks: [task('a'), task('b'), task('c')] });
  const edit = proposalEdit(serial, []);
  assert.ok(edit.kind === 'all');
  const [insert] = edit.edits;
  assert.ok(insert?.kind === 'insert');
  assert.deepEqual(
    insert.items.map(({ id, depends_on }) => [id, depends_on]),
    [
      ['a', undefined],
      ['b', ['a']],
      ['c', ['b']],
    ],
  );
});

test('tasks say which issue they come from', () => {
  const edit = proposalEdit(plan({ tasks: [task('a', { issues: [2] })] }), ['One', 'Two']);
  assert.ok(edit.kind === 'all' && edit.edits[0]?.kind === 'insert');
  assert.equal(edit.edits[0].items[0]?.notes, 'From issue 2: Two');
});

const ISSUES: readonly [what: string, text: string, issues: readonly [string, string][]][] = [
  [
    'open boxes',
    '# List\n\n- [ ] Add search\n  by title\n- [x] Done\n- [ ] Export\n',
    [
      ['Add search', 'by title'],
      ['Export', ''],
    ],
  ],
  [
    'sections',
    '# Backlog\n\nIntro.\n\n## Add search\n\nBy title.\n\n## Export\n\n```\n## not one\n```\n',
    [
      ['Add search', 'By title.'],
      ['Export', '```\n## not one\n```'],
    ],
  ],
  [
    'a list',
    'We want:\n\n1. Search\n2. Export\n   as CSV\n',
    [
      ['Search', ''],
      ['Export', 'as CSV'],
    ],
  ],
  ['a tracker', '[{"number":7,"title":"Search","body":"By title"}]', [['#7 Search', 'By title']]],
  ['plain text', 'Make it fast.\nVery fast.', [['Make it fast.', 'Very fast.']]],
  ['nothing', ' \n', []],
];
for (const [what, text, issues] of ISSUES) {
  test(`issues are found in ${what}`, () => {
    assert.deepEqual(
      issuesIn(text).map(({ title, body }) => [title, body]),
      issues,
    );
  });
}
