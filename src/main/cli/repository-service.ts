import { join } from 'node:path';
import { headBranch } from '../../adapters/git/head-branch.ts';
import type { Repository } from '../../adapters/git/repository.ts';
import { isCertainlyMissing, tasksAhead } from '../../adapters/git/tasks-ahead.ts';
import type { Delivery, DeliveryOutcome, Proposal, RepositoryService } from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import { crashPoint } from '../../core/crash-points.ts';
import type { ProposalParts } from '../../core/delivery/propose.ts';
import { UsageError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Task } from '../../core/tasks/task.ts';
import type { WorkChanges } from '../../core/workspaces/ports.ts';

/** The branch that was checked out at the first run, to which the work is delivered unless the config says else. */
const FIRST_BRANCH = 'target_branch';

/** A pull request is looked at so often on the way, … */
const GLANCE_EVERY_MS = 60_000;
/** Whoever asks for it waits no longer. */
const LOOK_MS = 15_000;
/** … and no longer than this. */
const GLANCE_MS = 2_500;

/** Late: it brings zod along, and most commands are answered without it. */
const proposing = () => import('../../core/delivery/propose.ts');

/** The git side of the command line. */
export class LocalRepository implements RepositoryService {
  readonly #repository: () => Promise<Repository>;
  readonly #config: () => Promise<Config>;
  readonly #store: () => Promise<Store>;
  readonly #root: () => Promise<string>;
  readonly #env: NodeJS.ProcessEnv;

  constructor(parts: {
    root: () => Promise<string>;
    env: NodeJS.ProcessEnv;
    repository: () => Promise<Repository>;
    config: () => Promise<Config>;
    store: () => Promise<Store>;
  }) {
    this.#repository = parts.repository;
    this.#config = parts.config;
    this.#store = parts.store;
    this.#root = parts.root;
    this.#env = parts.env;
  }

