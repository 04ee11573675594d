import assert from 'node:assert/strict';
import { test } from 'node:test';
import { highlight } from './highlight.ts';
import { LANGUAGES, languageOf } from './languages.ts';

const looksOf = async (path: string, text: string) =>
  (await highlight(path, [text]))?.[0]?.map((line) => line.map(({ text: piece, look }) => [piece, look]));

test('code is shown in the colours of its language, line by line', async () => {
  assert.deepEqual(await looksOf('src/a.ts', 'const a = "<b>"; // &\n/* one\ntwo */'), [
    [
      ['const', 'keyword'],
      [' a = ', undefined],
      ['"<b>"', 'string'],
      ['; ', undefined],
      ['// &', 'comment'],
    ],
    [['/* one', 'comment']],
    [['two */', 'comment']],
  ]);
  const [line] = (await looksOf('x/Dockerfile', 'FROM node')) ?? [];
  assert.deepEqual(line?.[0], ['FROM', 'keyword']);
});

test('every language is there, and a file of none is plain', async () => {
  for (const [name, language] of Object.entries(LANGUAGES)) assert.equal(typeof language, 'function', name);
  assert.equal(languageOf('a/b.unknown'), undefined);
  assert.equal(await highlight('LICENSE', ['x']), undefined);
});

test('no text is lost or made up, and what is too long stays plain', async () => {
  const long = `const x = "${'y'.repeat(3_000)}";`;
  const text = `${Array.from({ length: 450 }, (_, at) => `let v${at} = '${at}' + "<&>'"; // π 日本`).join('\n')}\n${long}\n`;
  const [lines = []] = (await highlight('a.js', [text])) ?? [];
  assert.equal(lines.map((line) => line.map((token) => token.text).join('')).join('\n'), text);
  assert.deepEqual(lines[450], [{ text: long }]);
  assert.ok(lines[0]?.some(({ look }) => look === 'keyword'));
});
