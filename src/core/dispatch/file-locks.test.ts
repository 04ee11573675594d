import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { locksOverlap } from './file-locks.ts';

const CASES: readonly [a: string, b: string, overlap: boolean][] = [
  ['src/cart.ts', 'src/cart.ts', true],
  ['src/cart.ts', 'src/cart.tsx', false],
  ['src/cart.ts', './src//cart.ts', true],
  ['src/./a.ts', 'src/x/../a.ts', true],
  ['src', 'src/cart.ts', true],
  ['src/', 'src/a/b/c.ts', true],
  ['src', 'srcs/cart.ts', false],
  ['src', 'src', true],
  ['src/a', 'src', true],
  ['.', 'anything/at/all', true],
  ['./', '*.md', true],
  ['', 'x', true],
  ['*.ts', 'a.ts', true],
  ['*.ts', 'a.js', false],
  ['*.ts', 'src/a.ts', false],
  ['*.ts', '*.spec.*', true],
  ['a*', '*b', true],
  ['a*c', 'ab*', true],
  ['a*', 'b*', false],
  ['src/*', 'src/a/b', false],
  ['src/*/', 'src/a/b', true],
  ['src/**', 'src/a/b/c', true],
  ['src/**', 'test/**', false],
  ['**/*.md', 'docs/a/b.md', true],
  ['**/*.md', 'README.md', true],
  ['**/*.md', 'docs/a.txt', false],
  ['**/*.md', 'docs/a.txt/', true],
  ['v1.2', 'v1.2/a.md', true],
  ['v1.2', 'v1.2/*.md', true],
  ['v1.2', 'v1.3/*.md', false],
  ['**/*.md', 'docs', true],
  ['.github', '.github/*.yml', true],
  ['.github', '**/*.yml', true],
  ['**/a/**', 'x/y/a/z', true],
  ['a/**/z', 'a/z', true],
  ['a/**/z', 'a/b/c/z', true],
  ['a/**/z', 'a/b/c', true], // a plain path may be a directory
  ['a/**/z.ts', 'a/*.js', false],
  ['**', 'x', true],
  ['a**b', 'axb', true],
  ['a**b', 'a/b', false],
  ['?', 'a', true],
  ['?', 'ab', false],
  ['a?c', 'a[b-d]c', true],
  ['[abc]', '[cde]', true],
  ['[ab]', '[cd]', false],
  ['[!a]', 'a', false],
  ['[!a]', 'b', true],
  ['[^a-z]', '[a-y]', false],
  ['[!a-c]', '[a-d]', true],
  ['[]a]', ']', true],
  ['[a-]', '-', true],
  ['[z-a]', '?', false],
  ['[z-a]*', '*', false],
  ['[abc', '[abc', true],
  ['[abc', 'a', false],
  ['app/[id]/page.tsx', 'app/[id]/page.tsx', true],
  ['app/\\[id\\]/page.tsx', 'app/*/page.tsx', true],
  ['a\\*b', 'axb', false],
  ['{a,b}.ts', 'b.ts', true],
  ['{a,b}.ts', 'c.ts', false],
  ['{src,test}', 'test/x.ts', true],
  ['src/{a,b/c}/*.ts', 'src/b/c/x.ts', true],
  ['{a,{b,c}}{1,2}', 'c2', true],
  ['{a,{b,c}}{1,2}', 'c3', false],
  ['{a}', 'a', false],
  ['{a}', '{a}', true],
  ['{a,b', 'a', false],
  ['{,x}a', 'a', true],
  ['src/é*.ts', 'src/éa.ts', true],
  ['🚀?', '🚀🚀', true],
  ['.env', '*', true],
  ['../x', '../x', true],
];

for (const [a, b, overlap] of CASES) {
  test(`S3-25 ${a || '(nothing)'} and ${b} ${overlap ? 'overlap' : 'do not overlap'}`, () => {
    assert.equal(locksOverlap([a], [b]), overlap);
    assert.equal(locksOverlap([b], [a]), overlap);
  });
}

