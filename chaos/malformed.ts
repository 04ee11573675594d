/** What is done to a good roadmap so that it is one no more. */
export interface Mutation {
  readonly name: string;
  /** May what comes out be a roadmap all the same? */
  readonly mayBeGood?: boolean;
  readonly make: (good: string, random: () => number) => string | Uint8Array;
}

/** A roadmap in the plain style, of a size that follows from chance. */
export function goodRoadmap(random: () => number): string {
  const phases = 1 + pick(4, random);
  const lines = ['# A plan', 'version: 1', 'project: shop', 'phases:'];
  let task = 0;
  for (let phase = 1; phase <= phases; phase++) {
    lines.push(`  - id: "${phase}"`, `    title: Phase ${phase}`, '    tasks:');
    for (let count = 1 + pick(5, random); count > 0; count--, task++) {
      lines.push(`      - id: task-${task}`, `        title: "Task: ${task}" # a comment`);
      if (random() < 0.5)
        lines.push('        prompt: |', `          Do ${task}.`, '', '          - And test it.');
      if (task > 0) lines.push(`        depends_on: [task-${pick(task, random)}]`);
      if (random() < 0.5) lines.push(`        files: [src/${task}.ts]`, '        priority: high');
    }
  }
  lines.push('tasks:', `  - { id: last, title: Last, depends_on: ["${phases}"] }`);
  return `${lines.join('\n')}\n`;
}

export function pick(limit: number, random: () => number): number {
  return Math.floor(random() * limit);
}

function insertAt(text: string, part: string, random: () => number): string {
  const at = pick(text.length + 1, random);
  return text.slice(0, at) + part + text.slice(at);
}

/** Puts lines in the place of one of the lines that match. */
function inPlaceOf(text: string, line: RegExp, by: (found: string) => string, random: () => number): string {
  const lines = text.split('\n');
  const places = lines.flatMap((each, at) => (line.test(each) ? [at] : []));
  const at = places[pick(places.length, random)] ?? 0;
  lines[at] = by(lines[at] ?? '');
  return lines.join('\n');
}

const many = (count: number, line: (n: number) => string) =>
  Array.from({ length: count }, (_, n) => line(n)).join('');
const above = (good: string, lines: string) => `${lines}\n${good}`;
const size = (least: number, most: number, random: () => number) => least + pick(most - least, random);

