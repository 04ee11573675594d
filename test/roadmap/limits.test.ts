import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { composeDocument } from '../../src/adapters/yaml/compose.ts';
import { readRoadmap } from '../../src/adapters/yaml/read-roadmap.ts';
import { buildPlan } from '../../src/core/roadmap/plan.ts';
import type { RoadmapProblemCode } from '../../src/core/roadmap/problem.ts';
import { ProblemList } from '../../src/core/source/problem.ts';

const read = (text: string | Uint8Array) =>
  readRoadmap('roadmap.yaml', typeof text === 'string' ? Buffer.from(text) : text);

function codes(text: string | Uint8Array): readonly string[] {
  const result = read(text);
  return result.kind === 'valid' ? [] : [...new Set(result.problems.map((problem) => problem.code))];
}

const MIB = 1_048_576;
const repeat = (count: number, line: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => line(i)).join('');

/** Inputs on which YAML parsers are known to hang, recurse or fill the memory. */
const HOSTILE: readonly [title: string, text: string, code: string][] = [
  ['10 MB', 'a'.repeat(10 * MIB), 'too-large'],
  ['one byte more than 1 MiB', `tasks:\n  - id: a\n    prompt: ${'x'.repeat(MIB)}`, 'too-large'],
  ['200,000 open brackets', '['.repeat(200_000), 'too-deep'],
  ['200,000 open braces', '{a: '.repeat(200_000), 'too-deep'],
  ['200,000 nested list items', '- '.repeat(200_000), 'too-deep'],
  ['200,000 nested keys', '? '.repeat(200_000), 'too-deep'],
  ['1,000 levels of indentation', repeat(1_000, (i) => `${' '.repeat(i)}a:\n`), 'too-deep'],
  ['5,000 anchors and aliases', repeat(5_000, (i) => `a${i}: &x${i} 1\nb${i}: *x${i}\n`), 'alias'],
  [
    'a billion laughs',
    `a: &a [x, x]\n${repeat(25, (i) => `b${i}: &b${i} [*b${i - 1}, *b${i - 1}]\n`)}`,
    'alias',
  ],
  ['50,000 documents', 'a: 1\n---\n'.repeat(50_000), 'multiple-documents'],
  ['400,000 list items', `a: [${'x,'.repeat(400_000)}]`, 'too-many-nodes'],
  ['80,000 keys in one map', `{${repeat(80_000, (i) => `k${i},`)}}`, 'unknown-key'],
  ['the same key 60,000 times', repeat(60_000, () => 'tasks: []\n'), 'duplicate-key'],
  ['300,000 quotes', '"'.repeat(600_000), 'too-many-nodes'],
  ['500,000 closing brackets', ']'.repeat(500_000), 'too-many-nodes'],
  ['a key of 900 kB', `${'a'.repeat(900_000)}: 1`, 'syntax'],
  ['900,000 spaces', `${' '.repeat(900_000)}a: b`, 'unknown-key'],
  ['200,000 lines of one text', `a: ${'b\n  '.repeat(200_000)}`, 'unknown-key'],
  [
    '20,000 unknown dependencies',
    `tasks:\n  - id: a\n    title: A\n    depends_on: [${repeat(20_000, (i) => `no-such-task-${i},`)}]\n`,
    'unknown-dependency',
  ],
  [
    'a product of dependencies',
    `phases:\n  - id: p\n    depends_on: [${repeat(5_000, (i) => `t${i},`)}]\n    tasks:\n${repeat(5_000, (i) => `    - {id: u${i}, title: U}\n`)}tasks:\n${repeat(5_000, (i) => `- {id: t${i}, title: T}\n`)}`,
    'too-many-dependencies',
  ],
];

for (const [title, text, code] of HOSTILE) {
  test(`a roadmap of ${title} is refused without hanging`, () => {
    assert.deepEqual(codes(text).slice(0, 1), [code]);
  });
}

