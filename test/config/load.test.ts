import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadConfig } from '../../src/adapters/config-files/load.ts';
import { ConfigInvalidError, type ConfigProblemCode } from '../../src/core/config/problem.ts';
import { UsageError } from '../../src/core/errors.ts';
import { configPlaces } from './config-places.ts';

test('S3-18 without any file the built-in config is in force', async (t) => {
  const places = await configPlaces(t);
  const { config, origins, files } = await loadConfig(places);
  assert.deepEqual(Object.keys(config.providers), ['claude', 'codex', 'goose', 'opencode', 'gemini']);
  assert.deepEqual(
    { ...config.providers['claude'] },
    { type: 'claude', command: 'claude', args: [], env: {} },
  );
  assert.deepEqual(Object.keys(config.agents), ['orchestrator', 'coder', 'reviewer', 'tester']);
  assert.deepEqual(config.workflows['standard']?.steps, [
    { agent: 'coder', maxRounds: 3, verify: false },
    { agent: 'reviewer', onReject: 'coder', maxRounds: 3, verify: false },
    { agent: 'tester', onReject: 'coder', maxRounds: 3, verify: true },
  ]);
  assert.deepEqual(config.defaults, { agent: 'coder' });
  assert.equal(config.maxAgents, 4);
  assert.equal(config.merge.integrationBranch, 'cw/integration');
  assert.ok(Object.values(origins).every((scope) => scope === 'built-in'));
  assert.deepEqual(
    files.map(({ scope, exists }) => [scope, exists]),
    [
      ['global', false],
      ['project', false],
    ],
  );
});

test('S3-17 reviewer and tester may reject and cannot edit; the coder can', async (t) => {
  const { config } = await loadConfig(await configPlaces(t));
  const rights = Object.entries(config.agents).map(([name, agent]) => [
    name,
    agent.tools.join(' '),
    agent.verdict,
  ]);
  assert.deepEqual(rights, [
    ['orchestrator', 'read', false],
    ['coder', 'read edit shell', false],
    ['reviewer', 'read', true],
    ['tester', 'read shell', true],
  ]);
});

test('S3-27 S3-28 S3-29 the project wins over the global file, and each names only what it changes', async (t) => {
  const places = await configPlaces(t, {
    global: {
      maxAgents: 2,
      agents: { coder: { model: 'opus' } },
      merge: { strategy: 'squash', maxBounces: 1 },
    },
    project: { maxAgents: 6, agents: { coder: { provider: 'codex' } }, merge: { strategy: 'rebase' } },
  });
  const { config, origins } = await loadConfig(places);
  assert.equal(config.maxAgents, 6);
  assert.equal(config.agents['coder']?.model, 'opus');
  assert.equal(config.agents['coder']?.provider, 'codex');
  assert.match(config.agents['coder']?.systemPrompt ?? '', /worktree/);
  assert.deepEqual(
    [config.merge.strategy, config.merge.maxBounces, config.merge.deliver],
    ['rebase', 1, 'manual'],
  );
  const scopes = Object.entries(origins).filter(([, scope]) => scope !== 'built-in');
  assert.deepEqual(Object.fromEntries(scopes), {
    maxAgents: 'project',
    'agents.coder.model': 'global',
    'agents.coder.provider': 'project',
    'merge.strategy': 'project',
    'merge.maxBounces': 'global',
  });
});

test('S3-29 maps merge per key, lists and single values replace what is below', async (t) => {
  const places = await configPlaces(t, {
    global: {
      providers: { claude: { args: ['--a', '--b'], env: { A: '1', B: '1' } } },
      agents: { coder: { tools: ['read'] } },
    },
    project: { providers: { claude: { args: ['--c'], env: { B: '2' }, command: '/opt/claude' } } },
  });
  const { config, origins } = await loadConfig(places);
  assert.deepEqual(
    { ...config.providers['claude'] },
    {
      type: 'claude',
      command: '/opt/claude',
      args: ['--c'],
      env: { A: '1', B: '2' },
    },
  );
  assert.deepEqual(config.agents['coder']?.tools, ['read']);
  assert.deepEqual(
    [origins['providers.claude.env.A'], origins['providers.claude.env.B']],
    ['global', 'project'],
  );
});

