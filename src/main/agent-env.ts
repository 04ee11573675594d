import type { ProviderSpec, SandboxMode } from '../core/agents/ports.ts';

/** Variables that agents and project commands may see: what programs need to run at all. */
const PLAIN = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LANGUAGE',
  'TERM',
  'TZ',
  'TMPDIR',
  'TEMP',
  'TMP',
  'NO_PROXY',
  'no_proxy',
  'HTTP_PROXY',
  'http_proxy',
  'HTTPS_PROXY',
  'https_proxy',
  'ALL_PROXY',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'SystemRoot',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
];

/** Families of variables: locale, desktop directories, and what the agent CLIs read themselves. */
const PLAIN_FAMILIES = ['LC_', 'XDG_', 'IS_SANDBOX'];

/** Keys and settings of the models, by the type of provider that needs them. */
const OWN_FAMILIES: Readonly<Record<string, readonly string[]>> = {
  claude: ['ANTHROPIC_', 'CLAUDE_'],
  codex: ['OPENAI_', 'CODEX_'],
};
/** Goose, and any program that is an agent, may use any model. */
const ALL_FAMILIES = [
  ...Object.values(OWN_FAMILIES).flat(),
  'GOOSE_',
  'OLLAMA_',
  'GEMINI_',
  'GOOGLE_',
  'OPENCODE_',
  'OPENROUTER_',
];
/** Means something to programs of a desktop only, and lies in directories that `strict` does not show. */
const NOT_STRICT = /^XDG_(?!(CONFIG|DATA|STATE|CACHE)_HOME$)/;

/**
 * Git collects nothing in the background for agents and project commands. A collection locks every branch in turn, so
 * one that is killed with the agent that began it leaves the lock of another task behind.
 */
export const NO_COLLECTION: Readonly<Record<string, string>> = {
  GIT_CONFIG_COUNT: '2',
  GIT_CONFIG_KEY_0: 'gc.auto',
  GIT_CONFIG_VALUE_0: '0',
  GIT_CONFIG_KEY_1: 'maintenance.auto',
  GIT_CONFIG_VALUE_1: 'false',
};

/**
 * The environment that agents and the project's own commands may get at all: an allow-list, so that the tokens and
 * keys of the person's other work stay out. `named` are the variables that the config adds (`sandbox.env`).
 */
export function agentEnv(env: NodeJS.ProcessEnv, named: readonly string[] = []): Record<string, string> {
  const families = [...PLAIN_FAMILIES, ...ALL_FAMILIES];
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (PLAIN.includes(name) || named.includes(name) || startsWithOne(name, families)) allowed[name] = value;
  }
  return allowed;
}

/**
 * What one program gets of it: an agent the keys of its own provider, a command of the project none, unless the
 * config names them.
 */
export function programEnv(
  env: Readonly<Record<string, string>>,
  program: { provider: Pick<ProviderSpec, 'type'> | undefined; mode: SandboxMode; named: readonly string[] },
): Record<string, string> {
  const { provider, mode, named } = program;
  const own = provider === undefined ? [] : (OWN_FAMILIES[provider.type] ?? ALL_FAMILIES);
  const entries = Object.entries(env).filter(([name]) => {
    if (named.includes(name)) return true;
    if (mode === 'strict' && NOT_STRICT.test(name)) return false;
    return startsWithOne(name, own) || !startsWithOne(name, ALL_FAMILIES);
  });
  return Object.fromEntries(entries);
}

function startsWithOne(name: string, prefixes: readonly string[]): boolean {
  return prefixes.some((prefix) => name.startsWith(prefix));
}
