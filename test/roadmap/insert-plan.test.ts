import assert from 'node:assert/strict';
import { test } from 'node:test';
import { editBytes } from '../../src/adapters/yaml/roadmap-editor.ts';
import { RoadmapInvalidError } from '../../src/adapters/yaml/roadmap-file.ts';
import { parseProposal } from '../../src/core/planning/proposal.ts';
import { proposalEdit } from '../../src/core/planning/proposal-edit.ts';

const PROMPT = 'Write src/search.ts:\nfind by title.';

function applied(text: string, part: Record<string, unknown>): string {
  const parsed = parseProposal({ title: 'T', ...part });
  assert.ok(parsed.kind === 'parsed');
  const edited = editBytes('roadmap.yaml', Buffer.from(text), proposalEdit(parsed.proposal, []));
  return Buffer.from(edited).toString('utf8');
}

function task(id: string, part: Record<string, unknown> = {}) {
  return { id, title: `Title of ${id}`, prompt: PROMPT, ...part };
}

test('S3-20 a plan becomes tasks and edges in the file, and every comment stays', () => {
  const before = '# Shop\ntasks:\n  - id: a # first\n    title: A\n\n# the end\n';
  const after = applied(before, {
    tasks: [task('search', { depends_on: ['a'], files: ['src/search.ts'] })],
    groups: [{ id: 'ui', level: 'plan', title: 'UI', wave: 1 }],
    changes: [{ id: 'a', files: ['src/a.ts'] }],
  });
  assert.equal(
    after,
    `# Shop
tasks:
  - id: a # first
    title: A
    files: [src/a.ts]
  - id: search
    title: Title of search
    prompt: |-
      Write src/search.ts:
      find by title.
    depends_on: [a]
    files: [src/search.ts]

# the end
plans:
  - id: ui
    title: UI
    wave: 1
`,
  );
});

test('S3-20 phases hold their plans, and plans their tasks', () => {
  const after = applied('version: 1\n', {
    groups: [
      { id: '1', level: 'phase', title: 'One', goal: 'Find things' },
      { id: 'index', level: 'plan', title: 'Index', into: '1', wave: 1 },
      { id: 'page', level: 'plan', title: 'Page', into: '1', wave: 2 },
    ],
    tasks: [task('a', { group: 'index' }), task('b', { group: 'page' }), task('c', { group: '1' })],
  });
  const [, phases] = after.split('phases:\n');
  assert.match(
    phases ?? '',
    /^ {2}- id: "1"\n {4}title: One\n {4}goal: Find things\n {4}plans:\n {6}- id: index/,
  );
  assert.match(after, /wave: 2\n {8}tasks:\n {10}- id: b/);
  assert.match(after, /\n {4}tasks:\n {6}- id: c/);
});

const SHAPES: readonly [what: string, before: string, into: string | undefined, after: RegExp][] = [
  [
    'a list in brackets',
    'tasks: [{"id":"a","title":"A"}]\n',
    undefined,
    /^tasks: \[\{"id":"a","title":"A"\}, \{"id":"b"/,
  ],
  ['an empty list', 'tasks: []\n', undefined, /^tasks:\n {2}- id: b/],
  [
    'a phase of the file',
    'milestones:\n  - id: "1"\n    title: One\n    tasks:\n      - id: a\n        title: A\n',
    '1',
    /id: a\n {8}title: A\n {6}- id: b\n/,
  ],
  ['JSON', '{"tasks": [{"id": "a", "title": "A"}]}\n', undefined, /"title": "A"\}, \{"id":"b"/],
  ['a file without an end of line', 'tasks:\n  - id: a\n    title: A', undefined, /title: A\n {2}- id: b\n/],
];
for (const [what, before, into, after] of SHAPES) {
  test(`S3-20 a plan goes into ${what}`, () => {
    const group = into === undefined ? {} : { group: into };
    assert.match(applied(before, { tasks: [task('b', group), task('c', group)] }), after);
  });
}

test('a new phase stands under the word that the file has for phases', () => {
  const after = applied(
    'milestones:\n  - id: "1"\n    title: One\n    tasks:\n      - id: a\n        title: A\n',
    {
      groups: [{ id: '2', level: 'phase', title: 'Two' }],
      tasks: [task('b', { group: '2' })],
    },
  );
  assert.match(after, /\n {2}- id: "2"\n {4}title: Two\n/);
  assert.doesNotMatch(after, /phases:/);
});

test('S3-21 a plan with a cycle is refused, and the message names it', () => {
  const cycle = { tasks: [task('a', { depends_on: ['b'] }), task('b', { depends_on: ['a'] })] };
  assert.throws(
    () => applied('tasks: []\n', cycle),
    (error: unknown) => error instanceof RoadmapInvalidError && /a → b → a/.test(error.message),
  );
});

test('S3-22 a plan with an unknown dependency is refused', () => {
  assert.throws(() => applied('tasks: []\n', { tasks: [task('a', { depends_on: ['x'] })] }), /"x"/);
});
