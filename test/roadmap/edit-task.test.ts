import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { RoadmapEditor } from '../../src/adapters/yaml/roadmap-editor.ts';
import { loadRoadmap } from '../../src/adapters/yaml/roadmap-file.ts';
import type { RoadmapEdit, TaskFields } from '../../src/core/roadmap/edits.ts';
import { tasksInOrder } from '../../src/core/roadmap/graph.ts';

async function editorOf(t: TestContext, text: string): Promise<{ editor: RoadmapEditor; path: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'cw-edit-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'roadmap.yaml');
  await writeFile(path, text);
  return { editor: new RoadmapEditor(path, 'roadmap.yaml', async () => {}), path };
}

async function edited(t: TestContext, text: string, edit: RoadmapEdit): Promise<string> {
  const { editor } = await editorOf(t, text);
  return (await editor.edit(edit, { dryRun: true })).after;
}

const set = (fields: TaskFields, id = 'a'): RoadmapEdit => ({ kind: 'set', id, fields });

const TEXT = `# The plan
tasks:
  # about a
  - id: a   # the first
    title: "A: one" # short
    prompt: |  # long
      First.

      Then.

    depends_on: [b, 'c'] # both
    files:
      - src/a.ts # this
      - "src/b.ts"

  - priority: low
    id: b
    title: B
    budget: { usd: 1, turns: 5 }
  - { id: c, title: 'C' } # in brackets
# the end
`;

const CASES: readonly [what: string, edit: RoadmapEdit, before: string, after: string][] = [
  ['a title', set({ title: 'New' }), '    title: "A: one" # short\n', '    title: New # short\n'],
  ['a text that YAML would misread', set({ title: 'a: #1' }), 'title: "A: one" #', 'title: "a: #1" #'],
  [
    'a long prompt by another one',
    set({ prompt: 'Other:\n\n  - x\n' }),
    '|  # long\n      First.\n\n      Then.\n',
    '|  # long\n      Other:\n\n        - x\n',
  ],
  [
    'a long prompt by a line',
    set({ prompt: 'Short' }),
    '|  # long\n      First.\n\n      Then.\n',
    'Short  # long\n',
  ],
  [
    'a line by a long prompt',
    set({ title: 'B', prompt: 'x\ny' }, 'b'),
    '    id: b\n    title: B\n',
    '    id: b\n    title: B\n    prompt: |-\n      x\n      y\n',
  ],
  ['a list in brackets, one added', set({ depends_on: ['b', 'c', 'd'] }), "[b, 'c'] #", "[b, 'c', d] #"],
  ['a list in brackets, one removed', set({ depends_on: ['c'] }), "[b, 'c'] #", "['c'] #"],
  ['a list in brackets, in another order', set({ depends_on: ['c', 'b'] }), "[b, 'c'] #", '[c, b] #'],
  [
    'a list of lines, one added',
    set({ files: ['src/a.ts', 'src/b.ts', 'x/**'] }),
    '"src/b.ts"\n',
    '"src/b.ts"\n      - x/**\n',
  ],
  ['a list of lines, one removed', set({ files: ['src/b.ts'] }), '      - src/a.ts # this\n', ''],
  [
    'a key that is not there yet',
    set({ priority: 'high' }),
    '"src/b.ts"\n',
    '"src/b.ts"\n    priority: high\n',
  ],
  ['a part of a map', set({ budget: { usd: 2 } }, 'b'), '{ usd: 1,', '{ usd: 2,'],
  ['a key away', set({ files: null }), '    files:\n      - src/a.ts # this\n      - "src/b.ts"\n', ''],
  ['all of a list away', set({ depends_on: [] }), "    depends_on: [b, 'c'] # both\n", ''],
  [
    'the first key of an item away',
    set({ priority: null }, 'b'),
    '  - priority: low\n    id: b\n',
    '  - id: b\n',
  ],
  [
    'a task in brackets',
    set({ title: 'See: C', agent: 'coder' }, 'c'),
    "title: 'C' }",
    'title: "See: C", agent: coder }',
  ],
  [
    'a task out',
    { kind: 'remove', id: 'b', mentions: true },
    '  - priority: low\n    id: b\n    title: B\n    budget: { usd: 1, turns: 5 }\n',
    '',
  ],
];

for (const [what, edit, before, after] of CASES) {
  test(`S0-53 an edit changes ${what}, and no other character`, async (t) => {
    let text = TEXT;
    if (what.includes('one added')) text = `${TEXT}  - { id: d, title: D }\n`;
    let expected = text.replace(before, after);
    assert.notEqual(expected, text);
    if (edit.kind === 'remove') expected = expected.replace("[b, 'c'] #", "['c'] #");
    assert.equal(await edited(t, text, edit), expected);
    // A file of another system keeps its line ends.
    const windows = (each: string) => each.replaceAll('\n', '\r\n');
    assert.equal(await edited(t, windows(text), edit), windows(expected));
  });
}

