import { execFile } from 'node:child_process';
import { findOnPath } from '../../adapters/process/find-on-path.ts';
import { BUILT_IN } from '../../core/config/built-in.ts';
import { providerOrder } from '../../core/config/provider.ts';
import type { Config } from '../../core/config/schema.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { agentEnv } from '../agent-env.ts';
import type { SetupParts } from './setup-service.ts';

const VERSION_TIMEOUT_MS = 5_000;

/** Each provider's program: is it there, which version, and does an agent depend on it? */
export async function* providerChecks(parts: SetupParts): AsyncGenerator<Check> {
  const settings = await parts.loaded().catch(() => undefined);
  const root = await parts.root().catch(() => parts.directory);
  // What is wrong with the config is said already.
  if (settings === undefined) return;
  const { config } = settings;
  let found = 0;
  for (const name of providerOrder(config)) {
    const provider = config.providers[name];
    if (provider === undefined) continue;
    const env = { ...agentEnv(parts.env), ...provider.env };
    const path = findOnPath(provider.command, env, root);
    const label = `agent ${name}`;
    if (path === undefined) {
      yield missing(label, provider.command, usersOf(name, config));
      continue;
    }
    found += 1;
    // Asking a program of the project for its version would run it: only the known CLIs are asked.
    const version = isKnownCli(name, config) ? await versionOf(path, env) : '';
    yield { name: label, status: 'ok', detail: [path, version].filter((part) => part !== '').join(' ') };
  }
  if (found === 0) {
    yield {
      name: 'agents',
      status: 'fail',
      detail: 'no agent CLI was found on PATH',
      advice:
        'Install Claude Code, Codex, Goose, OpenCode or Gemini CLI, or add a provider to .codewalk/config.json.',
    };
  }
}

function missing(label: string, command: string, users: readonly string[]): Check {
  const detail = `${command} is not on PATH`;
  if (users.length === 0) return { name: label, status: 'ok', detail: `${detail}; no agent needs it` };
  return {
    name: label,
    status: 'fail',
    detail: `${detail}, but ${users.join(', ')} needs it`,
    advice: 'Install it, set its command in the config, or give these agents another provider.',
  };
}

function usersOf(provider: string, { agents }: Config): readonly string[] {
  return Object.entries(agents).flatMap(([agent, spec]) => (spec.provider === provider ? [agent] : []));
}

/** Is it one of the CLIs that Codewalk knows by name, rather than any program of a config file? */
function isKnownCli(name: string, { providers }: Config): boolean {
  const { type, command } = providers[name] ?? {};
  if (type === 'command') return false;
  const known: Readonly<Record<string, { readonly type: string; readonly command?: string }>> =
    BUILT_IN.providers;
  return type !== 'acp' || (command !== undefined && known[name]?.command === command);
}

/** The first line of `<program> --version`; empty when it gives none in time. */
function versionOf(path: string, env: Readonly<Record<string, string>>): Promise<string> {
  return new Promise((resolve) => {
    const options = { env, timeout: VERSION_TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: 65_536 } as const;
    const child = execFile(path, ['--version'], options, (error, stdout) => {
      resolve(error === null ? (stdout.split('\n')[0]?.trim() ?? '') : '(gives no version)');
    });
    child.stdin?.end();
  });
}