test('S3-14 S3-15 S3-16 S3-30 providers, agents and workflows of one’s own stand beside the built-in ones', async (t) => {
  const places = await configPlaces(t, {
    project: {
      providers: {
        local: { type: 'goose', model: 'qwen3', env: { GOOSE_PROVIDER: 'ollama' } },
        script: { type: 'command', command: 'sh', args: ['./agent.sh'] },
      },
      agents: {
        designer: { provider: 'local', model: 'qwen3', systemPrompt: 'Make it pretty.', tools: ['edit'] },
        'gpt.5': { provider: 'codex' },
      },
      workflows: { quick: { steps: [{ agent: 'designer' }, { agent: 'gpt.5', onReject: 'designer' }] } },
      defaults: { agent: 'designer', workflow: 'quick' },
    },
  });
  const { config, origins } = await loadConfig(places);
  assert.deepEqual(Object.keys(config.providers), [
    'claude',
    'codex',
    'goose',
    'opencode',
    'gemini',
    'local',
    'script',
  ]);
  assert.equal(config.providers['local']?.command, 'goose');
  assert.deepEqual(config.agents['gpt.5']?.tools, ['read', 'edit', 'shell']);
  assert.deepEqual(config.workflows['quick']?.steps[1], {
    agent: 'gpt.5',
    onReject: 'designer',
    maxRounds: 3,
    verify: false,
  });
  assert.equal(origins['agents."gpt.5".provider'], 'project');
});

test('a project in the home directory has one file, read once', async (t) => {
  const places = await configPlaces(t, { global: { maxAgents: 2 } });
  const { config, files } = await loadConfig({ home: places.home, root: places.home });
  assert.equal(config.maxAgents, 2);
  assert.equal(files.length, 1);
});

test('outside of a project only the global file counts', async (t) => {
  const { home } = await configPlaces(t, { global: { maxAgents: 2 } });
  assert.equal((await loadConfig({ home, root: undefined })).config.maxAgents, 2);
});

test('config files anywhere else are not read', async (t) => {
  const places = await configPlaces(t);
  await writeFile(join(places.root, 'config.json'), 'broken');
  await writeFile(join(places.root, 'codewalk.config.json'), 'broken');
  await mkdir(join(places.root, 'sub', '.codewalk'), { recursive: true });
  await writeFile(join(places.root, 'sub', '.codewalk', 'config.json'), 'broken');
  assert.equal((await loadConfig(places)).config.maxAgents, 4);
});

test('names that every object has are not taken for agents, providers or workflows', async (t) => {
  const { config } = await loadConfig(await configPlaces(t));
  assert.equal(config.agents['constructor'], undefined);
  assert.equal(config.providers['toString'], undefined);
  assert.equal(config.workflows['valueOf'], undefined);
});

