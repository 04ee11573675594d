import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type DecodedInput, InputDecoder } from './input-decoder.ts';

function decoded(...pieces: readonly (string | Uint8Array)[]): DecodedInput[] {
  const decoder = new InputDecoder();
  return pieces.flatMap((piece) => decoder.feed(Buffer.from(piece as string)));
}

const keysOf = (inputs: readonly DecodedInput[]): string[] =>
  inputs.map((input) => (input.kind === 'key' ? input.key : input.kind));

const KEYS: Readonly<Record<string, readonly string[]>> = {
  up: ['\u001b[A', '\u001bOA'],
  'ctrl+right': ['\u001b[1;5C'],
  'shift+up': ['\u001b[1;2A'],
  'alt+up': ['\u001b[1;3A', '\u001b\u001b[A', '\u001b\u001bOA'],
  'ctrl+alt+shift+end': ['\u001b[1;8F'],
  home: ['\u001b[H', '\u001bOH', '\u001b[1~', '\u001b[7~'],
  end: ['\u001b[F', '\u001bOF', '\u001b[4~', '\u001b[8~'],
  pgup: ['\u001b[5~'],
  pgdn: ['\u001b[6~'],
  delete: ['\u001b[3~'],
  'ctrl+delete': ['\u001b[3;5~'],
  f1: ['\u001bOP', '\u001b[11~', '\u001b[[A', '\u001b[P'],
  f5: ['\u001b[15~', '\u001b[[E'],
  'shift+f3': ['\u001b[1;2R'],
  'shift+tab': ['\u001b[Z', '\u001b[9;2u'],
  tab: ['\t'],
  enter: ['\r', '\u001bOM', '\u001b[13u'],
  esc: ['\u001b[27u'],
  backspace: ['\u007f', '\b'],
  space: [' '],
  'ctrl+space': ['\u0000'],
  'ctrl+w': ['\u0017', '\u001b[119;5u', '\u001b[27;5;119~'],
  'ctrl+z': ['\u001a'],
  'ctrl+\\': ['\u001c'],
  'alt+x': ['\u001bx', '\u001b[120;3u'],
  'alt+enter': ['\u001b\r'],
  'ctrl+alt+a': ['\u001b\u0001'],
  G: ['G', '\u001b[103;2u', '\u001b[71;2u'],
  世: ['世'],
  '👩': ['👩'],
};

test('keys are told by name, as xterm, tmux, kitty, rxvt and the Linux console send them', () => {
  for (const [name, sequences] of Object.entries(KEYS)) {
    for (const sequence of sequences) {
      assert.deepEqual(keysOf(decoded(sequence)), [name], JSON.stringify(sequence));
    }
  }
});

test('a key says what it types, and one that types nothing says so', () => {
  assert.deepEqual(decoded('ä \u001bx\u0001'), [
    { kind: 'key', key: 'ä', text: 'ä' },
    { kind: 'key', key: 'space', text: ' ' },
    { kind: 'key', key: 'alt+x', text: '', afterEscape: { key: 'x', text: 'x' } },
    { kind: 'key', key: 'ctrl+a', text: '' },
  ]);
});

test('a key behind an escape byte also says what it is without Alt, and one with Alt for certain does not', () => {
  const after = (bytes: string) =>
    decoded(bytes).map((input) => (input.kind === 'key' ? input.afterEscape?.key : undefined));
  for (const [bytes, key] of [
    ['\u001bj', 'j'],
    ['\u001b]', undefined],
    ['\u001b]x', ']'],
    ['\u001bP ', 'P'],
    ['\u001bXx', 'X'],
    ['\u001b\r', 'enter'],
    ['\u001b\u0003', 'ctrl+c'],
    ['\u001b\u001b[A', 'up'],
    ['\u001b[1;3A', undefined],
    ['\u001b[120;3u', undefined],
  ] as const) {
    assert.equal(after(bytes)[0], key, JSON.stringify(bytes));
  }
  const decoder = new InputDecoder();
  decoder.feed(Buffer.from('\u001b\u001b'));
  assert.deepEqual(decoder.flush(), [
    { kind: 'key', key: 'alt+esc', text: '', afterEscape: { key: 'esc', text: '' } },
  ]);
});

test('Escape alone is told when nothing follows it in time', () => {
  const decoder = new InputDecoder();
  assert.equal(decoder.waitMs, undefined);
  assert.deepEqual(decoder.feed(Buffer.from('\u001b')), []);
  assert.equal(decoder.waitMs, 50);
  assert.deepEqual(keysOf(decoder.flush()), ['esc']);
  assert.equal(decoder.waitMs, undefined);
  decoder.feed(Buffer.from('\u001b['));
  assert.deepEqual(keysOf(decoder.flush()), ['alt+[']);
});

