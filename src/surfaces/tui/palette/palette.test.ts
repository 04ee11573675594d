import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS, type Completion } from '../../cli/commands.ts';
import { nameOf, readLine } from './command-line.ts';
import { fuzzyScore } from './fuzzy.ts';
import { offersFor } from './offers.ts';
import { problemOf } from './problems.ts';
import { lineWords, quoted, splitLine } from './split-line.ts';

const NAMES: Partial<Record<Completion, readonly string[]>> = {
  task: ['api-model', 'api-routes', 'web'],
  agent: ['coder', 'reviewer'],
  state: ['failed', 'ready'],
  container: ['p1', 'cart'],
  file: ['src/', 'my notes.md'],
};
const shown = (line: string, history: readonly string[] = []): readonly string[] =>
  offersFor(line, { history, values: (kind) => (NAMES[kind] ?? []).map((text) => ({ text, help: '' })) }).map(
    (offer) => offer.shown,
  );
const becomes = (line: string): string | undefined =>
  offersFor(line, {
    history: [],
    values: (kind) => (NAMES[kind] ?? []).map((text) => ({ text, help: '' })),
  })[0]?.line;
const problem = (line: string): string | undefined => {
  const read = readLine(line);
  return read === undefined ? undefined : problemOf(read, true)?.text;
};

test('the first offer of the palette is the command that is meant', () => {
  const meant: Readonly<Record<string, string>> = {
    retry: 'task retry',
    tr: 'task retry',
    status: 'status',
    'task sh': 'task show',
    tsh: 'task show',
    logs: 'task logs',
    cancel: 'task cancel',
    usage: 'usage',
    'config set': 'config set',
    inbox: 'inbox list',
    approve: 'task approve',
    deliver: 'deliver',
    'cw status': 'status',
  };
  for (const [typed, name] of Object.entries(meant)) {
    assert.equal(offersFor(typed, { history: [], values: () => [] })[0]?.line, `${name} `, typed);
  }
});

test('what only a shell can do is offered last, and lines that were given before come first', () => {
  const all = offersFor('', { history: ['task retry web', 'status'], values: () => [] });
  assert.deepEqual(
    all.slice(0, 2).map(({ line }) => line),
    ['status', 'task retry web'],
  );
  assert.ok(all.findIndex(({ command }) => command?.id === 'usage') < 12);
  const forShell = all.map(({ command }) => command?.fromShell === true);
  assert.equal(forShell.indexOf(true), forShell.length - forShell.filter(Boolean).length);
});

test('a word of a command is completed with what may stand there', () => {
  assert.deepEqual(shown('task show '), ['api-model', 'api-routes', 'web', '--json', '-h, --help']);
  assert.deepEqual(shown('task show rou'), ['api-routes']);
  assert.deepEqual(shown('task retry web api'), ['api-model', 'api-routes']);
  assert.deepEqual(shown('task list --state '), ['failed', 'ready']);
  assert.deepEqual(shown('task list --state failed '), [
    'ready',
    '--state <state...>',
    '--json',
    '-h, --help',
  ]);
  assert.deepEqual(shown('task add x --in ca'), ['cart']);
  assert.deepEqual(shown('task add x --agent '), ['coder', 'reviewer']);
  assert.deepEqual(shown('usage --by da'), ['day']);
  assert.equal(becomes('task list --st'), 'task list --state ');
  assert.equal(becomes('task edit web --on'), 'task edit web --on-failure ');
  assert.equal(becomes('task add x --prompt-file my'), 'task add x --prompt-file "my notes.md" ');
  assert.equal(becomes('task add x --prompt-file s'), 'task add x --prompt-file src/');
});

test('what is wrong with a line, and what it lacks, is said before it is carried out', () => {
  assert.equal(problem('task show '), 'needs <id>: id of a task');
  assert.equal(problem('task show web'), undefined);
  assert.equal(problem('task show web api'), 'task show takes <id>');
  assert.equal(problem('task retry web api'), undefined);
  assert.equal(problem('task list --st'), undefined);
  assert.equal(problem('task list --st '), 'task list has no option --st');
  assert.equal(problem('task list --sate '), 'task list has no option --sate: --state?');
  assert.equal(problem('task list --bogus'), 'task list has no option --bogus');
  assert.equal(problem('task list --state '), '--state needs <state...>');
  assert.equal(problem('usage --by d'), '--by is one of task, agent, provider, account, model, day');
  assert.equal(problem('usage --by x'), '--by is one of task, agent, provider, account, model, day');
  assert.equal(problem('usage --by=day'), undefined);
  assert.equal(problem('task next -n x'), '-n is a whole number of at least 1');
  assert.equal(problem('task next -n 3'), undefined);
  assert.equal(problem('status now'), 'status takes no words');
  assert.equal(problem('events --follow'), '--follow needs a shell of its own');
  assert.match(problem('run ') ?? '', /^needs a shell/);
  assert.equal(problem('run --help'), undefined);
});

test('every example of the help that needs no shell is a line without a problem', () => {
  let seen = 0;
  for (const command of COMMANDS) {
    if (command.fromShell === true) continue;
    for (const { run } of command.examples) {
      if (/[|<>$(]| -f\b|--follow|--editor|--edit\b/.test(run.replaceAll(/"[^"]*"/g, ''))) continue;
      const read = readLine(`${run} `);
      if (read === undefined) continue;
      assert.equal(nameOf(read.command), nameOf(command), run);
      assert.equal(problemOf(read, true), undefined, run);
      seen += 1;
    }
  }
  assert.ok(seen > 50, `${seen} examples`);
});

test('words are parted as a shell parts them, and each says where it begins', () => {
  assert.deepEqual(splitLine(`a "b c" 'd\\' e\\ f `), ['a', 'b c', 'd\\', 'e f']);
  assert.deepEqual(splitLine('a ""'), ['a', '']);
  assert.deepEqual(lineWords('task  "my no').at(-1), { text: 'my no', from: 6 });
  assert.deepEqual(lineWords('task ').at(-1), { text: '', from: 5 });
  for (const word of ['a b', '', 'it\'s "so"', 'back\\slash'])
    assert.deepEqual(splitLine(quoted(word)), [word]);
});

test('a whole word counts more than letters that are spread', () => {
  assert.ok((fuzzyScore('task retry', 'retry') ?? -1) > (fuzzyScore('recover restore try', 'retry') ?? -1));
  assert.equal(fuzzyScore('status', 'xyz'), undefined);
});