/** Each text has a « at the place that must be named. */
const REFUSED: readonly [title: string, text: string, code: ConfigProblemCode, says: string][] = [
  ['an empty file', '«', 'syntax', 'empty'],
  ['a comma at the end', '{\n  "maxAgents": 2«,\n}', 'syntax', 'Remove the comma'],
  ['a comment', '{ «// two\n "maxAgents": 2 }', 'syntax', 'Remove the comment'],
  ['a list', '«[]', 'wrong-type', 'a map in { }'],
  ['text', '«"x"', 'wrong-type', 'a map in { }'],
  ['an unknown key', '{ «"maxAgent": 2 }', 'unknown-key', 'Did you mean "maxAgents"?'],
  [
    'a key of the older shape',
    '{ "agents": { "coder": { «"system_prompt": "x" } } }',
    'unknown-key',
    'Did you mean "systemPrompt"?',
  ],
  ['a key in the wrong place', '{ «"strategy": "merge" }', 'unknown-key', 'Did you mean merge.strategy?'],
  ['a key that is like none', '{ «"colour": 1 }', 'unknown-key', 'It may have: '],
  [
    'an unknown key of a provider',
    '{ "providers": { "x": { "type": "claude", «"arg": [] } } }',
    'unknown-key',
    'Did you mean "args"?',
  ],
  [
    'an unknown key of a step',
    '{ "workflows": { "w": { "steps": [{ "agent": "coder", «"onreject": "x" }] } } }',
    'unknown-key',
    'Did you mean "onReject"?',
  ],
  ['an unknown key of limits', '{ "limits": { «"silence": 1 } }', 'unknown-key', 'Did you mean "silenceMs"?'],
  ['a key twice', '{ "maxAgents": 2, «"maxAgents": 3 }', 'duplicate-key', 'twice'],
  ['__proto__', '{ «"__proto__": {} }', 'unknown-key', 'Remove it'],
  [
    '__proto__ in an env',
    '{ "providers": { "claude": { "env": { «"__proto__": "x" } } } }',
    'unknown-key',
    'Remove it',
  ],
  ['text for a number', '{ "maxAgents": «"four" }', 'wrong-type', 'not "four"'],
  ['half an agent', '{ "maxAgents": «1.5 }', 'wrong-type', 'a whole number'],
  ['no agents', '{ "maxAgents": «0 }', 'bad-value', 'at least 1'],
  ['too many agents', '{ "maxAgents": «65 }', 'bad-value', 'at most 64'],
  ['null', '{ "merge": «null }', 'wrong-type', 'a map in { }'],
  ['a number for a list', '{ "agents": { "coder": { "tools": «3 } } }', 'wrong-type', 'a list in [ ]'],
  [
    'an unknown tool',
    '{ "agents": { "coder": { "tools": ["read", «"writ"] } } }',
    'bad-value',
    'read, edit, shell, web',
  ],
  ['an unknown strategy', '{ "merge": { "strategy": «"squish" } }', 'bad-value', 'Did you mean "squash"?'],
  [
    'S3-13 an unknown type of provider',
    '{ "providers": { "x": { "type": «"claud" } } }',
    'bad-value',
    'Did you mean "claude"?',
  ],
  ['an agent name that is an option', '{ "agents": { «"--x": {} } }', 'bad-value', 'A name is'],
  ['a workflow without steps', '{ "workflows": { "w": { "steps": «[] } } }', 'bad-value', 'at least 1'],
  [
    'a step without agent',
    '{ "workflows": { "w": { "steps": [«{}] } } }',
    'bad-value',
    'steps[0].agent is missing',
  ],
  ['an empty verify', '{ "verify": «"" }', 'bad-value', 'at least 1'],
  ['a project name with a slash', '{ "project": «"a/b" }', 'bad-value', 'A name is'],
  ['a provider without a type', '{ "providers": { "x": «{ "command": "y" } } }', 'bad-value', 'has no type'],
  [
    'a command provider without a command',
    '{ "providers": { "x": «{ "type": "command" } } }',
    'bad-value',
    'no command',
  ],
  [
    'an agent with an unknown provider',
    '{ "agents": { "coder": { "provider": «"claud" } } }',
    'unknown-name',
    'Did you mean "claude"?',
  ],
  [
    'a provider named like a property',
    '{ "agents": { "coder": { "provider": «"constructor" } } }',
    'unknown-name',
    'There are',
  ],
  [
    'a workflow with an unknown agent',
    '{ "workflows": { "w": { "steps": [{ "agent": «"codre" }] } } }',
    'unknown-name',
    'Did you mean "coder"?',
  ],
  [
    'a rejection to a later step',
    '{ "workflows": { "w": { "steps": [{ "agent": "reviewer", "onReject": «"coder" }, { "agent": "coder" }] } } }',
    'unknown-name',
    'nobody to send work back to',
  ],
  [
    'a rejection to itself',
    '{ "workflows": { "w": { "steps": [{ "agent": "coder" }, { "agent": "tester", "onReject": «"tester" }] } } }',
    'unknown-name',
    'Use one of: coder',
  ],
  ['an unknown default agent', '{ "defaults": { "agent": «"writer" } }', 'unknown-name', '"writer"'],
  [
    'an unknown default workflow',
    '{ "defaults": { "workflow": «"standrad" } }',
    'unknown-name',
    'Did you mean "standard"?',
  ],
  [
    'the target as integration branch',
    '{ "merge": { "target": «"cw/integration" } }',
    'contradiction',
    'both "cw/integration"',
  ],
  [
    'the integration branch as target',
    '{ "merge": { "integrationBranch": "main", "target": «"main" } }',
    'contradiction',
    'both "main"',
  ],
  [
    'a branch that is an option',
    '{ "merge": { "target": «"--force" } }',
    'bad-value',
    'no such branch names',
  ],
  [
    'a branch with a space',
    '{ "merge": { "integrationBranch": «"a b" } }',
    'bad-value',
    'no such branch names',
  ],
  ['a lease shorter than two heartbeats', '{ "lease": { "leaseMs": «4000 } }', 'contradiction', 'half'],
  [
    'a fallback that does not exist',
    '{ "providers": { "claude": { "fallback": [«"codx"] } } }',
    'unknown-name',
    'codex',
  ],
  [
    'a fallback to itself',
    '{ "providers": { "claude": { "fallback": [«"claude"] } } }',
    'contradiction',
    'itself',
  ],
  [
    'a fallback named twice',
    '{ "providers": { "claude": { "fallback": ["goose", «"goose"] } } }',
    'contradiction',
    'second time',
  ],
  [
    'a pause longer than the longest',
    '{ "breaker": { "pauseMs": «1000000 } }',
    'contradiction',
    'maxPauseMs',
  ],
  ['a heartbeat as long as the lease', '{ "lease": { "heartbeatMs": «10000 } }', 'contradiction', 'half'],
  ['a first delay above the last', '{ "retry": { "maxMs": «10 } }', 'contradiction', 'baseMs'],
  ['a database of another kind', '{ "database": «"mysql://x" }', 'bad-value', 'postgres://'],
];

