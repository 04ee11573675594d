import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reviewDiff } from './review.ts';
import { reportTests } from './test-report.ts';

const MODULE = `diff --git a/src/slug.mjs b/src/slug.mjs
new file mode 100644
--- /dev/null
+++ b/src/slug.mjs
@@ -0,0 +1,4 @@
+import { words } from './words.mjs';
+
+/** A slug. */
+export function slug(text) {
`;
const TEST = `diff --git a/test/slug.test.mjs b/test/slug.test.mjs
--- /dev/null
+++ b/test/slug.test.mjs
@@ -0,0 +1,1 @@
+import { test } from 'node:test';
`;

test('a module without its test file is rejected, with file, line and what to add', () => {
  assert.deepEqual(reviewDiff(MODULE), {
    status: 'rejected',
    feedback: 'src/slug.mjs:4 exports slug, but nothing tests it: add test/slug.test.mjs.',
  });
});

test('a module that comes with its test file is approved', () => {
  assert.deepEqual(reviewDiff(MODULE + TEST), { status: 'done', summary: 'test/slug.test.mjs tests slug.' });
});

test('the test file of another module is no test of this one', () => {
  const other = TEST.replaceAll('slug', 'other');
  assert.equal(reviewDiff(MODULE + other).status, 'rejected');
});

test('the line is the one in the new file', () => {
  const change = `+++ b/src/stats.mjs\n@@ -3,3 +10,4 @@\n context\n-gone\n context\n+export function mean(all) {\n`;
  const verdict = reviewDiff(change);
  assert.match(verdict.status === 'rejected' ? verdict.feedback : '', /^src\/stats\.mjs:12 /);
});

test('silence is no approval: without a diff the review is an error', () => {
  assert.equal(reviewDiff(undefined).status, 'error');
  assert.equal(reviewDiff('').status, 'error');
});

test('a check that passed is reported with its number of tests, in both forms that Node prints', () => {
  for (const mark of ['ℹ', '#']) {
    const printed = `\`node --test\` passed\n\n${mark} tests 7\n${mark} pass 7\n${mark} fail 0\n`;
    assert.deepEqual(reportTests(printed), {
      status: 'done',
      summary: "The project's check ran 7 tests, and all of them pass.",
    });
  }
});

test('a check in which nothing ran, or something failed, is rejected', () => {
  assert.equal(reportTests('# tests 0\n# pass 0\n# fail 0').status, 'rejected');
  assert.equal(reportTests('# tests 2\n# pass 1\n# fail 1').status, 'rejected');
});

test('without a check the test is an error', () => {
  assert.equal(reportTests(undefined).status, 'error');
});
