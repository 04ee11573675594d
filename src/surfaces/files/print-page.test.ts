import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFrontMatter } from '../../adapters/yaml/front-matter.ts';
import { patchPage, printPage } from './print-page.ts';
import { type ReadPage, readPage } from './read-page.ts';

const KNOWN = { known: new Set(['id', 'title', 'files', 'state', 'summary']), keeps: new Set<string>() };

function read(text: string): ReadPage {
  const reading = readPage('a.md', text, readFrontMatter);
  assert.equal(reading.kind, 'read');
  return (reading as Extract<typeof reading, { kind: 'read' }>).page;
}

test('whatever a value is, it reads as what it was', () => {
  const values = [
    ...[
      'plain words',
      'yes',
      'no',
      'null',
      '12',
      '0x1f',
      '1.10',
      'a: b',
      'a, b',
      '#c',
      '- d',
      '',
      ' e ',
      'task:x',
    ],
    ...[
      'two\nlines',
      'with # mark',
      '"q"',
      "it's",
      '[a]',
      '{a: b}',
      '&x',
      '*x',
      '2026-11-21T18:42:31.004Z',
      '~',
    ],
  ];
  for (const value of values) {
    const { fields } = read(printPage({ head: [['title', value]], body: 'x' }));
    assert.equal(String(fields['title'] ?? ''), value, JSON.stringify(value));
    const list = read(printPage({ head: [['files', [value, 'z']]], body: 'x' }));
    assert.deepEqual(list.fields['files'], [value, 'z'], JSON.stringify(value));
  }
});

test('a person keeps their order, comments and way of writing where nothing changes', () => {
  const text =
    '---\n# first\ntitle: "Mine"  # why\nfiles:\n  - a\n  - b\n\n# last\nid: a\n---\nDo it.\n\nAnd that.\n';
  const head = [
    ['id', 'a'],
    ['title', 'Mine'],
    ['files', ['a', 'b']],
  ] as const;
  const body = 'Do it.\n\nAnd that.';
  assert.equal(patchPage(text, read(text), { head, body }, KNOWN), text);
  const changed = patchPage(
    text,
    read(text),
    { head: [...head.slice(0, 2), ['files', ['c']], ['state', 'done']], body },
    KNOWN,
  );
  assert.equal(
    changed,
    '---\n# first\ntitle: "Mine"  # why\nfiles: [c]\n\n# last\nid: a\nstate: done\n---\nDo it.\n\nAnd that.\n',
  );
  const without = patchPage(changed, read(changed), { head: head.slice(0, 1), body: 'New.' }, KNOWN);
  assert.equal(without, '---\n# first\n\n# last\nid: a\n---\n\nNew.\n');
});

test('a page without front matter gets one, and line ends stay', () => {
  const text = 'Do it.\r\nNow.\r\n';
  const page = { head: [['id', 'a']] as const, body: 'Do it.\nNow.' };
  assert.equal(patchPage(text, read(text), page, KNOWN), '---\r\nid: a\r\n---\r\nDo it.\r\nNow.\r\n');
});

test('front matter without an end, and YAML that is none, are named with their place', () => {
  const problems = (text: string) => {
    const reading = readPage('a.md', text, readFrontMatter);
    return reading.kind === 'invalid' ? reading.problems.map(({ line, col }) => `${line}:${col}`) : [];
  };
  assert.deepEqual(problems('---\nid: a\n'), ['1:1']);
  assert.deepEqual(problems('---\nid: a\ntitle: [a\n---\nx'), ['3:8']);
  assert.deepEqual(problems('---\n- a\n---\nx'), ['2:1']);
});
