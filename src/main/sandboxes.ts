import { prepareAgentGit, withoutGit } from '../adapters/git/agent-git.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { findOnPath } from '../adapters/process/find-on-path.ts';
import { type Availability, findAvailability } from '../adapters/sandbox/availability.ts';
import { BubblewrapConfiner, unavailable } from '../adapters/sandbox/confiner.ts';
import { homesOf } from '../adapters/sandbox/private-homes.ts';
import { LocalSandboxes } from '../adapters/sandbox/sandboxes.ts';
import type { Confiner } from '../core/agents/ports.ts';
import type { Sandboxes } from '../core/attempts/ports.ts';
import type { Config } from '../core/config/schema.ts';
import { programEnv } from './agent-env.ts';
import { once } from './cli/once.ts';

/** Shutting in, for one project. */
export interface Shutters {
  readonly sandboxes: Sandboxes;
  readonly confiner: Confiner;
  readonly availability: () => Promise<Availability>;
}

/** What this machine offers to shut agents in, asked once. */
export function sandboxAvailability(env: NodeJS.ProcessEnv): () => Promise<Availability> {
  return once(() => findAvailability(findOnPath('bwrap', env)));
}

export function makeShutters(options: {
  config: Config;
  repository: Repository;
  env: NodeJS.ProcessEnv;
}): Shutters {
  const { config, repository, env } = options;
  const availability = sandboxAvailability(env);
  const sandboxes = new LocalSandboxes({
    settings: config.sandbox,
    directory: homesOf(repository.root),
    availability,
    viewRepository: async (workspace, directory) =>
      workspace.isCopy ? withoutGit(repository) : await prepareAgentGit(repository, workspace, directory),
    environment: (all, provider, mode) => programEnv(all, { provider, mode, named: config.sandbox.env }),
  });
  return { sandboxes, confiner: new BubblewrapConfiner(availability), availability };
}

/**
 * Says, before anything starts, that agents are not shut in; absent when they are, or when nobody wants it. Throws
 * `SANDBOX_UNAVAILABLE` when the config asks for what this machine cannot give.
 */
export async function sandboxNotice(
  config: Config,
  availability: () => Promise<Availability>,
): Promise<string | undefined> {
  const wanted = [config.sandbox.mode, ...Object.values(config.agents).map(({ sandbox }) => sandbox)];
  const isAsked = wanted.some((mode) => mode !== undefined && mode !== 'off');
  if (config.sandbox.mode === 'off' && !isAsked) return undefined;
  const found = await availability();
  if (found.kind === 'available') return undefined;
  if (isAsked) throw unavailable(found);
  return `Agents run as your user, without a sandbox: ${found.reason}. ${found.advice}`;
}
