import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { notIgnored } from '../adapters/git/not-ignored.ts';
import type { Repository } from '../adapters/git/repository.ts';
import { Worktree } from '../adapters/git/worktree.ts';
import { isAlive, ownIdentity } from '../adapters/process/identity.ts';
import { PortBlocks } from '../adapters/provision/ports.ts';
import { LocalProvisioner } from '../adapters/provision/provisioner.ts';
import { SeedStore } from '../adapters/provision/seed-store.ts';
import type { Sandboxes } from '../core/attempts/ports.ts';
import type { Config } from '../core/config/schema.ts';
import type { CommandRunner } from '../core/workspaces/ports.ts';

/** The provisioner on the parts of this machine. Throws `UsageError` for seeds that no worktree can have. */
export function localProvisioner(options: {
  repository: Repository;
  settings: Config['worktrees'];
  commands: CommandRunner;
  sandboxes: Sandboxes;
  env: NodeJS.ProcessEnv;
  maxAgents: number;
  warn: (message: string) => void;
}): LocalProvisioner {
  const { repository, settings, commands, sandboxes, env, maxAgents, warn } = options;
  return new LocalProvisioner({
    settings,
    commands,
    sandboxes,
    warn,
    ports: new PortBlocks({
      ...settings.ports,
      directory: portsDirectory(env),
      self: ownIdentity(),
      isAlive,
    }),
    seeds: new SeedStore(join(repository.root, '.codewalk', 'seeds'), { mostSpares: maxAgents }),
    recordsOf: ({ task }) => Worktree.at(repository, task)?.adminDir,
    async notIgnored({ task }, paths) {
      const worktree = Worktree.at(repository, task);
      return worktree === undefined ? [] : await notIgnored(worktree, paths);
    },
  });
}

/** One for all projects of this user. The runtime directory is emptied at a boot, as the claims in it are void then. */
function portsDirectory(env: NodeJS.ProcessEnv): string {
  const { XDG_RUNTIME_DIR: runtime, HOME: home } = env;
  if (runtime !== undefined && isAbsolute(runtime)) return join(runtime, 'codewalk', 'ports');
  return join(home ?? homedir(), '.codewalk', 'ports');
}
