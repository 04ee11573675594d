import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRemote } from '../../src/adapters/git/remote.ts';
import { readRemote } from '../../src/adapters/git/remote-settings.ts';
import { openRepository, type Repository } from '../../src/adapters/git/repository.ts';
import { SharedIntegration } from '../../src/adapters/git/shared-integration.ts';
import { SharedTasks } from '../../src/adapters/git/shared-tasks.ts';
import { GitWorkspaces } from '../../src/adapters/git/workspaces.ts';
import type { ObjectId, TaskId } from '../../src/core/ids.ts';
import type { Workspace } from '../../src/core/workspaces/ports.ts';
import { plainGit } from '../support/repo.ts';
import { INTEGRATION, message } from './rig.ts';

/** One host: a clone of its own, with the adapter on it. */
export interface Host {
  readonly root: string;
  readonly repository: Repository;
  readonly remote: GitRemote;
  readonly tasks: SharedTasks;
  readonly integration: SharedIntegration;
  readonly workspaces: GitWorkspaces;
  git(...args: string[]): string;
  /** Begins an attempt, as the engine does. */
  begin(task: string, fence: number): Promise<Workspace>;
  /** Merges `head` into the shared branch until it is in. */
  merge(workspace: Workspace, head: ObjectId): Promise<ObjectId>;
}

/** A bare repository that hosts share. Disposing it deletes them all. */
export interface Origin extends AsyncDisposable {
  readonly directory: string;
  /** The bare repository. */
  readonly path: string;
  git(...args: string[]): string;
  host(options?: { url?: string; clone?: readonly string[]; name?: string }): Promise<Host>;
}

export async function makeOrigin(options: { init?: readonly string[] } = {}): Promise<Origin> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'cw-origin-')));
  const path = join(directory, 'origin.git');
  const start = join(directory, 'start');
  const opened = new AsyncDisposableStack();
  plainGit(directory, 'init', '--quiet', '--initial-branch=main', ...(options.init ?? []), start);
  identify(start);
  plainGit(start, 'commit', '--quiet', '--allow-empty', '-m', 'Start');
  plainGit(directory, 'clone', '--quiet', '--bare', start, path);
  let hosts = 0;
  return {
    directory,
    path,
    git: (...args) => plainGit(path, ...args),
    async host({ url = path, clone = [], name } = {}) {
      hosts += 1;
      const root = join(directory, name ?? `host${hosts}`);
      plainGit(directory, 'clone', '--quiet', ...clone, path, root);
      identify(root);
      plainGit(root, 'remote', 'set-url', 'origin', url);
      return await attach(root, opened);
    },
    async [Symbol.asyncDispose]() {
      await opened.disposeAsync();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function attach(root: string, opened: AsyncDisposableStack): Promise<Host> {
  const repository = opened.use(await openRepository(root));
  const remote = new GitRemote(repository, await readRemote(repository.facts, 'origin', process.env));
  const tasks = new SharedTasks(repository, remote);
  const integration = new SharedIntegration(repository, { remote, tasks });
  const workspaces = new GitWorkspaces(repository, {
    integrationBranch: INTEGRATION,
    poolSize: 2,
    era: async () => 'one',
    shared: tasks,
  });
  return {
    root,
    repository,
    remote,
    tasks,
    integration,
    workspaces,
    git: (...args) => plainGit(root, ...args),
    async begin(task, fence) {
      const id = task as TaskId;
      const raised = await workspaces.raiseFence({ task: id, fence });
      const base = await integration.ensureBranch(INTEGRATION, undefined);
      return await workspaces.open({ task: id, base, fence: raised });
    },
    async merge(workspace, head) {
      for (;;) {
        const onto = await integration.ensureBranch(INTEGRATION, undefined);
        const merged = await integration.merge({
          strategy: 'merge',
          onto,
          head,
          base: workspace.base,
          message: message(workspace.task, `Merge ${workspace.task}`),
        });
        if (merged.kind !== 'merged') throw new Error(merged.kind);
        const move = { expected: onto, to: merged.commit, reason: 'merge', workspace };
        if ((await integration.advance(INTEGRATION, move)) === 'advanced') return merged.commit;
      }
    },
  };
}

function identify(root: string): void {
  plainGit(root, 'config', 'user.name', 'Ada');
  plainGit(root, 'config', 'user.email', 'ada@example.com');
}
