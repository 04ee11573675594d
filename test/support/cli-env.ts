import { mkdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Scenario } from './model-server/scenarios.ts';
import type { ModelServer } from './model-server.ts';

/** The whole environment of an agent: nothing else of ours may reach it. */
export type AgentEnv = Readonly<Record<string, string>>;

/**
 * What every agent needs: a home of its own, our PATH, and a proxy that is the server itself, so that a request to
 * any other host is refused and shows up in `server.strays`.
 */
function hermeticEnv(server: ModelServer, home: string): AgentEnv {
  const tmp = join(home, 'tmp');
  mkdirSync(tmp, { recursive: true });
  return {
    HOME: home,
    PATH: process.env.PATH ?? '',
    TMPDIR: tmp,
    LANG: 'C.UTF-8',
    HTTP_PROXY: server.origin,
    HTTPS_PROXY: server.origin,
    http_proxy: server.origin,
    https_proxy: server.origin,
    NO_PROXY: '127.0.0.1,localhost',
    no_proxy: '127.0.0.1,localhost',
  };
}

/**
 * The environment for `claude`. Scenario `usage` logs in by subscription token instead of API key, because only
 * subscriptions have a usage limit.
 */
export function claudeEnv(server: ModelServer, home: string, scenario?: Scenario): AgentEnv {
  return {
    ...hermeticEnv(server, home),
    ANTHROPIC_BASE_URL: server.url(scenario),
    ...(scenario?.startsWith('usage')
      ? { CLAUDE_CODE_OAUTH_TOKEN: 'made-up-token' }
      : { ANTHROPIC_API_KEY: 'made-up-key' }),
    // Cuts all traffic but the model's; the narrower switches leave some.
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    // Otherwise notes of one run reach the next one in the same repository.
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
  };
}

/** Writes `config.toml` into `<home>/.codex` and returns the environment for `codex`. */
export async function codexHome(server: ModelServer, home: string, scenario?: Scenario): Promise<AgentEnv> {
  const codex = join(home, '.codex');
  await mkdir(codex, { recursive: true });
  await writeFile(
    join(codex, 'config.toml'),
    `model = "gpt-5.5"
model_provider = "scripted"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false

[model_providers.scripted]
name = "scripted"
base_url = "${server.url(scenario)}/v1"
env_key = "SCRIPTED_MODEL_KEY"
wire_api = "responses"
`,
  );
  return { ...hermeticEnv(server, home), CODEX_HOME: codex, SCRIPTED_MODEL_KEY: 'made-up-key' };
}

/** The environment for `goose`; retries do not wait. */
export function gooseEnv(server: ModelServer, home: string, scenario?: Scenario): AgentEnv {
  return {
    ...hermeticEnv(server, home),
    GOOSE_PATH_ROOT: join(home, '.goose'),
    GOOSE_PROVIDER: 'openai',
    GOOSE_MODEL: 'scripted',
    OPENAI_HOST: server.url(scenario),
    OPENAI_API_KEY: 'made-up-key',
    GOOSE_MODE: 'auto',
    GOOSE_DISABLE_KEYRING: '1',
    GOOSE_TELEMETRY_ENABLED: 'false',
    GOOSE_PROVIDER_SKIP_BACKOFF: 'true',
  };
}

/** The environment for `opencode`. */
export function openCodeEnv(server: ModelServer, home: string, scenario?: Scenario): AgentEnv {
  const scripted = {
    npm: '@ai-sdk/openai-compatible',
    name: 'scripted',
    options: { baseURL: `${server.url(scenario)}/v1`, apiKey: 'made-up-key' },
    models: { scripted: { name: 'scripted', limit: { context: 100_000, output: 8_000 } } },
  };
  return {
    ...hermeticEnv(server, home),
    OPENCODE_CONFIG_CONTENT: JSON.stringify({
      model: 'scripted/scripted',
      small_model: 'scripted/scripted',
      provider: { scripted },
    }),
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_AUTOUPDATE: '1',
  };
}

/** Writes `settings.json` into `<home>/.gemini` and returns the environment for `gemini`. */
export async function geminiHome(server: ModelServer, home: string, scenario?: Scenario): Promise<AgentEnv> {
  const gemini = join(home, '.gemini');
  await mkdir(gemini, { recursive: true });
  await writeFile(
    join(gemini, 'settings.json'),
    JSON.stringify({
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
    }),
  );
  return {
    ...hermeticEnv(server, home),
    GEMINI_API_KEY: 'made-up-key',
    GOOGLE_GEMINI_BASE_URL: server.url(scenario),
    GEMINI_CLI_TRUST_WORKSPACE: 'true',
  };
}
