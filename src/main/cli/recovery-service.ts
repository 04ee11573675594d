import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Repository } from '../../adapters/git/repository.ts';
import type { RecoveryService } from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { Recovery } from '../../core/workspaces/ports.ts';
import type { SavedWork } from '../../core/workspaces/saved-work.ts';

/** Saved work of the repository around the working directory. */
export class LocalRecovery implements RecoveryService {
  readonly #repository: () => Promise<Repository>;
  readonly #config: () => Promise<Config>;
  readonly #store: () => Promise<Store>;
  readonly #root: () => Promise<string>;

  constructor(parts: {
    repository: () => Promise<Repository>;
    config: () => Promise<Config>;
    store: () => Promise<Store>;
    root: () => Promise<string>;
  }) {
    this.#repository = parts.repository;
    this.#config = parts.config;
    this.#store = parts.store;
    this.#root = parts.root;
  }

  async open(): Promise<Recovery> {
    const [repository, config] = [await this.#repository(), await this.#config()];
    const { GitRecovery } = await import('../../adapters/git/recovery.ts');
    const { GitWorkspaces } = await import('../../adapters/git/workspaces.ts');
    const { integrationBranch } = config.merge;
    const workspaces = new GitWorkspaces(repository, { integrationBranch });
    return new GitRecovery(repository, { workspaces, integrationBranch });
  }

  async saveCancelled(before: Task): Promise<SavedWork | undefined> {
    if (!existsSync(join(await this.#root(), '.codewalk', 'worktrees', before.place))) return undefined;
    if (await this.#isHeld(before)) return undefined;
    return await (await this.open()).save(before.place, { reason: 'cancelled', attempt: before.attempts });
  }

  async #isHeld({ owner }: Task): Promise<boolean> {
    if (owner === undefined) return false;
    const all = await (await this.#store()).orchestrators();
    const holder = all.find(({ id }) => id === owner);
    const { isAlive } = await import('../../adapters/process/identity.ts');
    // Whether one on another host still lives is not to be seen from here.
    return holder !== undefined && (holder.host !== hostname() || isAlive(holder.process));
  }
}
