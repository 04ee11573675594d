import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { IncrementalParser } from '../../src/adapters/yaml/incremental.ts';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';

/** Roadmaps in every style that people write, and some that only look alike. */
const TEXTS: readonly string[] = [
  `# The plan
version: 1
project: shop
defaults: { agent: coder, priority: high }
tasks:
  # first of all
  - id: a
    title: A task # with a comment
    prompt: |
      Do this:
        - id: not-a-task
      tasks:
        - id: nor-this

      # a heading

  - id: b
    title: "quoted: text"
    depends_on: [a]
    files:
      - src/**
      - lib/x.ts

# between
  - { id: c, title: 'C', depends_on: [a, b] }
  - id: d
    was: old
    prompt: >-
      folded
      text

    exit_criteria:
      - critic: fine
      - artifact: it
phases: []
`,
  `initiatives:
  - id: shop
    phases:
      - id: "1"
        tasks:
          - id: a
            title: A
          - id: b
            title: B
            depends_on:
            - a
        plans:
          - id: p
            wave: 1
            tasks:
            - id: c
              prompt: "two
                lines"
            - id: d
              title: D
      - id: "1.1"
        depends_on: ["1"]
        tasks: [{ id: e, title: E }]
      - tasks:
          - id: f
            title: F
        id: "2"
        priority: low
tasks:
- id: g
  title: G
  depends_on: [shop]
-
  id: h
  title: H
`,
  'tasks:\r\n  - id: a\r\n    title: A\r\n    prompt: |+\r\n      x\r\n\r\n\r\n  - id: b\r\n    title: B\r\n\r\n# end\r\n',
  'tasks:\n  - id: make\n    prompt: |\n      all:\n      \techo tab\n\t\n  - id: b\n    title: B\n',
  '---\ntasks:\n- {id: a, title: A,\n   files: [x,\n   y]}\n- id: b\n  title: B\n...\n',
  '{"tasks": [{"id": "a", "title": "A"},\n {"id": "b", "title": "B", "depends_on": ["a"]}]}\n',
  'project: |\n  tasks:\n    - id: x\ntasks:\n  - id: a\n    title: |\n      one\n  - id: b\n    title: two\n    was\n',
];

const LINES: readonly string[] = [
  '  - id: new\n    title: New\n',
  '  - id: a\n    title: Again\n',
  '- id: z\n',
  'tasks:\n',
  '    tasks:\n      - id: deep\n        title: Deep\n',
  '# note\n',
  '\n',
  '      text\n',
  '\t\n',
  '---\n',
  '  - cw-items-0\n',
  'title: |\n',
  '    depends_on: [nowhere]\n',
  '    depends_on: [b]\n',
  '    agent: other\n',
  '    was: b\n',
  '    was: old\n',
  'defaults: { agent: tester }\n',
  '    titel: slip\n',
  '&a\n',
  '"\n',
];

const edit = fc.oneof(
  fc.record({ kind: fc.constant('drop' as const), line: fc.nat(60), count: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('twice' as const), line: fc.nat(60), count: fc.integer({ min: 1, max: 4 }) }),
  fc.record({ kind: fc.constant('add' as const), line: fc.nat(60), text: fc.constantFrom(...LINES) }),
  fc.record({ kind: fc.constant('shift' as const), line: fc.nat(60), by: fc.integer({ min: -4, max: 4 }) }),
  fc.record({
    kind: fc.constant('type' as const),
    at: fc.nat(800),
    cut: fc.nat(4),
    text: fc.oneof(
      fc.constantFrom(...'\t\n:-[]{}"\'#&*!|>%@?, xa1\r'.split(''), ': ', '- ', '\n\n', ' #', '\uFEFF'),
      fc.string({ maxLength: 4 }),
    ),
  }),
);
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function apply(text: string, change: Edit): string {
  if (change.kind === 'type') {
    const at = change.at % (text.length + 1);
    return text.slice(0, at) + change.text + text.slice(at + change.cut);
  }
  const lines = text.split(/(?<=\n)/);
  const line = change.line % (lines.length + 1);
  switch (change.kind) {
    case 'drop':
      lines.splice(line, change.count);
      break;
    case 'twice':
      lines.splice(line, 0, ...lines.slice(line, line + change.count));
      break;
    case 'add':
      lines.splice(line, 0, change.text);
      break;
    case 'shift': {
      const old = lines[line] ?? '';
      if (line < lines.length)
        lines[line] =
          change.by >= 0
            ? ' '.repeat(change.by) + old
            : old.slice(Math.min(-change.by, old.search(/[^ ]|$/)));
    }
  }
  return lines.join('');
}

