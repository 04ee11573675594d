/** The library that the demo's crew extends: what is in its first commit, path by path. */
export const LIBRARY: Readonly<Record<string, string>> = {
  'package.json': `{
  "name": "textkit",
  "version": "0.1.0",
  "private": true,
  "type": "module",
  "exports": "./src/index.mjs",
  "scripts": {
    "test": "node --test test/*.test.mjs"
  }
}
`,
  'README.md': `# textkit

Small functions for text, without dependencies. \`npm test\` runs the tests.
`,
  '.gitignore': `node_modules/
.codewalk/
`,
  'src/index.mjs': `// Everything that textkit offers, one line a function.
export { words } from './words.mjs';
`,
  'src/words.mjs': String.raw`/** The words of a text, without spaces and punctuation. */
export function words(text) {
  return text.match(/[\p{L}\p{N}']+/gu) ?? [];
}
`,
  'test/words.test.mjs': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import { words } from '../src/index.mjs';

test('punctuation and spaces are no words', () => {
  assert.deepEqual(words("It's late,  isn't it?"), ["It's", 'late', "isn't", 'it']);
});

test('a text without letters has no words', () => {
  assert.deepEqual(words(' -- '), []);
});
`,
};