test('a ring of ten thousand tasks is named in one bounded line', () => {
  const result = read(
    `tasks:\n${repeat(10_000, (i) => `  - {id: t${i}, title: T, depends_on: t${(i + 1) % 10_000}}\n`)}`,
  );
  assert.ok(result.kind === 'invalid' && result.problems.length === 1);
  assert.match(
    result.problems[0]?.message ?? '',
    /^These wait for each other: t0 → t1 → .*9978 more.* → t9999 → t0 \(/,
  );
  assert.ok((result.problems[0]?.message.length ?? 0) < 1_000);
});

test('ten thousand tasks in a chain are a plan', () => {
  const result = read(
    `tasks:\n${repeat(10_000, (i) => `  - {id: t${i}, title: T${i > 0 ? `, depends_on: t${i - 1}` : ''}}\n`)}`,
  );
  assert.ok(result.kind === 'valid');
  assert.equal(buildPlan(result.roadmap).tasks[0]?.chain, 10_000);
});

test('a prompt of a million characters is fine', () => {
  const result = read(`tasks:\n  - id: a\n    prompt: |\n      ${'x'.repeat(1_000_000)}\n`);
  assert.ok(result.kind === 'valid');
  assert.equal(result.roadmap.tasks[0]?.prompt.length, 1_000_000);
});

const GOOD = 'tasks:\n  - id: a\n    title: Ä\n';

test('UTF-16 is named as such, with and without a byte order mark', () => {
  for (const text of [`\uFEFF${GOOD}`, GOOD]) {
    const little = Buffer.from(text, 'utf16le');
    assert.deepEqual(codes(little), ['encoding']);
    assert.deepEqual(codes(Buffer.from(little).swap16()), ['encoding']);
  }
});

const BROKEN: readonly [title: string, before: string, bytes: number[], after: string, place: string][] = [
  ['a Latin-1 letter', 'tasks:\n  - title: ', [0xe4], 'x\n', '2:12'],
  ['a stray continuation byte', 'a: é', [0x80], '', '1:5'],
  ['half a character at the end', 'a: ', [0xe2, 0x82], '', '1:4'],
  ['half a character before a letter', 'a: 🚀', [0xf0, 0x9f], 'x', '1:6'],
  ['an overlong slash', 'a: ', [0xc0, 0xaf], '', '1:4'],
  ['a surrogate', 'a\nb: ', [0xed, 0xa0, 0x80], 'c', '2:4'],
  ['a bad byte after a byte order mark', '\uFEFFab', [0xff], '', '1:3'],
  ['a bad byte far down', `${'# é\n'.repeat(1_000)}a: `, [0xff], '\n', '1001:4'],
];

for (const [title, before, bytes, after, place] of BROKEN) {
  test(`${title} is refused as no UTF-8, at its place`, () => {
    const result = read(Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)]));
    assert.ok(result.kind === 'invalid');
    const [problem] = result.problems;
    assert.deepEqual([problem?.code, `${problem?.line}:${problem?.col}`], ['encoding', place]);
  });
}

const VALID = `version: 1
project: shop
defaults: { agent: coder }
initiatives:
  - id: checkout
    phases:
      - id: "1"
        plans:
          - id: cart
            wave: 1
            tasks:
              - id: cart-model
                title: Cart model
                prompt: |
                  Create it
                depends_on: [schema]
                files: [src/cart.ts, "lib/**"]
                priority: high
                timeout: 1h30m
                budget: { usd: 2 }
tasks:
  - { id: schema, title: Schema, exit_criteria: [{ critic: x }] } # first
`;

/** Cuts, repeats, swaps and inserts pieces, so that most of the text stays a roadmap. */
const mutation = fc.record({
  at: fc.nat(VALID.length),
  length: fc.nat(30),
  insert: fc.oneof(
    fc.constantFrom(
      ...'\t\n:-[]{}"\'#&*!|>%@`?,<= \u0000\u001b'.split(''),
      '<<: ',
      '- ',
      '---\n',
      '&a ',
      '*a',
      '!!x ',
      '__proto__: ',
      '<<<<<<< HEAD\n',
    ),
    fc.string({ maxLength: 6 }),
    fc.nat(VALID.length).map((from) => VALID.slice(from, from + 40)),
  ),
});

test('a roadmap broken in any way gives a roadmap or problems at places in the file, and never throws', () => {
  let valid = 0;
  let invalid = 0;
  fc.assert(
    fc.property(fc.array(mutation, { minLength: 1, maxLength: 4 }), (mutations) => {
      let text = VALID;
      for (const { at, length, insert } of mutations)
        text = text.slice(0, at) + insert + text.slice(at + length);
      const result = read(text);
      if (result.kind === 'valid') {
        valid++;
        buildPlan(result.roadmap);
        return;
      }
      invalid++;
      assert.ok(result.problems.length > 0 && result.problems.length <= 100);
      const lines = text.split('\n');
      for (const { line, col, message, advice, file } of result.problems) {
        assert.equal(file, 'roadmap.yaml');
        assert.ok(line >= 1 && line <= lines.length && col >= 1, `${line}:${col} ${message}`);
        assert.ok(col <= (lines[line - 1]?.length ?? 0) + 1, `${line}:${col} ${message}`);
        assert.ok(message !== '' && advice !== '' && !/\p{Cc}/u.test(message + advice));
      }
    }),
    { numRuns: 3_000 },
  );
  assert.ok(valid > 10 && invalid > 500, `${valid} valid, ${invalid} invalid`);
});

test('any bytes at all give problems, and never throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      assert.equal(read(bytes).kind, 'invalid');
    }),
    { numRuns: 1_000 },
  );
});

test('the size of a document is two numbers, which keep nothing of what it was read from', () => {
  const problems = new ProblemList<RoadmapProblemCode>('roadmap.yaml', '');
  const composed = composeDocument('tasks:\n  - { id: a, prompt: Do it }\n', problems);
  assert.deepEqual(composed?.size, { nodes: composed?.size.nodes, depth: composed?.size.depth });
});
