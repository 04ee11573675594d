import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { AcpBackend } from '../../src/adapters/acp/backend.ts';
import { runTurn } from '../../src/adapters/acp/turn.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { permissionGrants } from '../../src/core/agents/permissions.ts';
import type { AgentEvent, OutputLine } from '../../src/core/agents/ports.ts';
import { agentSays, dialogue, type Message, type Part, type Played, playing } from './acp-player.ts';
import { conversation, oneTurn, type Turn } from './converse.ts';
import { brief, kinds, TRANSCRIPTS } from './replay.ts';

const NOTHING = { inputTokens: 0, outputTokens: 0, cachedTokens: 0, costUsd: 0 };
type Options = Parameters<typeof conversation>[0];

function talk(played: Played, options: Options = {}): Promise<Turn> {
  const backend = new AcpBackend({ launcher: played.launcher, clock: systemClock });
  const provider = { type: 'acp', command: 'agent', args: ['acp'], ...options.provider };
  return oneTurn(() => backend.open(conversation({ cwd: '/repo', ...options, provider })), 'Do it.');
}

/** What every recorded dialogue means: outcome, answer, kinds of events, input tokens, session that was loaded. */
type Row = readonly [
  name: string,
  outcome: string,
  answer: string,
  events: string,
  input: number | undefined,
  load?: string,
];
const RECORDED: readonly Row[] = [
  ['goose', 'success', 'Done.', 'session text tool×4 text usage', 100],
  ['goose-load', 'success', 'Loaded and second.', 'session text usage', 100, '20261121_25'],
  ['goose-permission-cancel', 'success', 'Rejected.', 'session tool×2 text usage', 100],
  ['goose-fail-401', 'auth', '', 'session text', undefined],
  ['gemini', 'success', 'Done.', 'session text tool×4 text usage', 300],
  ['gemini-load', 'success', 'third.', 'session text usage', 100, 'e85b423a-fab6-4b77-96ec-66bc02b67ac6'],
  ['gemini-fail-429', 'killed', '', 'session', undefined],
  ['opencode', 'success', 'Done.', 'session text tool×4 text usage', 100],
  [
    'opencode-load',
    'success',
    'Loaded and second.',
    'session text usage',
    100,
    'ses_e0433cea8ffetsfut6vWSMgUXz',
  ],
  ['claude-agent-acp', 'success', 'Done.', 'session text tool×4 text usage', 300],
  [
    'claude-agent-acp-load',
    'success',
    'Loaded and second.',
    'session text usage',
    100,
    '5e57e82b-a785-4281-97b4-acfb65cadbe3',
  ],
  ['codex-acp', 'success', 'Done.', 'session text×2 tool×6 text usage', 300],
  [
    'codex-acp-load',
    'success',
    'Loaded and second.',
    'session text×2 usage',
    100,
    '01a1fc00-5e1a-7340-8313-8d673a4f11fc',
  ],
];

test('S3-12 every recorded dialogue of five agents is understood', async (t) => {
  for (const [name, outcome, answer, events, input, load] of RECORDED) {
    await t.test(`${name} is ${outcome}`, async () => {
      const exit = name === 'gemini-fail-429' ? { kind: 'signalled', signal: 'SIGKILL' } : undefined;
      const played = playing(
        dialogue(name),
        exit === undefined ? {} : { exit: { kind: 'signalled', signal: 'SIGKILL' } },
      );
      const options = load === undefined ? {} : { session: { sessionId: load, totals: NOTHING } };
      const turn = await talk(played, options);
      assert.deepEqual(
        { outcome: brief(turn), events: kinds(turn) },
        { outcome, events },
        JSON.stringify(turn.outcome),
      );
      if (turn.outcome.kind === 'success') assert.equal(turn.outcome.text, answer);
      const used = turn.events.find((event) => event.type === 'usage');
      assert.equal(used?.usage.inputTokens, input);
      if (load === undefined) assert.ok(turn.session !== undefined);
      else assert.equal(turn.session, load);
      assert.deepEqual(played.sent[0]?.params.clientCapabilities, {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
      });
    });
  }
});

test('no recorded dialogue is left out', () => {
  const files = readdirSync(join(TRANSCRIPTS, 'acp')).map((file) => file.replace(/\.jsonl$/, ''));
  assert.deepEqual(files.sort(), RECORDED.map(([name]) => name).sort());
});

/** What the client answered to the agent's requests. */
function answers({ sent }: Played): readonly string[] {
  return sent
    .filter((message) => message.method === undefined)
    .map(({ result, error }) => result?.outcome.optionId ?? result?.outcome.outcome ?? `error ${error.code}`);
}

