import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DialogRequest, openDialog } from '../../src/surfaces/tui/dialogs/open-dialog.ts';
import { DialogDriver } from '../support/dialog-driver.ts';

const SIZE = { width: 70, height: 24 };
const opened = (request: DialogRequest): DialogDriver => new DialogDriver(openDialog(request, SIZE));

const QUESTION = {
  task: 'build',
  id: 'q1',
  question: 'Which ids shall the API use?',
  options: ['uuid', 'number'],
  state: 'open',
};
const ANSWERED = { task: 'build', openQuestions: 0, isAtWork: true };

test('a question is answered by the number of an option', () => {
  const dialog = opened({ kind: 'answer', task: 'build' });
  assert.deepEqual(dialog.called, { operation: 'questions', input: { open: true, task: 'build' } });
  dialog.tell([QUESTION]);
  assert.match(
    dialog.screen(),
    /build asks[\s\S]*Which ids shall the API use\?[\s\S]*→ 1 uuid[\s\S]*2 number/,
  );
  dialog.press('2', 'enter');
  assert.deepEqual(dialog.called, {
    operation: 'answer',
    input: { task: 'build', question: 'q1', answer: 'number' },
  });
  dialog.tell(ANSWERED);
  assert.equal(dialog.isOpen, false);
  assert.equal(dialog.notice, 'Answered build.');
});

test('a question is answered in words of more than one line', () => {
  const dialog = opened({ kind: 'answer', task: 'build' }).tell([QUESTION]);
  dialog.press('tab').type('Both,').press('ctrl+j').type('as strings').press('enter');
  assert.deepEqual(dialog.called.input, { task: 'build', question: 'q1', answer: 'Both,\nas strings' });
});

test('an answer that says nothing is asked for, and a refusal shows what to do', () => {
  const dialog = opened({ kind: 'answer', task: 'build' }).tell([{ ...QUESTION, options: undefined }]);
  dialog.press('enter');
  assert.equal(dialog.effects.length, 1);
  assert.match(dialog.screen(), /There is no answer yet\./);
  dialog.type('uuid').press('enter').fail({ message: 'q1 is answered already', advice: 'cw inbox' });
  assert.match(dialog.screen(), /│ uuid[\s\S]*q1 is answered already\s+│\n│ cw inbox/);
  dialog.press('enter');
  assert.equal(dialog.effects.length, 3);
});

test('the questions of one task come one after the other', () => {
  const second = { ...QUESTION, id: 'q2', question: 'Which port?', options: undefined };
  const dialog = opened({ kind: 'answer', task: 'build', question: 'q2' }).tell([QUESTION, second]);
  assert.match(dialog.screen(), /\(2 of 2\)[\s\S]*Which port\?/);
  dialog.press('ctrl+n');
  assert.match(dialog.screen(), /\(1 of 2\)[\s\S]*Which ids/);
  dialog.press('1', 'enter').tell({ ...ANSWERED, openQuestions: 1 });
  assert.match(dialog.screen(), /Answered build\.[\s\S]*Which port\?/);
  dialog.press('ctrl+x').type('not now').press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'withdraw',
    input: { task: 'build', question: 'q2', reason: 'not now' },
  });
  dialog.tell({ ...ANSWERED, isAtWork: false });
  assert.equal(dialog.notice, 'Withdrew a question of build. Nobody is at work who takes it up: cw run');
});

test('what is written before the form is there goes into it, and answers nothing', () => {
  const approval = { ...QUESTION, kind: 'approval', options: undefined };
  const dialog = opened({ kind: 'review', task: 'build', verdict: 'rejected' }).type('no ').press('enter');
  dialog.tell([approval]).type('tests').tell({ files: [] });
  assert.match(dialog.screen(), /What must change\s+│\n│ │ no tests/);
  assert.ok(dialog.effects.every((effect) => effect.kind === 'call' && effect.operation !== 'review'));
  const choice = opened({ kind: 'answer', task: 'build' }).press('2', 'enter').tell([QUESTION]);
  assert.match(choice.screen(), /→ 1 uuid/);
});

