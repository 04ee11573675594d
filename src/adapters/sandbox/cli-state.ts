import { basename, join } from 'node:path';
import type { ProviderSpec } from '../../core/agents/ports.ts';

/** A small file of the person's that a CLI needs at its start. */
export interface StateFile {
  /** Absolute: where the person's own is, and where the CLI looks for it. */
  readonly path: string;
  /** What it proves who it is with. A CLI that renews it must be able to keep it. */
  readonly credentials: boolean;
}

/** Variables that name a directory in which a CLI, or any program, keeps things. */
export const STATE_VARIABLES = [
  'CLAUDE_CONFIG_DIR',
  'CODEX_HOME',
  'GOOSE_PATH_ROOT',
  'GEMINI_CLI_HOME',
  'OPENCODE_CONFIG_DIR',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_STATE_HOME',
  'XDG_CACHE_HOME',
  'TMPDIR',
  'TEMP',
  'TMP',
] as const;

type Variables = Readonly<Record<string, string | undefined>>;
type Files = (env: Variables, home: string) => readonly StateFile[];

/** By kind of CLI; the names were seen with the versions that the tests run. */
const FILES: Readonly<Record<string, Files>> = {
  claude(env, home) {
    const own = env['CLAUDE_CONFIG_DIR'];
    const directory = own ?? join(home, '.claude');
    return [
      ...files(directory, ['.credentials.json'], ['settings.json', 'CLAUDE.md']),
      ...files(own ?? home, [], ['.claude.json']),
    ];
  },
  codex: (env, home) =>
    files(env['CODEX_HOME'] ?? join(home, '.codex'), ['auth.json'], ['config.toml', 'AGENTS.md']),
  goose(env, home) {
    const root = env['GOOSE_PATH_ROOT'];
    const config = root === undefined ? join(configOf(env, home), 'goose') : join(root, 'config');
    return files(config, [], ['config.yaml', 'secrets.yaml', '.goosehints']);
  },
  gemini: (env, home) =>
    files(
      join(env['GEMINI_CLI_HOME'] ?? home, '.gemini'),
      ['oauth_creds.json'],
      ['settings.json', 'google_accounts.json', 'installation_id', 'GEMINI.md'],
    ),
  opencode: (env, home) => [
    ...files(join(env['XDG_DATA_HOME'] ?? join(home, '.local/share'), 'opencode'), ['auth.json'], []),
    ...files(
      env['OPENCODE_CONFIG_DIR'] ?? join(configOf(env, home), 'opencode'),
      [],
      ['opencode.json', 'opencode.jsonc', 'config.json', 'AGENTS.md'],
    ),
  ],
};

/** The files of the CLI that a provider starts; by its type, or where that says nothing by the words of its command. */
export function stateFiles(provider: ProviderSpec, env: Variables, home: string): readonly StateFile[] {
  const words = [provider.type, provider.command, ...provider.args].map((word) => basename(word));
  const kind = Object.keys(FILES).find((name) => words.some((word) => word.split(/[-.]/).includes(name)));
  return kind === undefined ? [] : (FILES[kind]?.(env, home) ?? []);
}

function files(directory: string, credentials: readonly string[], others: readonly string[]): StateFile[] {
  return [
    ...credentials.map((name) => ({ path: join(directory, name), credentials: true })),
    ...others.map((name) => ({ path: join(directory, name), credentials: false })),
  ];
}

function configOf(env: Variables, home: string): string {
  return env['XDG_CONFIG_HOME'] ?? join(home, '.config');
}