  async changes(task: Task): Promise<WorkChanges | undefined> {
    const range = await this.#rangeOf(task);
    if (range === undefined) return undefined;
    const { diffNumbers } = await import('../../adapters/git/diff.ts');
    return { ...range, files: await diffNumbers(await this.#repository(), range) };
  }

  async diff(
    { from, to }: WorkChanges,
    options: { maxBytes: number; paths?: readonly string[] },
  ): Promise<string> {
    const { diffText } = await import('../../adapters/git/diff.ts');
    return await diffText(await this.#repository(), { from, to, ...options });
  }

  async pending(given?: string): Promise<Delivery | undefined> {
    const branch = (await this.#config()).merge.integrationBranch;
    // Asked first: who the target is may take git, and without the branch nothing waits for it.
    if (isCertainlyMissing(await this.#root(), branch)) return undefined;
    const target = await this.#target(given);
    if (target === undefined) return undefined;
    const store = await this.#store();
    const { deliveredCommit, knownPull } = await proposing();
    const delivered = await deliveredCommit(store, target);
    const tasks = await tasksAhead(await this.#root(), { branch, target, delivered, env: this.#env });
    if (tasks === undefined) return undefined;
    const pull = await knownPull(store, target);
    if (pull?.state !== 'open') return { branch, target, tasks };
    return { branch, target, tasks, pull: { number: pull.number, url: pull.url, tasks: pull.tasks } };
  }

  async proposal({
    target: given,
    signal,
  }: {
    target: string | undefined;
    signal?: AbortSignal;
  }): Promise<Proposal | undefined> {
    const branch = (await this.#config()).merge.integrationBranch;
    const target = await this.#requireTarget(given);
    const store = await this.#store();
    const { knownPull, look } = await proposing();
    if ((await knownPull(store, target)) === undefined) return undefined;
    const parts = await this.#proposalParts();
    const pull = await look(parts, { branch, target }, { signal: signal ?? AbortSignal.timeout(LOOK_MS) });
    const tasks = (await knownPull(store, target))?.tasks ?? [];
    if (pull === undefined) return undefined;
    const { head: _, mergeCommit: __, ...shown } = pull;
    return { ...shown, repository: parts.forge.repository, branch, target, tasks };
  }

  async glanceAtProposal(): Promise<void> {
    const store = await this.#store();
    const target = await this.#target(undefined);
    const { knownPull } = await proposing();
    if (target === undefined || (await knownPull(store, target))?.state !== 'open') return;
    const key = `delivery-glance:${target}`;
    const now = Date.now();
    if (now - Number((await store.getMeta(key)) ?? 0) < GLANCE_EVERY_MS) return;
    await store.setMeta(key, String(now));
    // Whoever wants to know why it does not work asks for it: cw deliver --status.
    await this.proposal({ target, signal: AbortSignal.timeout(GLANCE_MS) }).catch(() => undefined);
  }

  async deliver({
    target: given,
    push = false,
    pullRequest,
  }: {
    target: string | undefined;
    push?: boolean;
    pullRequest?: boolean;
  }): Promise<DeliveryOutcome> {
    const { integrationBranch: branch, deliver: way } = (await this.#config()).merge;
    const target = await this.#requireTarget(given);
    if (pullRequest ?? (way === 'pull-request' && !push)) return await this.#propose({ branch, target });
    const repository = await this.#repository();
    const { integrationOf, pushBranch, sharedRemote } = await import('../shared-repository.ts');
    const remote = await sharedRemote(repository, await this.#config(), this.#env);
    if (push && remote === undefined) {
      throw new UsageError('NO_REMOTE', 'there is no remote to push to: merge.remote is not set', {
        advice: `push it yourself: git push origin ${target}`,
      });
    }
    // What other hosts have merged belongs to it.
    if (remote !== undefined) {
      const { integration } = await integrationOf(repository, await this.#config(), this.#env);
      await integration.head(branch);
    }
    const sent = async () => {
      if (remote === undefined) return {};
      if (push) await pushBranch(repository, remote, target);
      return { remote: remote.name, pushed: push };
    };
    const { branchRef } = await import('../../adapters/git/branch-name.ts');
    // Before the first merge there is no such branch, and nothing to deliver.
    if ((await repository.commit(branchRef(branch))) === undefined)
      return { kind: 'nothing', branch, target };
    const { GitDelivery } = await import('../../adapters/git/deliver.ts');
    const result = await new GitDelivery(repository).deliver({ branch, target });
    crashPoint('deliver.moved');
    const store = await this.#store();
    switch (result.kind) {
      case 'nothing':
        return { kind: 'nothing', branch, target, ...(push ? await sent() : {}) };
      case 'delivered': {
        const { commit, tasks } = result;
        await store.log([{ type: 'delivery.done', branch, target, commit, tasks }]);
        return { kind: 'delivered', branch, target, commit, tasks, ...(await sent()) };
      }
      case 'refused': {
        const { reason, advice, files } = result;
        await store.log([{ type: 'delivery.refused', branch, target, reason }]);
        return { kind: 'refused', branch, target, reason, advice, files };
      }
    }
  }

  async #propose({ branch, target }: { branch: string; target: string }): Promise<DeliveryOutcome> {
    const parts = await this.#proposalParts();
    const config = await this.#config();
    if (config.merge.remote !== undefined) {
      // What other hosts have merged belongs to it.
      const { integrationOf } = await import('../shared-repository.ts');
      const { integration } = await integrationOf(await this.#repository(), config, this.#env);
      await integration.head(branch);
    }
    const { propose } = await proposing();
    const outcome = await propose(parts, { branch, target });
    switch (outcome.kind) {
      case 'nothing':
        return { kind: 'nothing', branch, target };
      case 'refused':
        await (await this.#store()).log([
          { type: 'delivery.refused', branch, target, reason: outcome.reason },
        ]);
        return { ...outcome, branch, target };
      case 'proposed': {
        const { pull, commit, tasks } = outcome;
        return { kind: 'proposed', branch, target, commit, number: pull.number, url: pull.url, tasks };
      }
    }
  }

  async #proposalParts(): Promise<ProposalParts> {
    const { proposalParts } = await import('../pull-requests.ts');
    const [repository, config, store] = [await this.#repository(), await this.#config(), await this.#store()];
    return await proposalParts({ repository, config, store, env: this.#env });
  }

  /** Keeps the branch that is checked out now as the one to deliver to, if none is known yet. */
  async rememberTarget(): Promise<void> {
    const store = await this.#store();
    const { branch } = (await this.#repository()).facts.head;
    if (branch === undefined || (await this.#config()).merge.target !== undefined) return;
    if ((await store.getMeta(FIRST_BRANCH)) === undefined) await store.setMeta(FIRST_BRANCH, branch);
  }

  async #requireTarget(given: string | undefined): Promise<string> {
    const target = await this.#target(given);
    if (target !== undefined) return target;
    throw new UsageError(
      'NO_TARGET',
      'it is not known which branch to deliver to: no branch is checked out',
      {
        advice: 'name it: cw deliver --target main, or set merge.target in the config',
      },
    );
  }

  async #target(given: string | undefined): Promise<string | undefined> {
    const configured = given ?? (await this.#config()).merge.target;
    if (configured !== undefined) return configured;
    const remembered = await (await this.#store()).getMeta(FIRST_BRANCH);
    return remembered ?? (await this.#checkedOut());
  }

  /** A usual checkout says it in a file, which spares opening the repository. */
  async #checkedOut(): Promise<string | undefined> {
    try {
      return headBranch(join(await this.#root(), '.git'));
    } catch {
      return (await this.#repository()).facts.head.branch;
    }
  }

  /** What the task did: what its merge brought in, or its own commits so far. */
  async #rangeOf(task: Task): Promise<{ from: ObjectId; to: ObjectId } | undefined> {
    const repository = await this.#repository();
    const { mergeCommit, mergeStrategy, base, head, branch } = task;
    if (mergeCommit !== undefined && (mergeStrategy === 'merge' || mergeStrategy === 'squash')) {
      const parent = (await repository.objects.commit(mergeCommit)).parents[0];
      if (parent !== undefined) return { from: parent, to: mergeCommit };
    }
    if (base === undefined) return undefined;
    const tip = head ?? (branch === undefined ? undefined : await repository.commit(`refs/heads/${branch}`));
    if (tip === undefined) return undefined;
    // What was brought in from others since it began is not its work.
    const { integrationBranch } = (await this.#config()).merge;
    const integration = await repository.commit(`refs/heads/${integrationBranch}`);
    const shared = integration === undefined ? undefined : await repository.mergeBase(tip, integration);
    return { from: shared === undefined || shared === tip ? base : shared, to: tip };
  }
}
