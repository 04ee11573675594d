import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.ts';

function split(bytes: Uint8Array, sizes: readonly number[], lineBytes = 1_048_576) {
  const splitter = new LineSplitter(lineBytes);
  const lines = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    lines.push(...splitter.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return [...lines, ...splitter.end()];
}

function texts(bytes: Uint8Array | string, sizes: readonly number[] = []): string[] {
  return split(Buffer.from(bytes as string), sizes).map((line) => line.text);
}

test('lines end at \\n or \\r\\n and the last one needs no end', () => {
  assert.deepEqual(texts('a\nb\r\n\nc'), ['a', 'b', '', 'c']);
  assert.deepEqual(texts('a\n'), ['a']);
  assert.deepEqual(texts(''), []);
});

test('a character cut in two by a chunk border stays whole', () => {
  const text = 'é€😀é\n€😀';
  const bytes = Buffer.from(text);
  for (let size = 1; size < bytes.length; size++) {
    assert.deepEqual(texts(bytes, [size]), ['é€😀é', '€😀']);
  }
});

test('NUL stays, invalid UTF-8 and encoded surrogates are replaced, a byte order mark goes', () => {
  assert.deepEqual(texts('\uFEFF{"a":1}\nb\0c'), ['{"a":1}', 'b\0c']);
  assert.deepEqual(texts(Buffer.from([0xff, 0x61, 0x0a, 0xed, 0xa0, 0x80, 0x62])), [
    '\uFFFDa',
    '\uFFFD\uFFFD\uFFFDb',
  ]);
});

test('a longer line is cut at the limit, between characters, and marked', () => {
  const lines = split(Buffer.from('aaaa€bbb\nok\n'), [3, 2], 6);
  assert.deepEqual(lines, [
    { text: 'aaaa', truncated: true },
    { text: 'ok', truncated: false },
  ]);
  assert.deepEqual(split(Buffer.from('abcdef'), [], 6), [{ text: 'abcdef', truncated: false }]);
  assert.deepEqual(split(Buffer.from('abcdefg'), [2], 6), [{ text: 'abcdef', truncated: true }]);
});

test('what comes out does not depend on how the bytes were cut into chunks', () => {
  const byte = fc.oneof(
    fc.constantFrom(0x0a, 0x0d, 0x00, 0xc3, 0xa9, 0xe2, 0x82, 0xac, 0xf0, 0x9f, 0x98, 0x80, 0xff),
    fc.nat(255),
  );
  const limit = fc.integer({ min: 4, max: 40 });
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 200 }), fc.array(fc.nat(20)), limit, (data, sizes, lineBytes) => {
      const bytes = Buffer.from(data);
      assert.deepEqual(split(bytes, sizes, lineBytes), split(bytes, [], lineBytes));
    }),
    { numRuns: 2_000 },
  );
});

test('without a limit in the way the text is that of the whole', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(20)), (data, sizes) => {
      const whole = Buffer.from(data)
        .toString('utf8')
        .replace(/^\uFEFF/, '');
      const expected = whole.split('\n').map((line) => line.replace(/\r$/, ''));
      if (whole === '' || whole.endsWith('\n')) expected.pop();
      const found = texts(data, sizes);
      // A byte order mark or a carriage return alone may leave one empty last line.
      assert.equal(found.join('\n').replace(/\n$/, ''), expected.join('\n').replace(/\n$/, ''));
    }),
    { numRuns: 1_000 },
  );
});
