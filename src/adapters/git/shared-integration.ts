import { setTimeout as sleep } from 'node:timers/promises';
import { crashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type { IntegrationRepo, MergeResult } from '../../core/workspaces/ports.ts';
import { RemoteError } from '../../core/workspaces/remote-error.ts';
import { branchRef } from './branch-name.ts';
import { GitIntegration, refuseCheckedOut } from './integration.ts';
import type { GitRemote } from './remote.ts';
import type { Repository } from './repository.ts';
import type { SharedTasks } from './shared-tasks.ts';

const MOST_TRIES = 8;
const FIRST_WAIT_MS = 25;

type AdvanceOptions = Parameters<IntegrationRepo['advance']>[1];

/**
 * The integration branch of several hosts: where it is, the remote says. Merges are made here, in the object database;
 * a push that expects the old value makes one visible, and the branch of this repository follows.
 */
export class SharedIntegration implements IntegrationRepo {
  readonly #repo: Repository;
  readonly #remote: GitRemote;
  readonly #tasks: SharedTasks;
  readonly #local: GitIntegration;

  constructor(repo: Repository, { remote, tasks }: { remote: GitRemote; tasks: SharedTasks }) {
    this.#repo = repo;
    this.#remote = remote;
    this.#tasks = tasks;
    this.#local = new GitIntegration(repo);
  }

  async ensureBranch(branch: string, from: string | undefined): Promise<ObjectId> {
    refuseCheckedOut(this.#repo, branch);
    for (let tries = 0; ; tries += 1) {
      const head = await this.head(branch);
      if (head !== undefined) return head;
      if (tries >= MOST_TRIES) throw this.#remote.stuck(`${branch} cannot be made`);
      // Who is first decides where it begins; the others follow.
      const start = await this.#local.ensureBranch(branch, from);
      await this.#remote.push([{ ref: branchRef(branch), from: undefined, to: start }]);
    }
  }

  async head(branch: string): Promise<ObjectId | undefined> {
    const ref = branchRef(branch);
    for (let tries = 0; ; tries += 1) {
      const at = (await this.#remote.list([ref])).get(ref);
      if (at === undefined) return undefined;
      if ((await this.#repo.commit(at)) === undefined) await this.#remote.fetch([{ ref }]);
      if (await this.#follow(branch, at)) return at;
      // Another orchestrator of this host may have pushed and moved it since the remote was asked.
      if (tries > 0) throw diverged(branch, this.#remote.name);
    }
  }

  merge(options: Parameters<IntegrationRepo['merge']>[0]): Promise<MergeResult> {
    return this.#local.merge(options);
  }

  async advance(branch: string, options: AdvanceOptions): Promise<'advanced' | 'moved'> {
    const ref = branchRef(branch);
    const { expected, to, workspace } = options;
    const fence = workspace?.fence;
    if (fence !== undefined) await this.#tasks.idle(fence);
    const end = fence === undefined ? undefined : this.#tasks.endOfFence(fence);
    for (let tries = 0; ; tries += 1) {
      const failure = await this.#push([{ ref, from: expected, to }, ...(end === undefined ? [] : [end])]);
      const at = failure === undefined ? to : (await this.#remote.list([ref])).get(ref);
      if (at !== undefined && (await this.#contains(ref, at, to))) {
        crashPoint('push.acked');
        if (fence !== undefined) this.#tasks.fenceEnded(fence);
        await this.#follow(branch, at);
        return 'advanced';
      }
      if (fence !== undefined) await this.#tasks.check(fence);
      if (at !== expected) return 'moved';
      if (tries >= MOST_TRIES)
        throw failure instanceof RemoteError ? failure : this.#remote.stuck(`${branch} stays locked`);
      await sleep(FIRST_WAIT_MS * 2 ** tries);
    }
  }

  async isAncestor(commit: ObjectId, of: ObjectId): Promise<boolean> {
    return await this.#local.isAncestor(commit, of);
  }

  tasksTouching(options: Parameters<IntegrationRepo['tasksTouching']>[0]): Promise<readonly TaskId[]> {
    return this.#local.tasksTouching(options);
  }

  /** Nothing when it is in; else what kept it from being known to be. What a person must mend is thrown. */
  async #push(changes: Parameters<GitRemote['push']>[0]): Promise<RemoteError | 'contended' | undefined> {
    try {
      return (await this.#remote.push(changes)) === 'accepted' ? undefined : 'contended';
    } catch (error) {
      // It may have happened over there before the connection broke.
      if (error instanceof RemoteError && error.passes) return error;
      throw error;
    }
  }

  async #contains(ref: string, at: ObjectId, commit: ObjectId): Promise<boolean> {
    if (at === commit) return true;
    if ((await this.#repo.commit(at)) === undefined) await this.#remote.fetch([{ ref }]);
    return await this.#local.isAncestor(commit, at);
  }

  /** Moves the branch of this repository to where the remote's is. False when it has what the remote has not. */
  async #follow(branch: string, at: ObjectId): Promise<boolean> {
    const here = await this.#local.head(branch);
    if (here === at) return true;
    if (here !== undefined && !(await this.#local.isAncestor(here, at))) return false;
    const reason = `codewalk: follow ${this.#remote.name}`;
    if (here === undefined) {
      await this.#local.ensureBranch(branch, undefined, at);
      return true;
    }
    // Whoever was faster moved it along the same line.
    await this.#local.advance(branch, { expected: here, to: at, reason });
    return true;
  }
}

function diverged(branch: string, remote: string): UsageError {
  return new UsageError(
    'INTEGRATION_DIVERGED',
    `The branch ${branch} here has merges that it does not have at ${remote}`,
    {
      advice: `The remote's counts. Keep yours under another name, and let go of it: git branch -m ${branch} ${branch}-here`,
    },
  );
}
