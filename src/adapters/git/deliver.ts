import { crashPoint } from '../../core/crash-points.ts';
import { UsageError } from '../../core/errors.ts';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type { Delivery, DeliveryResult } from '../../core/workspaces/ports.ts';
import { branchRef } from './branch-name.ts';
import { checkedOutAt } from './checked-out.ts';
import { messageText } from './commit-message.ts';
import { tasksIn } from './integration.ts';
import { mergeTrees } from './merge-trees.ts';
import type { Repository } from './repository.ts';
import { moveUserCheckout } from './user-checkout.ts';

/** Delivers inside one repository. */
export class GitDelivery implements Delivery {
  readonly #repo: Repository;

  constructor(repo: Repository) {
    this.#repo = repo;
  }

  async deliver({ branch, target }: { branch: string; target: string }): Promise<DeliveryResult> {
    const repo = this.#repo;
    const [from, to] = [await this.#existing(branch), await this.#existing(target)];
    if (await repo.isAncestor(from, to)) return { kind: 'nothing' };
    const tasks = await tasksIn(repo, { since: to, until: from });
    const commit = await this.#commit({ branch, target, from, to, tasks });
    if (typeof commit !== 'string') return commit;
    crashPoint('deliver.written');

    const where = checkedOutAt(repo.facts, branchRef(target));
    if (where !== undefined && where !== repo.root) {
      return {
        kind: 'refused',
        reason: `${target} is checked out in ${where}`,
        advice: `Merge it there: git -C ${where} merge ${branch}`,
        files: [],
      };
    }
    if (where !== undefined) {
      const refused = await moveUserCheckout(repo, { branch, target, from: to, to: commit });
      return refused ?? { kind: 'delivered', commit, tasks };
    }
    await repo.changeRefs(['update-ref', '-m', `codewalk: deliver ${branch}`, branchRef(target), commit, to]);
    return { kind: 'delivered', commit, tasks };
  }

  /** The commit that the target goes to, or why it cannot. */
  async #commit(options: {
    branch: string;
    target: string;
    from: ObjectId;
    to: ObjectId;
    tasks: readonly TaskId[];
  }): Promise<ObjectId | DeliveryResult> {
    const repo = this.#repo;
    const { branch, target, from, to, tasks } = options;
    if (await repo.isAncestor(to, from)) return from;
    const { tree, conflicts } = await mergeTrees(repo, to, from);
    if (conflicts.length > 0) {
      return {
        kind: 'refused',
        reason: `${branch} conflicts with what ${target} got since`,
        advice: `Merge ${target} into the work with a task of its own, or by hand: git switch ${target} && git merge ${branch}`,
        files: conflicts,
      };
    }
    const message = {
      subject: `Deliver ${branch} to ${target}`,
      body: tasks.map((id) => `- ${id}`).join('\n'),
    };
    return repo.commits.write({
      tree,
      parents: [to, from],
      message: messageText({ ...message, trailers: {} }),
    });
  }

  async #existing(branch: string): Promise<ObjectId> {
    const commit = await this.#repo.commit(branchRef(branch));
    if (commit !== undefined) return commit;
    throw new UsageError('BRANCH_MISSING', `There is no branch ${branch} in ${this.#repo.root}`, {
      advice: 'Look at the branches with: git branch --list',
    });
  }
}