test('what is pasted is one text, whatever is in it and however it comes', () => {
  const text = 'rm -rf /\r\n\u001b[A\u001b]0;x\u0007 ✓';
  const bytes = Buffer.from(`a\u001b[200~${text}\u001b[201~b`);
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assert.deepEqual(decoded(...pieces), [
    { kind: 'key', key: 'a', text: 'a' },
    { kind: 'paste', text },
    { kind: 'key', key: 'b', text: 'b' },
  ]);
});

test('a paste that is never ended locks nobody out', () => {
  const decoder = new InputDecoder();
  decoder.feed(Buffer.from('\u001b[200~half'));
  assert.equal(decoder.waitMs, 1_000);
  assert.deepEqual(decoder.flush(), [{ kind: 'paste', text: 'half' }]);
  assert.deepEqual(keysOf(decoder.feed(Buffer.from('q'))), ['q']);
});

test('the mouse is told with its place from 0, and only its left button and wheel', () => {
  assert.deepEqual(decoded('\u001b[<0;3;4M\u001b[<32;4;4M\u001b[<0;4;4m\u001b[<64;1;1M\u001b[<81;1;1M'), [
    { kind: 'mouse', action: 'press', x: 2, y: 3 },
    { kind: 'mouse', action: 'drag', x: 3, y: 3 },
    { kind: 'mouse', action: 'release', x: 3, y: 3 },
    { kind: 'mouse', action: 'wheel-up', x: 0, y: 0 },
    { kind: 'mouse', action: 'wheel-down', x: 0, y: 0 },
  ]);
  assert.deepEqual(decoded('\u001b[<2;3;4M\u001b[<35;3;4M\u001b[<0;0;0M\u001b[M !!'), []);
});

test('answers of the terminal are no keys, also when they come late or in a string that is not ended', () => {
  assert.deepEqual(decoded('\u001b]11;rgb:ffff/8080/0000\u001b\\\u001b[?62;22c'), [
    { kind: 'background', red: 1, green: 0x8080 / 0xffff, blue: 0 },
    { kind: 'attributes' },
  ]);
  assert.deepEqual(
    decoded('\u001b[24;80R\u001bP>|xterm\u001b\\\u001b[?2026;2$y\u001b[I\u001b[O\u001b]10;x\u0007'),
    [],
  );
  const decoder = new InputDecoder();
  decoder.feed(Buffer.from('\u001b]11;rgb:'));
  assert.equal(decoder.waitMs, 1_000);
  assert.deepEqual(decoder.flush(), []);
  assert.deepEqual(keysOf(decoded('\u001b]11;rgb:\u001b[A')), ['up']);
});

// Bytes that begin, go on and end sequences come up often, so that most runs reach deep into the decoder.
const BYTES = fc.array(
  fc.oneof(
    fc.constantFrom(...Buffer.from('\u001b\u001b[]O<>?;:0123456789ABCHMRZmu~cPX^_\\\u0007\u0018\r\t ')),
    fc.constantFrom(...Buffer.from('é世👩\u009b')),
    fc.nat(255),
  ),
  { maxLength: 400 },
);

test('no bytes make it throw, hang or keep anything for good, and how they are cut changes nothing', () => {
  fc.assert(
    fc.property(BYTES, fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (bytes, cuts) => {
      const all = Uint8Array.from(bytes);
      const pieces: Uint8Array[] = [];
      for (let at = 0, cut = 0; at < all.length; cut += 1) {
        const length = cuts[cut % cuts.length] ?? 1;
        pieces.push(all.subarray(at, at + length));
        at += length;
      }
      const decoder = new InputDecoder();
      const inputs = pieces.flatMap((piece) => decoder.feed(piece));
      assert.deepEqual(inputs, decoded(all));
      decoder.flush();
      assert.equal(decoder.waitMs, undefined);
      assert.deepEqual(keysOf(decoder.feed(Buffer.from('\u0003q'))).slice(-1), ['q']);
    }),
    { numRuns: 2_000 },
  );
});

test('a string without an end takes no room', () => {
  const decoder = new InputDecoder();
  for (let piece = 0; piece < 1_000; piece += 1)
    decoder.feed(Buffer.from(`\u001b]1${'x'.repeat(1_000)}`.slice(piece && 3)));
  decoder.flush();
  assert.deepEqual(keysOf(decoder.feed(Buffer.from('q'))), ['q']);
});