test('a task at work is paused with a reason, which may stay empty, and a refusal is shown', () => {
  const dialog = opened({ kind: 'pause-tasks', tasks: ['build'] });
  assert.match(dialog.screen(), /Pause build\?[\s\S]*Its agent is stopped/);
  dialog.type('not yet').press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'pauseTasks',
    input: { tasks: ['build'], reason: 'not yet' },
  });
  dialog.tell({ results: [{ kind: 'done', task: 'build' }] });
  assert.equal(dialog.notice, 'build is paused. p lets it go on.');
  const refused = opened({ kind: 'pause-tasks', tasks: ['build'] }).press('enter');
  assert.deepEqual(refused.called.input, { tasks: ['build'] });
  refused.tell({ results: [{ kind: 'refused', task: 'build', reason: 'it is done', advice: 'look' }] });
  assert.match(refused.screen(), /it is done[\s\S]*look/);
});

test('the project is paused so that agents finish, or at once', () => {
  const pause = { by: 'ann', reason: '', at: 0 };
  const dialog = opened({ kind: 'pause-project', atWork: 2 }).press('enter');
  assert.deepEqual(dialog.called, { operation: 'pauseProject', input: { now: false } });
  dialog.tell({ pause, stood: false, stopped: [], atWork: ['a', 'b'] });
  assert.equal(dialog.notice, 'The project is paused: 2 tasks finished first.');
  const now = opened({ kind: 'pause-project', atWork: 2 }).type('lunch').press('tab', '2', 'enter');
  assert.deepEqual(now.called, { operation: 'pauseProject', input: { now: true, reason: 'lunch' } });
  now.tell({ pause, stood: false, stopped: ['a', 'b'], atWork: [] });
  assert.equal(now.notice, 'The project is paused: 2 agents stopped.');
  assert.doesNotMatch(opened({ kind: 'pause-project', atWork: 0 }).screen(), /at work/);
});

test('nothing that is written is lost by one esc', () => {
  const dialog = opened({ kind: 'message', to: 'build' }).type('hold on');
  dialog.press('esc');
  assert.match(dialog.screen(), /what is written would be lost: esc again/);
  dialog.type('!').press('esc');
  assert.equal(dialog.isOpen, true);
  dialog.press('esc');
  assert.equal(dialog.isOpen, false);
});

test('a text goes to the editor and comes back', () => {
  const dialog = opened({ kind: 'message', to: 'build' }).type('one').press('ctrl+o');
  assert.deepEqual(dialog.wanted, { kind: 'edit', name: 'message.build.edit', text: 'one', suffix: '.md' });
  dialog.tell('two\nlines\n').press('enter');
  assert.deepEqual(dialog.called, { operation: 'send', input: { to: 'build', text: 'two\nlines' } });
});

test('work is approved as it was shown, and sent back with what must change', () => {
  const approval = {
    ...QUESTION,
    kind: 'approval',
    options: undefined,
    approves: { commit: 'c'.repeat(40) },
  };
  const diff = { files: [{ path: 'a.ts', status: 'modified', insertions: 3, deletions: 1, binary: false }] };
  const dialog = opened({ kind: 'review', task: 'build', verdict: 'approved' }).tell([approval]).tell(diff);
  assert.match(dialog.screen(), /Approve build[\s\S]*1 file at ccccccc[\s\S]*M a\.ts {2}\+3 -1/);
  dialog.press('ctrl+r').type('tests are missing').press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'review',
    input: { task: 'build', verdict: 'rejected', text: 'tests are missing', commit: 'c'.repeat(40) },
  });
  dialog.tell({ ...ANSWERED, unreadComments: 2 });
  assert.equal(dialog.notice, 'Sent build back. Its agent reads 2 comments.');
  const none = opened({ kind: 'review', task: 'build', verdict: 'approved' }).tell([QUESTION]);
  assert.match(none.screen(), /build waits for no approval\./);
});

test('a comment names the file and the line', () => {
  const dialog = opened({ kind: 'comment', task: 'build', file: 'a.ts', line: 7 })
    .type('why?')
    .press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'comment',
    input: { task: 'build', file: 'a.ts', line: 7, text: 'why?' },
  });
  dialog.tell({ waitsForApproval: true });
  assert.equal(dialog.notice, 'The agent of build reads it when the work is sent back.');
});

