import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COMMANDS } from './commands.ts';
import { plainInvocation } from './plain-invocation.ts';
import { buildProgram, type Invocation } from './program.ts';

function parsed(argv: readonly string[]): Invocation | undefined {
  let found: Invocation | undefined;
  const chosen = (invocation: Invocation): void => {
    found = invocation;
  };
  buildProgram({ version: '1.2.3', print: () => {}, chosen }).parse(argv, { from: 'user' });
  return found;
}

test('a plain command line means what the parser makes of it', () => {
  let plain = 0;
  for (const { id, options = [] } of COMMANDS) {
    const words = id.split('.');
    const flags = options.map(
      (option) => option.flags.split(/[ ,]+/).find((flag) => flag.startsWith('--')) ?? '',
    );
    for (const tail of [[], ...flags.map((flag) => [flag]), flags, [...flags, ...flags]]) {
      const found = plainInvocation([...words, ...tail]);
      if (found === undefined) continue;
      plain += 1;
      const { command, args, options: given, globals } = parsed([...words, ...tail]) ?? {};
      assert.deepEqual(found, { command, args, options: given, globals }, [...words, ...tail].join(' '));
    }
  }
  assert.ok(plain > COMMANDS.length);
});

test('whatever is more than a command and its switches is left to the parser', () => {
  assert.equal(plainInvocation(['status', '--json'])?.command.id, 'status');
  for (const line of [
    '',
    '--json',
    'status --jso',
    'status --json x',
    'status -h',
    'status --help',
    'status --no-color',
    '-C . status',
    'status -C .',
    'status --',
    'statuses',
    'task',
    'task show',
    'run -n 3',
    'run --max-agents 3',
    'help status',
  ]) {
    assert.equal(plainInvocation(line.split(' ')), undefined, line);
  }
});