test('S3-25 lists overlap when any two of their patterns do, and an empty list with nothing', () => {
  assert.equal(locksOverlap(['a.ts', 'b.ts'], ['c.ts', 'b.ts']), true);
  assert.equal(locksOverlap(['a.ts', 'b.ts'], ['c.ts', 'd.ts']), false);
  assert.equal(locksOverlap([], ['**']), false);
  assert.equal(locksOverlap(['**'], []), false);
});

test('S3-25 patterns made to explode are answered all the same, on the safe side', () => {
  const braces = `src/${'{a,b}'.repeat(40)}`;
  assert.equal(locksOverlap([braces], ['src/x']), true);
  assert.equal(locksOverlap([braces], ['test/x']), false);
  const stars = `${'*a'.repeat(400)}*`;
  assert.equal(locksOverlap([stars], [`${'a*'.repeat(400)}b`]), true);
  assert.equal(locksOverlap([`${stars}c`], [`${stars}d`]), false);
  const deep = `${'**/a/'.repeat(150)}x`;
  assert.equal(locksOverlap([`${deep}*y`], [`${deep}*z`]), false);
});

/** An independent matcher: one regular expression for each pattern, tried on every path of a small world. */
function matcher(pattern: string): (path: string) => boolean {
  const plain = !/[*?[{]/.test(pattern);
  const parts = pattern.split('/').filter((part) => part !== '');
  const body = parts.map((part) =>
    part === '**' ? '**' : part.replace(/\*+/g, '[^/]*').replace(/(?<!\[[^\]]*)\?/g, '[^/]'),
  );
  let source = '';
  body.forEach((part, i) => {
    const last = i === body.length - 1;
    if (part === '**') source += last ? '(?:[^/]+(?:/[^/]+)*)?' : '(?:[^/]+/)*';
    else source += part + (last ? '' : body[i + 1] === '**' && i + 2 === body.length ? '(?:/|$)' : '/');
  });
  if (plain || pattern.endsWith('/')) source += body.at(-1) === '**' ? '' : '(?:/.+)?';
  const regex = new RegExp(`^${source}$`, 'u');
  return (path) => regex.test(path);
}

/** Long and deep enough to hold a witness for any two patterns of two segments with two tokens each. */
const NAMES = ['a', 'b', 'c'].flatMap((x) => [x, `${x}a`, `${x}b`, `${x}c`]);
const WORLD = [
  ...NAMES,
  ...NAMES.flatMap((x) => NAMES.map((y) => `${x}/${y}`)),
  ...NAMES.flatMap((x) => NAMES.flatMap((y) => NAMES.map((z) => `${x}/${y}/${z}`))),
];
const token = fc.constantFrom('a', 'b', 'a', '*', '?', '[ab]', '[bc]');
const segment = fc.oneof(
  { weight: 4, arbitrary: fc.array(token, { minLength: 1, maxLength: 2 }).map((parts) => parts.join('')) },
  { weight: 1, arbitrary: fc.constant('**') },
);
const pattern = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 2 }), fc.boolean())
  .map(([segments, directory]) => segments.join('/') + (directory ? '/' : ''));

test('S3-25 two patterns overlap exactly when some path is matched by both', () => {
  let overlapping = 0;
  fc.assert(
    fc.property(pattern, pattern, (a, b) => {
      const [matchesA, matchesB] = [matcher(a), matcher(b)];
      const witness = WORLD.find((path) => matchesA(path) && matchesB(path));
      const overlap = locksOverlap([a], [b]);
      if (overlap) overlapping++;
      assert.equal(locksOverlap([b], [a]), overlap);
      assert.equal(overlap, witness !== undefined, `${a} and ${b}: ${witness ?? 'no common path'}`);
    }),
    { numRuns: 1_500 },
  );
  assert.ok(overlapping > 100 && overlapping < 1_400, String(overlapping));
});

test('S3-25 braces mean the union of their alternatives', () => {
  const small = fc
    .array(fc.constantFrom('a', 'b', '*', 'a/b', '?'), { minLength: 1, maxLength: 2 })
    .map((p) => p.join(''));
  fc.assert(
    fc.property(small, small, small, pattern, (x, y, tail, other) => {
      const braced = locksOverlap([`{${x},${y}}${tail}`], [other]);
      assert.equal(braced, locksOverlap([`${x}${tail}`, `${y}${tail}`], [other]));
    }),
    { numRuns: 500 },
  );
});