test('S0-53 a rename goes through the file, and says what the task was', async (t) => {
  assert.equal(
    await edited(t, TEXT, { kind: 'rename', id: 'c', to: 'cart' }),
    TEXT.replace("'c'", "'cart'").replace("{ id: c, title: 'C' }", "{ id: cart, title: 'C', was: c }"),
  );
  const { editor } = await editorOf(t, TEXT);
  await editor.edit({ kind: 'rename', id: 'a', to: 'x' });
  await editor.edit({ kind: 'rename', id: 'x', to: 'y' });
  const back = await editor.edit({ kind: 'rename', id: 'y', to: 'a' });
  assert.match(back.after, /- id: a {3}# the first\n {4}was: \[x, y\]\n/);
});

test('a task goes into a phase or a plan, also into one that had none', async (t) => {
  const text =
    'phases:\n  - id: "1"\n    tasks:\n      - id: a\n        title: A\n  # soon\n  - id: "2"\n    goal: x\n  - id: "3"\n    tasks: []\n';
  const add = (into: string): RoadmapEdit => ({ kind: 'add', id: 'n', fields: { title: 'N' }, into });
  const item = '      - id: n\n        title: N\n';
  assert.equal(await edited(t, text, add('1')), text.replace('title: A\n', `title: A\n${item}`));
  assert.equal(await edited(t, text, add('2')), text.replace('goal: x\n', `goal: x\n    tasks:\n${item}`));
  assert.equal(await edited(t, text, add('3')), text.replace('tasks: []\n', `tasks:\n${item}`));
  await assert.rejects(edited(t, text, add('4')), { code: 'UNKNOWN_CONTAINER' });
});

const REFUSED: readonly [what: string, edit: RoadmapEdit, code: string][] = [
  ['a task that is not there', set({ title: 'X' }, 'zebra'), 'UNKNOWN_TASK'],
  ['a task that others wait for', { kind: 'remove', id: 'b', mentions: false }, 'TASK_NEEDED'],
  ['a dependency that is not there', set({ depends_on: ['zebra'] }), 'ROADMAP_INVALID'],
  ['a cycle', set({ depends_on: ['a'] }, 'b'), 'ROADMAP_INVALID'],
  ['an id that is taken', { kind: 'rename', id: 'a', to: 'b' }, 'ROADMAP_INVALID'],
  ['a word that is none', set({ priority: 'hihg' }), 'ROADMAP_INVALID'],
];

for (const [what, edit, code] of REFUSED) {
  test(`S0-56 an edit to ${what} is refused, and the file stays`, async (t) => {
    const { editor, path } = await editorOf(t, TEXT);
    await assert.rejects(editor.edit(edit), { code });
    assert.equal(await readFile(path, 'utf8'), TEXT);
  });
}

const id = fc.constantFrom('a', 'b', 'c');
const words = fc.string({
  unit: fc.constantFrom(...'ab:#-*&!|>\'"%@`{}[],? \n0~\\é🚀'),
  minLength: 1,
  maxLength: 30,
});
const anyEdit: fc.Arbitrary<RoadmapEdit> = fc.oneof(
  fc.record({
    kind: fc.constant('set' as const),
    id,
    fields: fc.dictionary(fc.constantFrom('title', 'prompt', 'verify'), words, { minKeys: 1 }),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    id,
    fields: fc.record({
      files: fc.array(fc.constantFrom('src/a.ts', 'src/b.ts', 'lib/**', '[x]', '- y'), { maxLength: 4 }),
    }),
  }),
  fc.record({
    kind: fc.constant('set' as const),
    id,
    fields: fc.record({ priority: fc.nat(100), timeout: fc.constant('5m') }),
  }),
  fc.record({ kind: fc.constant('rename' as const), id, to: fc.constantFrom('x', 'null', '1.10', 'true') }),
  fc.record({ kind: fc.constant('remove' as const), id, mentions: fc.constant(true) }),
  fc.record({
    kind: fc.constant('add' as const),
    id: fc.constantFrom('n', 'm'),
    fields: fc.record({ title: words }),
  }),
);

test('S0-53 whatever edits come one after the other, all comments stay, and what they say is what the file means', async (t) => {
  const { editor, path } = await editorOf(t, TEXT);
  const COMMENTS = ['# The plan', '# about a', '# the end'];
  let made = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 4 }), async (edits) => {
      await writeFile(path, TEXT);
      for (const edit of edits) {
        const before = await readFile(path, 'utf8');
        try {
          const { after } = await editor.edit(edit, { dryRun: true });
          await writeFile(path, after);
          made++;
        } catch (error) {
          const { code } = error as { code: string };
          assert.ok(
            ['ROADMAP_INVALID', 'UNKNOWN_TASK'].includes(code),
            `${code} ${JSON.stringify(edit)}\n${before}`,
          );
        }
        const text = await readFile(path, 'utf8');
        for (const comment of COMMENTS)
          assert.ok(text.includes(comment), `${comment} after ${JSON.stringify(edit)}`);
      }
      const { roadmap } = await loadRoadmap(path);
      assert.ok(tasksInOrder(roadmap).length > 0);
    }),
    { numRuns: 150 },
  );
  assert.ok(made > 100);
});