test('whatever is edited, what is parsed of the changed items is what a whole parse says', () => {
  const seen = { quick: 0, whole: 0, valid: 0, invalid: 0 };
  fc.assert(
    fc.property(fc.constantFrom(...TEXTS), fc.array(edit, { minLength: 1, maxLength: 8 }), (start, edits) => {
      const parser = new IncrementalParser();
      let text = start;
      for (const change of [undefined, ...edits]) {
        if (change !== undefined) text = apply(text, change);
        const bytes = Buffer.from(text);
        const whole = readRoadmap('roadmap.yaml', bytes);
        seen[parser.parse('roadmap.yaml', text) === undefined ? 'whole' : 'quick']++;
        seen[whole.kind]++;
        assert.deepStrictEqual(readRoadmap('roadmap.yaml', bytes, parser), whole);
      }
    }),
    { numRuns: 150 },
  );
  // Each way must have been gone often, or the test says nothing.
  assert.ok(Math.min(...Object.values(seen)) > 80, JSON.stringify(seen));
});

test('only the items that changed are parsed again, also when they have moved', () => {
  const parser = new IncrementalParser();
  const tasksOf = (text: string) => {
    const read = parser.parse('roadmap.yaml', text);
    assert.ok(read?.kind === 'valid');
    return read.plan.tasks.map((task) => task.definition);
  };
  const item = (id: string, title: string) => `  - id: ${id}\n    title: ${title}\n`;
  const [a, b, c] = tasksOf(`tasks:\n${item('a', 'A')}${item('b', 'B')}${item('c', 'C')}`);
  const [newC, newA, newB] = tasksOf(`tasks:\n${item('c', 'C')}\n\n${item('a', 'A')}${item('b', 'Other')}`);
  assert.equal(newA, a);
  assert.notEqual(newC, c, 'the blank lines behind it are part of its text');
  assert.deepEqual(newC, c);
  assert.notEqual(newB, b);
  assert.equal(newB?.title, 'Other');
  assert.equal(tasksOf(`# new\ntasks:\n${item('b', 'Other')}${item('a', 'A')}`)[0], newB);
});

test('what stands around a task counts for it, although its own text stays', () => {
  const parser = new IncrementalParser();
  const text = (agent: string) => `defaults: { agent: ${agent} }\ntasks:\n  - id: a\n    title: A\n`;
  const agentOf = (read: ReturnType<typeof parser.parse>) =>
    read?.kind === 'valid' ? read.roadmap.tasks[0]?.agent : undefined;
  assert.equal(agentOf(parser.parse('roadmap.yaml', text('coder'))), 'coder');
  assert.equal(agentOf(parser.parse('roadmap.yaml', text('tester'))), 'tester');
});

test('a mistake in a file that is parsed in parts has its place in the whole file', () => {
  const parser = new IncrementalParser();
  const good = 'tasks:\n  - id: a\n    title: A\n  - id: b\n    title: B\n';
  assert.equal(parser.parse('roadmap.yaml', good)?.kind, 'valid');
  const read = parser.parse(
    'roadmap.yaml',
    `# one\n# two\n${good}  - id: b\n    title: C\n    depends_on: [zebra]\n`,
  );
  assert.ok(read?.kind === 'invalid');
  assert.deepEqual(
    read.problems.map(({ line, col, code }) => `${line}:${col} ${code}`),
    ['8:9 duplicate-id'],
  );
  assert.match(read.problems[0]?.message ?? '', /roadmap\.yaml:8:9\) and by the task at roadmap\.yaml:6:9/);
});