test('S3-17 leave is given by what the role may do, whatever the agent offers', async () => {
  for (const [name, yes, no] of [
    ['gemini', ['proceed_once', 'proceed_once'], ['cancel', 'cancel']],
    ['opencode', ['once'], ['reject']],
    ['claude-agent-acp', ['allow-once', 'allow-once'], ['reject', 'reject']],
    ['goose-permission-cancel', ['allow_once'], ['reject_once']],
  ] as const) {
    const free = playing(dialogue(name));
    await talk(free, { agent: { tools: ['read', 'edit', 'shell'] } });
    assert.deepEqual(answers(free), yes, name);
    for (const agent of [{ tools: ['read'] as const }, { permissions: 'deny' as const }]) {
      const bound = playing(dialogue(name));
      const turn = await talk(bound, { agent });
      assert.deepEqual(answers(bound), no, name);
      assert.ok(turn.events.some((event) => event.type === 'notice' && event.message.startsWith('denied ')));
    }
  }
});

test('a person is asked in the inbox, and the answer grants the same request', async () => {
  const cancelled: Message = { jsonrpc: '2.0', id: 2, result: { stopReason: 'cancelled' } };
  const asking = dialogue('gemini').slice(0, 9);
  const played = playing([...asking, { awaits: { method: 'session/cancel' } }, ...agentSays(cancelled)]);
  const turn = await talk(played, { agent: { permissions: 'ask' } });
  assert.ok(
    turn.outcome.kind === 'success' && turn.outcome.result?.status === 'questions',
    JSON.stringify(turn.outcome),
  );
  const [question, ...others] = turn.outcome.result.questions;
  assert.deepEqual(others, []);
  assert.equal(question?.question, 'May coder run: echo acp > acp.txt');
  assert.deepEqual(question?.options, ['allow', 'deny']);
  assert.deepEqual(answers(played), ['cancelled']);

  for (const [answer, first] of [
    ['allow', 'proceed_once'],
    ['deny', 'cancel'],
  ] as const) {
    const again = playing([
      ...dialogue('gemini').slice(0, 11),
      { awaits: { method: 'session/cancel' } },
      ...agentSays(cancelled),
    ]);
    const grants = permissionGrants([{ ...question, answer }]);
    const next = await talk(again, { agent: { permissions: 'ask' }, grants });
    assert.deepEqual(answers(again), [first, 'cancelled']);
    assert.ok(next.outcome.kind === 'success' && next.outcome.result?.status === 'questions');
    assert.deepEqual(
      next.outcome.result.questions.map((each) => each.question),
      ['May coder edit: Writing to b.txt'],
    );
  }
});

const INIT = {
  jsonrpc: '2.0',
  id: 0,
  result: { protocolVersion: 1, agentCapabilities: { loadSession: true } },
};
const NEW = { jsonrpc: '2.0', id: 1, result: { sessionId: 's-1' } };
const opening = (made: Message = NEW): readonly Part[] =>
  agentSays({ awaits: { method: 'initialize' } }, INIT, { awaits: { method: 'session/new' } }, made);
