import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CodewalkError, UsageError } from '../../core/errors.ts';
import { failureOf, renderFailure } from './failure.ts';
import { plainPaint } from './style.ts';

const noLog = async (): Promise<undefined> => undefined;
const plain = { json: false, paint: plainPaint };

test('a failure is one line of what happened and one of what to do', async () => {
  const failure = await failureOf(new CodewalkError('X', 'no such task', { advice: 'cw task list' }), noLog);
  assert.equal(renderFailure(failure, plain), 'error: no such task\nhelp: cw task list\n');
  assert.equal(failure.exitCode, 1);
});

test('bad usage exits with 2, also when the parser finds it', async () => {
  assert.equal((await failureOf(new UsageError('X', 'bad'), noLog)).exitCode, 2);
  const parser = Object.assign(new Error("error: unknown command 'rnu'\n(Did you mean run?)"), {
    code: 'commander.unknownCommand',
  });
  const failure = await failureOf(parser, noLog);
  assert.equal(failure.exitCode, 2);
  assert.equal(renderFailure(failure, plain), "error: unknown command 'rnu'\nhelp: did you mean run?\n");
});

test('an error that nobody foresaw shows no stack, and where its stack is kept', async () => {
  let kept: unknown;
  const error = new TypeError('x is not a function\n    at somewhere');
  const failure = await failureOf(error, async (unforeseen) => {
    kept = unforeseen;
    return '/p/.codewalk/state/crash.log';
  });
  assert.equal(kept, error);
  const text = renderFailure(failure, plain);
  assert.equal(
    text,
    'error: unexpected: x is not a function\nhelp: this is a bug; the details are in /p/.codewalk/state/crash.log\n',
  );
});

test('with --json a failure is one object on one line', async () => {
  const failure = await failureOf(new UsageError('BAD_ID', 'a "b"\n', { advice: 'use c' }), noLog);
  const text = renderFailure(failure, { json: true, paint: plainPaint });
  assert.deepEqual(JSON.parse(text), {
    error: { code: 'BAD_ID', message: 'a "b"\n', advice: 'use c', exitCode: 2 },
  });
  assert.equal(text.trimEnd().split('\n').length, 1);
});

test('names in a failure cannot act on the terminal', async () => {
  const failure = await failureOf(new UsageError('X', 'no task "\u001b[2J"'), noLog);
  assert.ok(!renderFailure(failure, plain).includes('\u001b'));
});

test('every problem of a file is shown at its place, and is in the JSON', async () => {
  const problem = {
    file: 'roadmap.yaml',
    line: 3,
    col: 5,
    code: 'bad-id',
    message: '"-x" cannot be an id.',
    advice: 'Use x.',
    excerpt: '3 | id: -x\n        ^',
  };
  const error = Object.assign(new UsageError('ROADMAP_INVALID', 'invalid'), { problems: [problem, problem] });
  const failure = await failureOf(error, noLog);
  const one = 'error: roadmap.yaml:3:5: "-x" cannot be an id.\n  3 | id: -x\n          ^\nhelp: Use x.\n';
  assert.equal(renderFailure(failure, plain), `${one}\n${one}`);
  const { error: json } = JSON.parse(renderFailure(failure, { json: true, paint: plainPaint }));
  assert.equal(json.problems.length, 2);
  assert.deepEqual([json.problems[0].line, json.problems[0].col], [3, 5]);
});
