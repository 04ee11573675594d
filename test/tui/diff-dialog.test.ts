import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openDialog } from '../../src/surfaces/tui/dialogs/open-dialog.ts';
import { highlight } from '../../src/surfaces/tui/syntax/highlight.ts';
import { DialogDriver } from '../support/dialog-driver.ts';

const WIDE = { width: 150, height: 20 };
const NARROW = { width: 70, height: 20 };

const TEXT = `diff --git a/src/a.ts b/src/a.ts
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,3 +1,3 @@
 const one = 1;
-const two = 2;
+const two = 22;
 end();
diff --git a/b.md b/b.md
--- a/b.md
+++ b/b.md
@@ -10,1 +10,2 @@
 # Title
+needle \u001b[2J
`;
const file = (path: string, insertions = 1, deletions = 0) => ({
  path,
  status: 'modified',
  insertions,
  deletions,
  binary: false,
});
const DIFF = {
  task: 'build',
  state: 'waiting_input',
  attempts: 1,
  from: 'a'.repeat(40),
  to: 'c'.repeat(40),
  text: TEXT,
  files: [file('src/a.ts', 1, 1), file('b.md'), file('late.txt')],
};

function opened(size = WIDE): DialogDriver {
  return new DialogDriver(openDialog({ kind: 'diff', task: 'build' }, size), size).tell(DIFF);
}

test('what a task changed stands side by side, with the list of its files', () => {
  const dialog = opened();
  const screen = dialog.screen();
  assert.match(screen, /Changes of build: 3 files, \+3 -1/);
  assert.match(screen, /M src\/a\.ts {2}\+1 -1.*│M src\/a\.ts {2}\+1 -1 {2}\(1 of 3\)/);
  assert.match(screen, / 2 - const two = 2;.* 2 \+ const two = 22;/);
});

test('where there is little room, one line stands below the other', () => {
  const dialog = opened(NARROW);
  assert.match(dialog.screen(), / 2 {5}- const two = 2;\s+│\n.* 2 \+ const two = 22;/);
  dialog.press('tab');
  assert.match(dialog.screen(), /M b\.md {2}\+1 -0/);
  dialog.press('j', 'enter');
  assert.match(dialog.screen(), /10 {2}10 {3}# Title/);
  assert.match(dialog.screen(), /needle \\x1b\[2J/);
});

test('code gets the colours of its language, file by file', async () => {
  const dialog = opened();
  const { wanted } = dialog;
  assert.ok(wanted?.kind === 'highlight');
  assert.deepEqual(
    [wanted.path, wanted.texts],
    ['src/a.ts', ['const one = 1;\nconst two = 22;\nend();', 'const one = 1;\nconst two = 2;\nend();']],
  );
  const before = dialog.coloured();
  dialog.tell(await highlight(wanted.path, wanted.texts));
  assert.notEqual(dialog.coloured(), before);
  assert.match(dialog.screen(), / 2 - const two = 2;/);
  dialog.press(']').press('[').press(']');
  assert.equal(dialog.effects.filter(({ kind }) => kind === 'highlight').length, 2);
});

test('a file whose part was cut off is asked for when it is looked at', () => {
  const dialog = opened().press(']', ']');
  assert.deepEqual(dialog.called, { operation: 'diff', input: { task: 'build', files: ['late.txt'] } });
  dialog.tell({
    ...DIFF,
    text: 'diff --git a/late.txt b/late.txt\n@@ -0,0 +1 @@\n+late\n',
    files: [file('late.txt')],
  });
  assert.match(dialog.screen(), / 1 \+ late/);
});

test('a comment goes to the agent with the file and the line under the cursor', () => {
  const dialog = opened().press('j', 'j');
  assert.match(dialog.screen(), /▸ {2}2 - const two = 2;/);
  dialog.press('c').type('why 22?');
  assert.match(dialog.screen(), /Comment on src\/a\.ts:2 of build/);
  dialog.press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'comment',
    input: { task: 'build', file: 'src/a.ts', line: 2, text: 'why 22?' },
  });
  dialog.tell({ waitsForApproval: true });
  assert.match(dialog.screen(), /The agent of build reads it when the work is sent back\./);
  assert.match(dialog.screen(), /const two = 22;/);
});

test('work is approved as it is shown', () => {
  const dialog = opened().press('a');
  dialog
    .tell([{ task: 'build', id: 'q', kind: 'approval', question: 'May it be merged?' }])
    .tell(DIFF)
    .press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'review',
    input: { task: 'build', verdict: 'approved', commit: 'c'.repeat(40) },
  });
  dialog.tell({ task: 'build', openQuestions: 0, isAtWork: true, unreadComments: 0 });
  assert.match(dialog.screen(), /Approved build\./);
});

test('a search goes from file to file and around the end', () => {
  const dialog = opened().press('/').type('NEEDLE').press('enter');
  assert.match(dialog.screen(), /\(2 of 3\)[\s\S]*▸.*needle/);
  dialog.press('/').type('const').press('enter', 'n');
  assert.match(dialog.screen(), /\(1 of 3\)/);
  dialog.press('/').type('nowhere').press('enter');
  assert.match(dialog.screen(), /Nothing has "nowhere"\./);
});

test('long lines are moved to the side, and hunks are jumped to', () => {
  const dialog = opened();
  dialog.press('l');
  assert.match(dialog.screen(), / 2 - wo = 2;|o = 2;/);
  assert.doesNotMatch(dialog.screen(), /const two/);
  dialog.press('h', 'G', '{');
  assert.match(dialog.screen(), /▸@@ -1,3/);
});

test('a task without changes says so, and a refusal says why', () => {
  const fresh = new DialogDriver(openDialog({ kind: 'diff', task: 'x' }, WIDE), WIDE);
  fresh.tell({ ...DIFF, text: '', files: [], attempts: 0 });
  assert.match(fresh.screen(), /It is not begun\./);
  const gone = new DialogDriver(openDialog({ kind: 'diff', task: 'x' }, WIDE), WIDE);
  gone.fail({ message: 'no task x', advice: 'did you mean y?' });
  assert.match(gone.screen(), /no task x\s+│\n│ did you mean y\?/);
});

test('w hides what changed in spaces alone, and shows it again', () => {
  const text = `diff --git a/src/a.ts b/src/a.ts
@@ -1,3 +1,3 @@
 const one = 1;
-call( one );
-const two = 2;
+  call(one);
+const two = 22;
`;
  for (const size of [WIDE, NARROW]) {
    const driver = new DialogDriver(openDialog({ kind: 'diff', task: 'build' }, size), size);
    driver.tell({ ...DIFF, text, files: [file('src/a.ts', 2, 2)] });
    const both = /- +call\( one \);[\s\S]*\+ {3}call\(one\);|- call\( one \); .*\+ {3}call\(one\);/;
    assert.match(driver.screen(), both);
    driver.press('w');
    assert.match(driver.screen(), /those of spaces alone hidden/);
    assert.doesNotMatch(driver.screen(), /[-+] +call\(/);
    assert.match(driver.screen(), / call\(one\);/);
    assert.match(driver.screen(), /- const two = 2;[\s\S]*\+ const two = 22;/);
    assert.match(driver.press('w').screen(), both);
  }
});