export const MUTATIONS: readonly Mutation[] = [
  // the text
  { name: 'cut off', mayBeGood: true, make: (good, random) => good.slice(0, pick(good.length, random)) },
  { name: 'nothing but blanks', make: (_, random) => ' \n'.repeat(pick(50, random)) },
  { name: 'nothing but comments', make: (_, random) => '# x\n'.repeat(1 + pick(50, random)) },
  { name: 'UTF-16', make: (good) => Buffer.from(`\uFEFF${good}`, 'utf16le') },
  {
    name: 'a byte that is not UTF-8',
    make: (good, random) => withByte(good, [0xff, 0xfe, 0xc0, 0xe2], random),
  },
  { name: 'a NUL', make: (good, random) => insertAt(good, '\0', random) },
  { name: 'an escape character', make: (good, random) => insertAt(good, '\u001b[2J', random) },
  {
    name: 'a byte order mark inside',
    mayBeGood: true,
    make: (good, random) => insertAt(good, '\uFEFF', random),
  },
  {
    name: 'other line ends',
    mayBeGood: true,
    make: (good, random) => good.replaceAll('\n', () => (random() < 0.5 ? '\r\n' : '\n')),
  },
  { name: 'a carriage return alone', mayBeGood: true, make: (good, random) => insertAt(good, '\r', random) },
  {
    name: 'a tab for indentation',
    make: (good, random) => inPlaceOf(good, /^ +title:/, (line) => line.replace(/^ +/, '\t'), random),
  },
  {
    name: 'a merge conflict',
    make: (good, random) =>
      inPlaceOf(
        good,
        /title:/,
        (line) => `<<<<<<< HEAD\n${line}\n=======\n${line} more\n>>>>>>> theirs`,
        random,
      ),
  },
  {
    name: 'too large',
    make: (good, random) => `${good}# ${'x'.repeat(1_048_576 + pick(1_000_000, random))}\n`,
  },
  // the syntax
  {
    name: 'a quote that is open',
    make: (good, random) =>
      inPlaceOf(good, /title: "/, (line) => line.replace(/(title: "[^"]*)"/, '$1'), random),
  },
  {
    name: 'a bracket that is open',
    make: (good, random) => inPlaceOf(good, /depends_on: \[/, (line) => line.replace(']', ''), random),
  },
  {
    name: 'an indentation off by one',
    make: (good, random) => inPlaceOf(good, /^ +title:/, (line) => ` ${line}`, random),
  },
  {
    name: 'a colon too many',
    make: (good, random) => inPlaceOf(good, /title: Phase/, (line) => `${line}: more`, random),
  },
  {
    name: 'a percent sign',
    make: (good, random) =>
      inPlaceOf(good, /title:/, (line) => line.replace(/title: .*/, 'title: @x'), random),
  },
  {
    name: 'an anchor',
    make: (good, random) =>
      inPlaceOf(good, /title: Phase/, (line) => line.replace('title: ', 'title: &a '), random),
  },
  {
    name: 'an alias',
    make: (good, random) =>
      inPlaceOf(good, /title: Phase/, (line) => line.replace(/title: .*/, 'title: *a'), random),
  },
  {
    name: 'a tag',
    make: (good, random) =>
      inPlaceOf(good, /title: Phase/, (line) => line.replace('title: ', 'title: !!js/function '), random),
  },
  { name: 'a second document', make: (good) => `${good}---\n${good}` },
  {
    name: 'a merge key',
    make: (good, random) =>
      inPlaceOf(
        good,
        /^ +title:/,
        (line) => `${line.replace(/title:.*/, '<<: { agent: x }')}\n${line}`,
        random,
      ),
  },
  {
    name: 'laughs by the billion',
    make: (good, random) =>
      above(
        good,
        `a: &a [x]\n${many(size(5, 30, random), (n) => `b${n}: &b${n} [${many(9, () => `*b${n - 1},`)}]\n`)}`,
      ),
  },
  {
    name: 'thousands of anchors',
    make: (good, random) =>
      above(
        good,
        many(size(100, 5_000, random), (n) => `a${n}: &x${n} 1\nb${n}: *x${n}\n`),
      ),
  },
  { name: 'an anchor in itself', make: (good) => above(good, 'a: &a { b: *a }') },
  {
    name: 'brackets in brackets',
    make: (good, random) => above(good, `a: ${'['.repeat(size(65, 200_000, random))}`),
  },
  {
    name: 'braces in braces',
    make: (good, random) => above(good, `a: ${'{a: '.repeat(size(65, 100_000, random))}`),
  },
  { name: 'lists in lists', make: (good, random) => `${'- '.repeat(size(65, 200_000, random))}x\n${good}` },
  { name: 'keys in keys', make: (good, random) => `${'? '.repeat(size(65, 200_000, random))}x\n${good}` },
  {
    name: 'deeper and deeper',
    make: (good, random) =>
      above(
        good,
        many(size(65, 800, random), (n) => `${' '.repeat(n)}a:\n`),
      ),
  },
  {
    name: 'a huge key',
    make: (good, random) => above(good, `${'k'.repeat(size(1_100, 900_000, random))}: 1`),
  },
  { name: 'too many values', make: (_, random) => `a: [${'x,'.repeat(size(200_001, 500_000, random))}]` },
  // the shape
  {
    name: 'an unknown key',
    make: (good, random) =>
      inPlaceOf(good, /^ +title:/, (line) => `${line}\n${line.replace(/title:.*/, 'titel: x')}`, random),
  },
  {
    name: 'a key twice',
    make: (good, random) => inPlaceOf(good, /^ +title:/, (line) => `${line}\n${line}`, random),
  },
  {
    name: '__proto__',
    make: (good, random) =>
      inPlaceOf(
        good,
        /^ +title:/,
        (line) => `${line}\n${line.replace(/title:.*/, '__proto__: { polluted: 1 }')}`,
        random,
      ),
  },
  {
    name: 'a list for a text',
    make: (good, random) =>
      inPlaceOf(good, /^ +title:/, (line) => line.replace(/title:.*/, 'title: [a]'), random),
  },
  { name: 'a text for a list', make: (good) => `${good.slice(0, good.indexOf('\ntasks:'))}\ntasks: none\n` },
  { name: 'a number for a task', make: (good) => `${good}  - 7\n` },
  { name: 'a word that is none', make: (good) => `${good}  - { id: x, title: X, priority: hihg }\n` },
  { name: 'another version', make: (good) => good.replace('version: 1', 'version: 0o14') },
  {
    name: 'a date for a number',
    make: (good) => `${good}  - { id: x, title: X, estimate_hours: 2026-11-21 }\n`,
  },
  { name: 'no for an id', mayBeGood: true, make: (good) => good.replace('id: last', 'id: no') },
  { name: 'an id that leaves its directory', make: (good) => good.replace('id: last', 'id: ../last') },
  {
    name: 'no id',
    make: (good, random) =>
      inPlaceOf(good, /^ +- id: task-/, (line) => line.replace(/id: .*/, 'agent: coder'), random),
  },
  // the dependencies
  {
    name: 'an id twice',
    make: (good, random) => `${good}  - { id: task-${pick(1, random)}, title: Again }\n`,
  },
  { name: 'an id in other case', make: (good) => `${good}  - { id: LAST, title: Again }\n` },
  {
    name: 'an unknown dependency',
    make: (good, random) =>
      inPlaceOf(good, /title: Phase/, (line) => `${line}\n    depends_on: [nowhere]`, random),
  },
  { name: 'a dependency on itself', make: (good) => `${good}  - { id: x, title: X, depends_on: [x] }\n` },
  {
    name: 'a dependency on what it stands in',
    make: (good, random) =>
      inPlaceOf(good, /^ {6}- id: task-0$/, (line) => `${line}\n        blocked_by: ["1"]`, random),
  },
  { name: 'a ring', make: (good, random) => good + ring(size(2, 200, random)) },
  {
    name: 'two items that were one',
    make: (good) => `${good}  - { id: x, title: X, was: old }\n  - { id: y, title: Y, was: old }\n`,
  },
  { name: 'an old id that is still there', make: (good) => `${good}  - { id: x, title: X, was: last }\n` },
];

function ring(length: number): string {
  return many(length, (n) => `  - { id: r${n}, title: R, depends_on: [r${(n + 1) % length}] }\n`);
}

function withByte(text: string, bytes: readonly number[], random: () => number): Uint8Array {
  const buffer = Buffer.from(text);
  const at = pick(buffer.length, random);
  return Buffer.concat([
    buffer.subarray(0, at),
    Buffer.from([bytes[pick(bytes.length, random)] ?? 0xff]),
    buffer.subarray(at),
  ]);
}

const PIECES = [
  ...'\t\n:-[]{}"\'#&*!|>%@`?,<= \0\u001b\r\uFEFF'.split(''),
  '<<: ',
  '- ',
  '---\n',
  '...\n',
  '&a ',
  '*a',
  '!!x ',
  '__proto__: ',
  '<<<<<<< a\n',
  'tasks:\n',
  '  - id: a\n',
  '    ',
  '\n\n',
  '|+\n',
  '>-\n',
];

/** One to four slips anywhere: characters, pieces of syntax, lines that are gone, doubled, moved or shifted, and bytes. */
export function fuzzed(text: string, random: () => number): string | Uint8Array {
  let result = text;
  for (let slips = 1 + pick(4, random); slips > 0; slips--) {
    const lines = result.split('\n');
    const line = pick(lines.length, random);
    const kind = pick(7, random);
    if (kind === 0) result = insertAt(result, PIECES[pick(PIECES.length, random)] ?? '', random);
    else if (kind === 1) {
      const at = pick(result.length + 1, random);
      result = result.slice(0, at) + result.slice(at + 1 + pick(20, random));
    } else if (kind === 2) result = insertAt(result, String.fromCodePoint(pick(0xd7ff, random)), random);
    else {
      if (kind === 3) lines.splice(line, 1 + pick(3, random));
      else if (kind === 4) lines.splice(line, 0, ...lines.slice(line, line + 1 + pick(4, random)));
      else if (kind === 5)
        lines.splice(pick(lines.length, random), 0, ...lines.splice(line, 1 + pick(3, random)));
      else
        lines[line] =
          random() < 0.5
            ? `${' '.repeat(1 + pick(5, random))}${lines[line]}`
            : (lines[line] ?? '').slice(pick(4, random));
      result = lines.join('\n');
    }
  }
  return random() < 0.1 ? withByte(result, [pick(256, random)], random) : result;
}
