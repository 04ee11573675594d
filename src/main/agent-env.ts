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
const PREFIXES = [
  'LC_',
  'XDG_',
  'ANTHROPIC_',
  'CLAUDE_',
  'OPENAI_',
  'CODEX_',
  'GOOSE_',
  'OLLAMA_',
  'IS_SANDBOX',
];

/**
 * The environment that agents and the project's own commands get: an allow-list, so that the tokens and keys of
 * the person's other work stay out. More is added per provider by `providers.<name>.env`.
 */
export function agentEnv(env: NodeJS.ProcessEnv): Record<string, string> {
  const allowed: Record<string, string> = {};
  for (const [name, value] of Object.entries(env)) {
    if (value === undefined) continue;
    if (PLAIN.includes(name) || PREFIXES.some((prefix) => name.startsWith(prefix))) allowed[name] = value;
  }
  return allowed;
}