test('a task is added with what it depends on, its files and its agent', () => {
  const dialog = opened({ kind: 'add-task', into: 'core' });
  dialog.press('enter');
  assert.match(dialog.screen(), /A task needs a title\./);
  dialog.type('Log in').press('tab').type('Make it.').press('tab').type('build, check');
  dialog.press('tab').type('src/a.ts src/b/**').press('tab').type('coder').press('enter');
  assert.deepEqual(dialog.called, {
    operation: 'addTask',
    input: {
      fields: {
        title: 'Log in',
        prompt: 'Make it.',
        depends_on: ['build', 'check'],
        files: ['src/a.ts', 'src/b/**'],
        agent: 'coder',
      },
      into: 'core',
    },
  });
  dialog.tell({ id: 'log-in', what: 'add log-in', diff: '+x' });
  assert.equal(dialog.notice, 'Added log-in to the roadmap.');
});

test('of a task only what was changed is written', () => {
  const dialog = opened({ kind: 'edit-task', task: 'build' });
  dialog.tell({ id: 'build', title: 'B', prompt: 'Do it', dependsOn: ['a'], files: [], agent: 'coder' });
  dialog.press('enter');
  assert.match(dialog.screen(), /Nothing is changed yet\./);
  dialog.press('tab', 'tab', 'backspace', 'tab', 'tab', 'ctrl+u', 'enter');
  assert.deepEqual(dialog.called, {
    operation: 'editTask',
    input: { task: 'build', fields: { depends_on: null, agent: null } },
  });
});

test('a task is cancelled only by a yes, and a refusal says why', () => {
  const cancel = () =>
    opened({ kind: 'cancel', tasks: ['build'] }).tell({
      task: { state: 'running', definition: { title: 'B' } },
    });
  const dialog = cancel();
  assert.match(dialog.screen(), /Cancel build\?[\s\S]*Its agent is stopped/);
  assert.equal(cancel().press('n').effects.length, 1);
  dialog.press('y');
  assert.deepEqual(dialog.called, { operation: 'cancel', input: { tasks: ['build'] } });
  dialog.tell({
    results: [{ kind: 'refused', task: 'build', reason: 'build is done', advice: 'add a task' }],
  });
  assert.match(dialog.screen(), /build is done\s+│\n│ add a task/);
  dialog.press('y').tell({ results: [{ kind: 'done', task: 'build', saved: 's1' }] });
  assert.equal(dialog.notice, 'Cancelled build. What lay in its worktree is saved: cw recover show s1');
});

test('an account is let work again, an orchestrator ends', () => {
  const standing = { account: 'claude', cause: 'auth', reason: 'no key', until: 0, failures: 1, opens: 1 };
  const account = opened({ kind: 'resume-account' });
  account.tell([
    { name: 'claude', account: 'claude', type: 'claude', fallback: [], standing },
    { name: 'codex', account: 'codex', type: 'codex', fallback: [], standing: undefined },
  ]);
  assert.match(account.screen(), /claude: .*no key/);
  assert.doesNotMatch(account.screen(), /codex/);
  account.press('enter').tell({ account: 'claude' });
  assert.deepEqual(account.called, { operation: 'resumeAccount', input: { name: 'claude' } });
  assert.equal(account.notice, 'claude takes work again.');
  const one = opened({ kind: 'dismiss' }).tell({ orchestrators: [{ id: 'orc_1', host: 'h', agents: 2 }] });
  one.press('enter').tell({ id: 'orc_1' });
  assert.deepEqual(one.called, { operation: 'dismiss', input: { id: 'orc_1' } });
  assert.equal(one.notice, 'orc_1 finishes its turns and ends.');
});

