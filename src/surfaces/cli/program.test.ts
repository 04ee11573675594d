import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ACTIONS } from './actions.ts';
import { COMMANDS, PARENTS } from './commands.ts';
import { buildProgram, type Invocation, normaliseArgv } from './program.ts';

function parse(...argv: string[]): Invocation | undefined {
  let found: Invocation | undefined;
  const program = buildProgram({
    version: '1.2.3',
    print: () => {},
    chosen: (invocation) => {
      found = invocation;
    },
  });
  program.parse(normaliseArgv(argv), { from: 'user' });
  return found;
}

test('every command of the table has an action, and every action a command', () => {
  const ids = COMMANDS.map((command) => command.id);
  assert.equal(new Set(ids).size, ids.length);
  // `complete` is answered before the parser, which would not know half-written words.
  assert.deepEqual(Object.keys(ACTIONS).toSorted(), ids.filter((id) => id !== 'complete').toSorted());
});

test('every subcommand has a parent with a summary, and every command an example that begins with cw', () => {
  for (const { id, examples, isDefault } of COMMANDS) {
    const [first = '', second] = id.split('.');
    if (second !== undefined) assert.ok(PARENTS[first], id);
    assert.ok(examples.length > 0, id);
    // The parent alone means it.
    const words = isDefault === true ? `cw ${first}` : `cw ${id.replace('.', ' ')}`;
    for (const example of examples) assert.ok(example.run.includes(words), `${id}: ${example.run}`);
  }
});

test('arguments come in order, with options and global options apart', () => {
  const found = parse('-C', '/somewhere', 'run', '-n', '3', '--only', 'a', 'b', '--no-color');
  assert.equal(found?.command.id, 'run');
  assert.deepEqual(found?.options, { restart: true, maxAgents: 3, only: ['a', 'b'] });
  assert.deepEqual({ ...found?.globals }, { directory: '/somewhere', color: false });
  assert.deepEqual(parse('task', 'retry', 'a', 'b')?.args, [['a', 'b']]);
});

test('a parent alone means its list, also behind global options and with options of the list', () => {
  assert.equal(parse('inbox')?.command.id, 'inbox.list');
  assert.equal(parse('-C', 'x', 'task', '--json')?.command.id, 'task.list');
  assert.equal(parse('task', 'show', 'a')?.command.id, 'task.show');
});

test('a misspelt command is answered with the one that was meant', () => {
  assert.throws(() => parse('stauts'), /unknown command 'stauts'\n.*Did you mean status\?/);
  assert.throws(() => parse('task', 'shwo'), /Did you mean show\?/);
  assert.throws(() => parse('run', '--stratgy', 'merge'), /Did you mean --strategy\?/);
});

test('numbers and choices are checked before anything is done', () => {
  for (const bad of ['0', '-1', '2.5', 'many', '']) {
    assert.throws(() => parse('run', '--max-agents', bad), /whole number of at least 1/, bad);
  }
  assert.throws(() => parse('run', '--strategy', 'octopus'), /Allowed choices are merge, squash/);
});

test('cw help <command> is the help of that command', () => {
  assert.deepEqual(normaliseArgv(['help', 'task', 'add']), ['task', 'add', '--help']);
});
