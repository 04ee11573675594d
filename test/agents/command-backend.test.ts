import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommandBackend } from '../../src/adapters/command/backend.ts';
import { isAlive } from '../../src/adapters/process/identity.ts';
import { ProcessLauncher } from '../../src/adapters/process/launcher.ts';
import { systemIds } from '../../src/adapters/system/ids.ts';
import { conversation, oneTurn, turn } from './converse.ts';
import { PATH_ENV } from './launch.ts';

const backend = new CommandBackend({
  launcher: new ProcessLauncher({ orchestrator: 'orc_test' }),
  ids: systemIds,
});

/** A conversation with a shell script. */
function script(source: string, options: Parameters<typeof conversation>[0] = {}) {
  return () =>
    backend.open(conversation({ ...options, provider: { args: ['-c', source], ...options.provider } }));
}

test('S3-04 a program gets the prompt and its session, and its last JSON object is the result', async () => {
  const source = `cat; echo; echo "model $CW_MODEL role $CW_ROLE"; echo '{"status":"done","summary":"made it"}'`;
  const { events, outcome, session } = await oneTurn(
    script(source, {
      env: { ...PATH_ENV, CW_ROLE: 'coder' },
      agent: { systemPrompt: 'You code.', model: 'big' },
    }),
    'do it',
  );
  assert.deepEqual(
    events.map((event) => event.type),
    ['process', 'session', 'text', 'text', 'text', 'text', 'text', 'outcome'],
  );
  assert.match(session ?? '', /^[0-9a-f-]{36}$/);
  assert.deepEqual(outcome, {
    kind: 'success',
    text: 'You code.\n\ndo it\nmodel big role coder\n{"status":"done","summary":"made it"}',
    result: { status: 'done', summary: 'made it' },
  });
});

test('all turns of a conversation have one session, also a continued one', async () => {
  await using talk = script('echo "in $CW_SESSION"')();
  const first = await turn(talk, 'one');
  const second = await turn(talk, 'two');
  assert.equal(first.session, second.session);
  assert.equal(second.text, `in ${first.session}`);
  const totals = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
  const resumed = await oneTurn(
    script('echo "in $CW_SESSION"', { session: { sessionId: 'kept-1', totals } }),
  );
  assert.equal(resumed.text, 'in kept-1');
});

test('a program that was stopped before it said a word has no session to continue', async () => {
  const control = new AbortController();
  await using talk = script('exec sleep 60', { signal: control.signal })();
  const types: string[] = [];
  for await (const event of talk.send('hi')) {
    types.push(event.type);
    if (event.type === 'process') control.abort();
  }
  assert.deepEqual(types, ['process', 'outcome']);
  assert.equal((await oneTurn(script('cat >/dev/null'))).session?.length, 36);
});

test('a program that fails is tried again, unless it can never run', async () => {
  const failing = await oneTurn(script('echo half; echo "no luck" >&2; exit 9'));
  assert.deepEqual(failing.outcome, { kind: 'transient', reason: 'sh ended with exit code 9: no luck' });
  const silent = await oneTurn(script('exit 1'));
  assert.deepEqual(silent.outcome, {
    kind: 'transient',
    reason: 'sh ended with exit code 1 and printed nothing that says why',
  });
  const unknown = await oneTurn(script('cw-no-such-tool'));
  assert.equal(unknown.outcome.kind === 'permanent' && unknown.outcome.cause, 'config');
  const missing = await oneTurn(script('', { provider: { command: 'cw-no-such-agent' } }));
  assert.deepEqual(missing.outcome, {
    kind: 'permanent',
    cause: 'missing_cli',
    reason:
      'cw-no-such-agent was not found on PATH or may not be executed. Check `command` of this provider in the config',
  });
  assert.deepEqual(
    missing.events.map((event) => event.type),
    ['outcome'],
  );
});

test('what was printed for a terminal reaches nobody’s terminal', async () => {
  const { text, outcome } = await oneTurn(
    script(`printf '\\033[31mred\\033[0m \\033]0;owned\\007\\000end\\n'`),
  );
  assert.equal(text, 'red end');
  assert.equal(outcome.kind === 'success' && outcome.text, 'red end');
});

test('a stop and a limit are told apart', async () => {
  const abort = new AbortController();
  const open = script('echo ready; sleep 60', { signal: abort.signal });
  await using talk = open();
  let outcome: unknown;
  for await (const event of talk.send('hi')) {
    if (event.type === 'text') abort.abort();
    if (event.type === 'outcome') outcome = event.outcome;
  }
  assert.deepEqual(outcome, { kind: 'killed', byUs: true, reason: 'sh was stopped' });
  const late = await oneTurn(script('sleep 60', { limits: { firstOutputMs: 50, silenceMs: 150 } }));
  assert.deepEqual(late.outcome, {
    kind: 'stalled',
    limit: 'silenceMs',
    reason: 'sh printed nothing for 150 ms; limits.silenceMs allows 150 ms',
  });
});

test('closing a conversation in the middle of a turn leaves no process', async () => {
  const talk = script('echo ready; setsid sleep 300')();
  const events = talk.send('hi')[Symbol.asyncIterator]();
  const first = await events.next();
  assert.ok(first.value?.type === 'process');
  const { identity } = first.value;
  await events.next();
  await talk[Symbol.asyncDispose]();
  assert.equal(isAlive(identity), false);
  const rest = [];
  for (let next = await events.next(); next.done !== true; next = await events.next()) rest.push(next.value);
  assert.equal(rest.at(-1)?.type, 'outcome');
});

test('a second prompt during a turn is refused and does not disturb it', async () => {
  await using talk = script('echo one; read line; echo two')();
  const events = talk.send('hi\n')[Symbol.asyncIterator]();
  await events.next();
  const second = await turn(talk, 'me too');
  assert.ok(second.outcome.kind === 'permanent');
  assert.match(second.outcome.reason, /one turn of a conversation at a time/);
  let last = await events.next();
  for (let next = last; next.done !== true; next = await events.next()) last = next;
  assert.equal(last.value?.type === 'outcome' && last.value.outcome.kind, 'success');
});
