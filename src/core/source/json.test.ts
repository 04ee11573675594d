import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseJson } from './json.ts';
import { plainValue } from './located.ts';

/** Each text has a « at the place that must be named. */
const REFUSED: readonly [title: string, text: string, says: string][] = [
  ['nothing', '«', 'empty'],
  ['blank lines', '\n\n«', 'empty'],
  ['a comma at the end of a map', '{"a": 1«,}', 'Remove the comma'],
  ['a comma at the end of a list', '[1«, ]', 'Remove the comma'],
  ['a missing comma', '{"a": 1\n «"b": 2}', 'Put a comma'],
  ['a missing comma in a list', '[1 «2]', 'Put a comma'],
  ['a comment', '{\n  «// why\n  "a": 1\n}', 'Remove the comment'],
  ['a comment behind a value', '{"a": 1 «/* x */}', 'Remove the comment'],
  ['single quotes', "{«'a': 1}", 'Use double quotes'],
  ['a value in single quotes', '{"a": «\'b\'}', 'Use double quotes'],
  ['a key without quotes', '{«a: 1}', 'Write "key": value'],
  ['a word', '{"a": «yes}', 'write "yes"'],
  ['NaN', '[«NaN]', 'not a JSON value'],
  ['undefined', '[«undefined]', 'not a JSON value'],
  ['a number with a leading zero', '[0«1]', 'Expected ","'],
  ['a number with a plus', '[«+1]', 'Expected a value'],
  ['a bare point', '[«.5]', 'Expected a value'],
  ['a missing colon', '{"a" «1}', 'Expected ":"'],
  ['a missing value', '{"a": «}', 'Expected a value'],
  ['text that is not closed', '{"a": «"b\n}', 'not closed'],
  ['a tab in text', '{"a": «"b\tc"}', 'not closed'],
  ['an unknown escape', '{"a": "b«\\q"}', 'no such escape'],
  ['half a unicode escape', '["«\\u12g4"]', 'no such escape'],
  ['a map that is not closed', '{"a": 1«', 'end of the file'],
  ['a list that is not closed', '[1, 2«', 'end of the file'],
  ['something behind the end', '{} «x', 'after the end'],
  ['a second value', '{}\n«{}', 'after the end'],
  ['nesting without end', `${'['.repeat(65)}«${'['.repeat(500)}`, '64 levels'],
];

for (const [title, marked, says] of REFUSED) {
  test(`JSON with ${title} is refused at its place`, () => {
    const text = marked.replace('«', '');
    assert.throws(() => JSON.parse(text) as unknown, SyntaxError);
    const before = marked.slice(0, marked.indexOf('«')).split('\n');
    const parsed = parseJson(text);
    assert.ok(parsed.kind === 'failed');
    assert.deepEqual(parsed.at, { line: before.length, col: (before.at(-1) ?? '').length + 1 });
    assert.ok(`${parsed.message} ${parsed.advice}`.includes(says), `${parsed.message} ${parsed.advice}`);
  });
}

test('any JSON text means what JSON.parse makes of it', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(undefined, 2, '\t'), (json, indent) => {
      const text = JSON.stringify(JSON.parse(json), undefined, indent);
      const parsed = parseJson(text);
      assert.ok(parsed.kind === 'parsed', text);
      assert.deepEqual(plainValue(parsed.tree), JSON.parse(text));
    }),
  );
});

test('any text is JSON exactly when JSON.parse takes it', () => {
  const text = fc.string({ unit: fc.constantFrom(...'{}[]",:1-.eE0 \n\\utrflas'), maxLength: 12 });
  fc.assert(
    fc.property(text, (some) => {
      let valid = true;
      try {
        JSON.parse(some);
      } catch {
        valid = false;
      }
      assert.equal(parseJson(some).kind === 'parsed', valid, some);
    }),
    { numRuns: 3_000 },
  );
});

test('keys and values know their places', () => {
  const parsed = parseJson('{\n  "a": [1,\n   {"b": true}]\n}');
  assert.ok(parsed.kind === 'parsed' && parsed.tree.kind === 'map');
  const [a] = parsed.tree.entries;
  assert.ok(a?.value.kind === 'list' && a.value.items[1]?.kind === 'map');
  assert.deepEqual(a.keyAt, { line: 2, col: 3 });
  assert.deepEqual(a.value.at, { line: 2, col: 8 });
  assert.deepEqual(a.value.items[1].entries[0]?.value.at, { line: 3, col: 10 });
});

test('a key named __proto__ stays a key', () => {
  const parsed = parseJson('{"__proto__": {"x": 1}}');
  assert.ok(parsed.kind === 'parsed');
  const value = plainValue(parsed.tree) as object;
  assert.deepEqual(Object.keys(value), ['__proto__']);
  assert.equal('x' in value, false);
});
