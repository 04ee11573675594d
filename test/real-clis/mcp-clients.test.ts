import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { type E2eProject, makeProject } from '../e2e/project.ts';
import { machineNode } from '../house/machine-node.ts';
import { agentClis } from '../support/agent-clis.ts';
import { type AgentEnv, claudeEnv, codexHome, gooseEnv } from '../support/cli-env.ts';
import { installedCw } from '../support/installed-cw.ts';
import { script } from '../support/model-server/steps.ts';
import { type ModelServer, startModelServer } from '../support/model-server.ts';
import { runAgent } from './rig.ts';

// Long enough for the first fetch of the CLIs on a slow line.
const LIMIT = { timeout: 15 * 60_000 };
const ROADMAP = { version: 1, tasks: [{ id: 'schema', title: 'Schema', prompt: 'Make the schema.' }] };
const run = promisify(execFile);

/** Where a client finds Codewalk: the program itself, or a server on this machine. */
type Way = 'stdio' | { readonly url: string; readonly token: string };

interface Client {
  /** As its own user would, by its own command or file. */
  configure(way: Way, env: AgentEnv, cwd: string): Promise<void>;
  readonly args: readonly string[];
  env(server: ModelServer, home: string): Promise<AgentEnv> | AgentEnv;
}

const CLIS = await agentClis();
const CLIENTS: Readonly<Record<'claude' | 'codex' | 'goose', Client>> = {
  claude: {
    configure: async (way, env, cwd) => {
      const where =
        way === 'stdio'
          ? ['codewalk', '--', 'cw', 'mcp']
          : [
              ...['--transport', 'http', 'codewalk', way.url],
              '--header',
              `Authorization: Bearer ${way.token}`,
            ];
      await run(CLIS.claude, ['mcp', 'add', ...where], { env, cwd });
    },
    args: ['-p', '--model', 'claude-sonnet-4-5', '--allowedTools', 'mcp__codewalk'],
    env: claudeEnv,
  },
  codex: {
    configure: async (way, env, cwd) => {
      const where =
        way === 'stdio' ? ['--', 'cw', 'mcp'] : ['--url', way.url, '--bearer-token-env-var', 'CODEWALK_KEY'];
      await run(CLIS.codex, ['mcp', 'add', 'codewalk', ...where], { env, cwd });
    },
    args: ['exec', '--dangerously-bypass-approvals-and-sandbox', '-'],
    env: codexHome,
  },
  goose: {
    configure: async (way, env) => {
      const extension =
        way === 'stdio'
          ? { type: 'stdio', cmd: 'cw', args: ['mcp'] }
          : {
              type: 'streamable_http',
              uri: way.url,
              headers: { Authorization: `Bearer ${way.token}` },
            };
      const entry = { ...extension, name: 'codewalk', description: 'Codewalk', enabled: true, timeout: 300 };
      const directory = join(env['GOOSE_PATH_ROOT'] ?? '', 'config');
      mkdirSync(directory, { recursive: true });
      // JSON is YAML.
      writeFileSync(join(directory, 'config.yaml'), JSON.stringify({ extensions: { codewalk: entry } }));
    },
    args: ['run', '-i', '-', '-q'],
    env: gooseEnv,
  },
};

/** A person's PATH with `cw` on it. */
async function withCw(env: AgentEnv, home: string): Promise<AgentEnv> {
  const directory = join(home, 'bin');
  mkdirSync(directory, { recursive: true });
  const line = `exec '${machineNode()}' '${await installedCw()}' "$@"`;
  writeFileSync(join(directory, 'cw'), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  return { ...env, PATH: `${directory}${delimiter}${env['PATH']}` };
}

/** Has each client ask what is next; what its model hears then. */
async function assertAllHear(project: E2eProject, way: Way, signal: AbortSignal): Promise<void> {
  await using server = await startModelServer();
  for (const [name, client] of Object.entries(CLIENTS)) {
    const home = join(project.home, name);
    mkdirSync(home);
    const known = typeof way === 'string' ? {} : { CODEWALK_KEY: way.token };
    const env = { ...(await withCw(await client.env(server, home), home)), ...known };
    const cwd = project.repo.root;
    await client.configure(way, env, cwd);
    const asking = script(
      { mcp: { server: 'codewalk', tool: 'plan_next', input: { limit: 1 } } },
      { text: `${name} has heard it.` },
    );
    const before = server.requests.length;
    const program = CLIS[name as keyof typeof CLIENTS];
    const end = await runAgent({ program, args: client.args, cwd, env, prompt: asking, signal });
    assert.equal(end.code, 0, `${name}: ${end.stderr}`);
    const heard = server.requests.slice(before).map(({ body }) => `${JSON.stringify(body)}`);
    assert.ok(
      heard.some((body) => body.includes('Make the schema.')),
      `${name} hears what is next: ${end.stderr}`,
    );
  }
  assert.deepEqual(server.strays, []);
}

test(
  'S0-31 Claude Code, Codex and Goose of a person ask Codewalk what is next, by cw mcp',
  LIMIT,
  async ({ signal }) => {
    await using project = await makeProject({ roadmap: ROADMAP });
    await assertAllHear(project, 'stdio', signal);
  },
);

test(
  'S0-31 Claude Code, Codex and Goose of a person ask a server what is next, over HTTP with a token',
  LIMIT,
  async ({ signal }) => {
    await using project = await makeProject({ roadmap: ROADMAP });
    const started = await project.cw(['serve', '--no-run', '--port', '0', '--json']);
    assert.equal(started.code, 0, started.stderr);
    const { port } = JSON.parse(started.stdout) as { port: number };
    const issued = await project.cw(['server', 'token', 'add', '--name', 'editor', '--json']);
    assert.equal(issued.code, 0, issued.stderr);
    const { token } = JSON.parse(issued.stdout) as { token: string };
    await assertAllHear(project, { url: `http://127.0.0.1:${port}/mcp`, token }, signal);
    assert.equal((await project.cw(['stop'])).code, 0);
  },
);