const asked = agentSays({ awaits: { method: 'session/prompt' } });
const update = (update: Message): Message => ({
  jsonrpc: '2.0',
  method: 'session/update',
  params: { sessionId: 's-1', update },
});
const says = (text: string): Message =>
  update({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const ends = (stopReason: string, id = 2): Message => ({ jsonrpc: '2.0', id, result: { stopReason } });

test('the reason to stop is the outcome, and the JSON at the end of the answer its result', async () => {
  for (const [reason, outcome] of [
    ['end_turn', 'success'],
    ['max_tokens', 'context_limit'],
    ['max_turn_requests', 'budget'],
    ['refusal', 'permanent/request'],
    ['cancelled', 'killed'],
    ['tea_time', 'transient'],
  ] as const) {
    const turn = await talk(playing([...opening(), ...asked, ...agentSays(says('Hm.'), ends(reason))]));
    assert.equal(brief(turn), outcome, reason);
  }
  const said = agentSays(says('I did it.\n\n{"status":"done",'), says('"summary":"it"}'), ends('end_turn'));
  const turn = await talk(playing([...opening(), ...asked, ...said]));
  assert.deepEqual(turn.outcome.kind === 'success' && turn.outcome.result, { status: 'done', summary: 'it' });
});

test('a failure is told by structure before words', async () => {
  const failed = (error: Message): Message => ({ jsonrpc: '2.0', id: 2, error });
  for (const [error, outcome] of [
    [{ code: -32_000, message: 'Authentication required' }, 'auth'],
    [
      { code: -32_603, message: 'Internal error', data: { statusCode: 429, message: 'slow down' } },
      'rate_limited',
    ],
    [{ code: -32_603, message: 'Internal error', data: { details: 'got status: 401 . {"error"}' } }, 'auth'],
    [{ code: 429, message: 'Rate limit exceeded. Try again later.' }, 'rate_limited'],
    [
      { code: -32_603, message: 'You exceeded your current quota', data: { status: 429 } },
      'permanent/billing',
    ],
    [{ code: 500, message: 'API key service is down' }, 'transient'],
    [{ code: 400, message: 'The input token count exceeds the maximum' }, 'context_limit'],
    [{ code: 400, message: 'No such field' }, 'permanent/request'],
    [{ code: -32_601, message: 'Method not found' }, 'permanent/config'],
    [{ code: -32_603, message: 'Something new' }, 'transient'],
  ] as const) {
    const turn = await talk(playing([...opening(), ...asked, ...agentSays(failed(error))]));
    assert.equal(brief(turn), outcome, JSON.stringify(error));
    assert.ok(turn.outcome.kind !== 'success' && turn.outcome.reason.startsWith('session/prompt: '));
  }
});

test('a session that cannot be loaded is to be begun anew', async () => {
  const gone = {
    jsonrpc: '2.0',
    id: 1,
    error: { code: -32_603, message: 'No previous sessions found for this project' },
  };
  const session = { sessionId: 'old', totals: NOTHING };
  const parts = agentSays(
    { awaits: { method: 'initialize' } },
    INIT,
    { awaits: { method: 'session/load' } },
    gone,
  );
  assert.equal(brief(await talk(playing(parts), { session })), 'context_limit');
  const unable = { ...INIT, result: { protocolVersion: 1, agentCapabilities: {} } };
  const turn = await talk(playing(agentSays({ awaits: { method: 'initialize' } }, unable)), { session });
  assert.equal(brief(turn), 'context_limit');
});

test('what the client does not offer is refused, and nothing else it does not expect does harm', async () => {
  const requests = ['fs/read_text_file', 'terminal/create', 'session/unheard_of'].map((method, at) => ({
    jsonrpc: '2.0',
    id: `r${at}`,
    method,
    params: { path: '/etc/passwd' },
  }));
  const noise = [
    { prints: Buffer.from('Loaded cached credentials.\n\n[1,2]\n"text"\n{"jsonrpc":\n') },
    ...agentSays(
      { jsonrpc: '2.0', id: 77, result: {} },
      { jsonrpc: '2.0', id: '\u001b[2J', error: { code: 1, message: 'x' } },
      { jsonrpc: '2.0', id: null, method: 'session/request_permission' },
      { jsonrpc: '2.0', id: 9, method: 'session/request_permission', params: { options: 3 } },
      { jsonrpc: '2.0', method: '_auth/status_update' },
      update({ sessionUpdate: 'unheard_of' }),
      update({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: 'secretly' } }),
    ),
  ];
  const played = playing([
    ...opening(),
    ...noise,
    ...asked,
    ...agentSays(...requests),
    ...agentSays({ awaits: { method: undefined } }, { awaits: { method: undefined } }),
    ...agentSays({ awaits: { method: undefined } }, says('ok'), ends('end_turn')),
  ]);
  const turn = await talk(played);
  assert.deepEqual(turn.outcome, { kind: 'success', text: 'ok' });
  assert.deepEqual(answers(played).toSorted(), [
    'error -32601',
    'error -32601',
    'error -32601',
    'error -32602',
  ]);
  assert.equal(kinds(turn), 'session text');
});

test('system prompt, servers, mode and model reach a new session; a loaded one gets the prompt alone', async () => {
  const offers = {
    modes: { currentModeId: 'default', availableModes: [{ id: 'default' }, { id: 'plan' }] },
    models: { currentModelId: 'small', availableModels: [{ modelId: 'small' }] },
  };
  const mcp = [{ name: 'orch', command: 'node', args: ['x'], env: { TOKEN: 't' } }];
  const agent = { systemPrompt: 'Be brief.', tools: ['read'] as const, model: 'large' };
  const made = { ...NEW, result: { ...NEW.result, ...offers } };
  const played = playing([...opening(made), ...asked, ...agentSays(ends('end_turn', 4))]);
  await talk(played, { agent, mcp });
  assert.deepEqual(
    played.sent.slice(1).map(({ method, params }) => ({ method, ...params })),
    [
      {
        method: 'session/new',
        cwd: '/repo',
        mcpServers: [{ name: 'orch', command: 'node', args: ['x'], env: [{ name: 'TOKEN', value: 't' }] }],
      },
      { method: 'session/set_mode', sessionId: 's-1', modeId: 'plan' },
      { method: 'session/set_model', sessionId: 's-1', modelId: 'large' },
      { method: 'session/prompt', sessionId: 's-1', prompt: [{ type: 'text', text: 'Be brief.\n\nDo it.' }] },
    ],
  );
  const loading = agentSays({ awaits: { method: 'initialize' } }, INIT, {
    awaits: { method: 'session/load' },
  });
  const answer = agentSays({ jsonrpc: '2.0', id: 1, result: null });
  const loaded = playing([...loading, ...answer, ...asked, ...agentSays(ends('end_turn'))]);
  const turn = await talk(loaded, { agent, session: { sessionId: 's-9', totals: NOTHING } });
  assert.equal(turn.session, 's-9');
  assert.deepEqual(loaded.sent.at(-1)?.params.prompt, [{ type: 'text', text: 'Do it.' }]);
});

test('a stop is told to the agent first, and is ours', async () => {
  const control = new AbortController();
  const played = playing([
    ...opening(),
    ...asked,
    ...agentSays(says('Working.')),
    { awaits: { method: 'session/cancel' } },
    ...agentSays(ends('cancelled')),
  ]);
  const lines: OutputLine[] = [];
  const onRawLine = (line: OutputLine) => {
    lines.push(line);
    if (line.text.includes('Working.')) control.abort();
  };
  const turn = await talk(played, { signal: control.signal, onRawLine });
  assert.deepEqual(turn.outcome, { kind: 'killed', byUs: true, reason: 'agent was stopped' });
  assert.deepEqual(played.sent.at(-1), {
    jsonrpc: '2.0',
    method: 'session/cancel',
    params: { sessionId: 's-1' },
  });
  assert.equal(lines.length, 4);
});

test('an agent that ends early is told apart by what it had said', async () => {
  const exited = (code: number) => ({ exit: { kind: 'exited', code } as const });
  const silent = await talk(playing([], { ...exited(2), stderr: 'unknown flag --acp' }));
  assert.deepEqual(silent.outcome, {
    kind: 'permanent',
    cause: 'config',
    reason: 'agent ended with exit code 2: unknown flag --acp',
  });
  const noLogin = await talk(playing([], { ...exited(41), stderr: 'Invalid auth method: no API key' }));
  assert.equal(brief(noLogin), 'auth');
  assert.equal(brief(await talk(playing([...opening(), ...asked], exited(1)))), 'transient');
  const stalled = { exit: { kind: 'stopped', by: 'silenceMs', measured: 5, allowed: 4 } } as const;
  assert.equal(brief(await talk(playing([...opening(), ...asked], stalled))), 'stalled');
  const missing = { exit: { kind: 'spawn-failed', code: 'ENOENT', message: 'agent was not found' } } as const;
  assert.equal(brief(await talk(playing([], missing))), 'permanent/missing_cli');
});

test('1,000 damaged dialogues are read without an error', async () => {
  let seed = 1;
  const random = (below: number) => {
    // A small generator of our own, so that a failure can be repeated.
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const dialogues = RECORDED.map(([name, , , , , load]) => ({ name, load, parts: dialogue(name) }));
  for (let round = 0; round < 1_000; round++) {
    const { name, load, parts } = dialogues[round % dialogues.length] as (typeof dialogues)[number];
    const damaged = parts.map((part): Part => {
      if ('awaits' in part || random(3) > 0) return part;
      const bytes = Buffer.from(part.prints);
      for (let times = random(6); times >= 0; times--) {
        const harm = [0x00, 0x0a, 0x0d, 0x22, 0x7b, 0x7d, 0xc3, 0xed, 0xff, random(256)][random(10)];
        bytes[random(bytes.length)] = harm as number;
      }
      return { prints: random(20) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes };
    });
    const played = playing(damaged.slice(0, 1 + random(damaged.length)), {
      exit: { kind: 'exited', code: random(2) },
      patience: 3,
    });
    const options = conversation({ cwd: '/repo', provider: { type: 'acp', command: 'agent' } });
    const events: AgentEvent[] = [];
    // Below the conversation, which would turn what is thrown into an outcome.
    const turn = {
      prompt: 'Do it.',
      session: load === undefined ? undefined : { sessionId: load, totals: NOTHING },
      signal: options.signal,
      owns: () => undefined,
    };
    for await (const event of runTurn({ launcher: played.launcher, clock: systemClock, options, turn })) {
      events.push(event);
    }
    const outcomes = events.filter((event) => event.type === 'outcome').length;
    assert.equal(outcomes, 1, `round ${round}, ${name}`);
  }
});