test('a delivery shows what would go, and goes the way that is chosen', () => {
  const dialog = opened({ kind: 'deliver' }).tell({
    branch: 'cw/integration',
    target: 'main',
    tasks: ['build'],
  });
  assert.match(dialog.screen(), /Deliver 1 task[\s\S]*From cw\/integration to main:[\s\S]*build/);
  dialog.press('3', 'enter');
  assert.deepEqual(dialog.called, { operation: 'deliver', input: { pullRequest: false, push: true } });
  const where = { branch: 'cw/integration', target: 'main' };
  dialog.tell({ ...where, kind: 'refused', reason: 'main moved', advice: 'pull first', files: ['a.ts'] });
  assert.match(dialog.screen(), /main moved[\s\S]*a\.ts[\s\S]*pull first/);
  dialog
    .press('2', 'enter')
    .tell({ ...where, kind: 'delivered', commit: 'd'.repeat(40), tasks: ['build'], remote: 'origin' });
  assert.equal(dialog.notice, 'Delivered 1 task to main, now at ddddddd, on this host only.');
});

test('a roadmap file that is held is taken by a yes', () => {
  const dialog = opened({ kind: 'take-roadmap' });
  dialog.tell({
    tasks: [{ kind: 'removed', id: 'build', title: 'B', fields: [], effects: ['archived'] }],
    unchanged: 1,
    held: { removed: ['build'], open: 2 },
  });
  assert.match(dialog.screen(), /held[\s\S]*takes 1 of 2 open tasks away[\s\S]*build/);
  dialog.press('y');
  assert.deepEqual(dialog.called, { operation: 'confirmRoadmap', input: undefined });
});

test('the latest edit of the roadmap is taken back after its diff was shown', () => {
  const dialog = opened({ kind: 'undo-edit' });
  assert.deepEqual(dialog.called, { operation: 'undoEdit', input: { dryRun: true } });
  dialog.tell({ what: 'add log-in', diff: '--- a/r\n+++ b/r\n@@ -1 +1 @@\n-old\n+new\n' });
  assert.match(dialog.screen(), /It was: add log-in[\s\S]*-old[\s\S]*\+new/);
  dialog.press('y').tell({ what: 'add log-in', diff: 'x' });
  assert.deepEqual(dialog.called, { operation: 'undoEdit', input: {} });
  assert.equal(dialog.notice, 'Took back: add log-in');
});

const PLAN = {
  plan: {
    id: 'plan-a',
    goal: 'A shop',
    state: 'open',
    issues: [],
    notes: [],
    added: [],
    proposal: {
      title: 'A shop in two tasks',
      summary: 'Walls first.',
      serial: false,
      groups: [],
      tasks: [{ id: 'walls', title: 'Walls', prompt: 'Build them.' }],
      changes: [],
      remove: [],
    },
  },
  preview: { diff: '--- roadmap.yaml\n+++ roadmap.yaml\n+  - id: walls\n', chain: 1, atOnce: 1, notes: [] },
};

test('S3-48 a plan that was proposed is shown with what it changes, and applied', () => {
  const dialog = opened({ kind: 'decide-plan', plan: 'plan-a' });
  assert.deepEqual(dialog.called, { operation: 'plan', input: { plan: 'plan-a' } });
  dialog.tell(PLAN);
  assert.match(dialog.screen(), /Apply the plan plan-a\?[\s\S]*A shop in two tasks[\s\S]*\+ {2}- id: walls/);
  dialog.press('enter');
  assert.deepEqual(dialog.called, { operation: 'applyPlan', input: { plan: 'plan-a' } });
  dialog.tell({ what: '', diff: '', added: ['walls'] });
  assert.equal(dialog.notice, 'Applied plan-a: 1 task came into the roadmap.');
});

test('S3-48 a plan that cannot be applied any more says why, and can only be dropped', () => {
  const dialog = opened({ kind: 'decide-plan', plan: 'plan-a' });
  dialog.tell({ plan: PLAN.plan, problem: 'walls is in the roadmap already' });
  assert.match(dialog.screen(), /It cannot be applied now: walls is in the roadmap already/);
  assert.doesNotMatch(dialog.screen(), /come into the roadmap/);
  dialog.press('enter');
  assert.deepEqual(dialog.called, { operation: 'dropPlan', input: { plan: 'plan-a' } });
  dialog.tell({ plan: 'plan-a' });
  assert.equal(dialog.notice, 'Dropped plan-a.');
});