for (const [title, marked, code, says] of REFUSED) {
  test(`a config with ${title} is refused at its place`, async (t) => {
    const places = await configPlaces(t, { project: marked.replace('«', '') });
    const error = await loadConfig(places).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof ConfigInvalidError, String(error));
    const [problem] = error.problems;
    const before = marked.slice(0, marked.indexOf('«')).split('\n');
    assert.equal(error.problems.length, 1, JSON.stringify(error.problems));
    assert.deepEqual(
      [problem?.file, problem?.line, problem?.col, problem?.code],
      [join(places.root, '.codewalk', 'config.json'), before.length, (before.at(-1) ?? '').length + 1, code],
    );
    assert.ok(
      `${problem?.message} ${problem?.advice}`.includes(says),
      `${problem?.message} ${problem?.advice}`,
    );
  });
}

test('all problems of both files are named at once', async (t) => {
  const places = await configPlaces(t, { global: { a1: 1 }, project: { b1: 1, c1: 2 } });
  const error = await loadConfig(places).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigInvalidError);
  assert.equal(error.problems.length, 3);
  assert.match(error.message, /and 2 more/);
});

test('a name that only the other file has is found; the file that uses a missing one is named', async (t) => {
  const agents = { coder: { provider: 'mine' } };
  const fine = await configPlaces(t, {
    global: { providers: { mine: { type: 'claude' } } },
    project: { agents },
  });
  assert.equal((await loadConfig(fine)).config.agents['coder']?.provider, 'mine');
  const broken = await configPlaces(t, { global: { agents }, project: { maxAgents: 2 } });
  const error = await loadConfig(broken).catch((thrown: unknown) => thrown);
  assert.ok(error instanceof ConfigInvalidError);
  assert.equal(error.problems[0]?.file, join(broken.home, '.codewalk', 'config.json'));
});

const UNREADABLE: readonly [title: string, make: (path: string) => unknown, says: RegExp][] = [
  ['that is a directory', (path) => mkdir(path), /directory/],
  ['that is a pipe', (path) => execFileSync('mkfifo', [path]), /regular file/],
  ['that is not UTF-8', (path) => writeFile(path, Buffer.from([0x7b, 0xff, 0x7d])), /UTF-8/],
  ['of 2 MB', (path) => writeFile(path, ' '.repeat(2_000_000)), /1 MiB/],
];

for (const [title, make, says] of UNREADABLE) {
  test(`a config ${title} is one clear error that names it`, async (t) => {
    const places = await configPlaces(t);
    const path = join(places.root, '.codewalk', 'config.json');
    await mkdir(join(places.root, '.codewalk'));
    await make(path);
    const error = await loadConfig(places).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof UsageError);
    assert.equal(error.code, 'CONFIG_UNREADABLE');
    assert.match(error.message, says);
    assert.ok(error.message.includes(path));
  });
}

test('a config with a byte order mark is read', async (t) => {
  const places = await configPlaces(t, { project: '\uFEFF{ "maxAgents": 3 }' });
  assert.equal((await loadConfig(places)).config.maxAgents, 3);
});
