import { setTimeout as sleep } from 'node:timers/promises';
import type { ProposalBranch, PushedProposal } from '../../core/delivery/ports.ts';
import { UsageError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { branchRef } from './branch-name.ts';
import { tasksIn } from './integration.ts';
import { mergeTrees } from './merge-trees.ts';
import type { GitRemote } from './remote.ts';
import type { Repository } from './repository.ts';
import { mergeWithBase } from './three-way.ts';

type Refused = Extract<PushedProposal, { kind: 'refused' }>;

const MOST_TRIES = 5;
const FIRST_WAIT_MS = 50;

/** Pushes what a pull request is made from; all of it in the object database, nothing of this repository moves. */
export class GitProposalBranch implements ProposalBranch {
  readonly #repo: Repository;
  readonly #remote: GitRemote;

  constructor(repo: Repository, remote: GitRemote) {
    this.#repo = repo;
    this.#remote = remote;
  }

  async push(options: {
    branch: string;
    target: string;
    name: string;
    delivered: ObjectId | undefined;
  }): Promise<PushedProposal> {
    const { branch, target, name, delivered } = options;
    const repo = this.#repo;
    const ref = branchRef(name);
    for (let tries = 0; ; tries += 1) {
      const { base, there } = await this.#remoteState(target, ref);
      const head = await repo.commit(branchRef(branch));
      if (head === undefined || (await repo.isAncestor(head, base))) return { kind: 'nothing' };
      const since = await this.#since(delivered, head, base);
      if (since === head) return { kind: 'nothing' };
      const tasks = await tasksIn(repo, { since: since ?? base, until: head });
      const to = await this.#candidate({ branch, target, name, base, there, head, since });
      if (typeof to !== 'string') return to;
      if ((await this.#remote.push([{ ref, from: there, to }])) === 'accepted') {
        return { kind: 'pushed', commit: head, tasks };
      }
      if (tries >= MOST_TRIES) throw this.#remote.stuck(`${name} stays locked`);
      await sleep(FIRST_WAIT_MS * 2 ** tries);
    }
  }

  async isIn(commit: ObjectId, of: ObjectId): Promise<boolean | undefined> {
    if ((await this.#repo.commit(of)) === undefined) return undefined;
    return await this.#repo.isAncestor(commit, of);
  }

  /** Where target and proposal are at the remote, with their commits brought here. */
  async #remoteState(target: string, ref: string): Promise<{ base: ObjectId; there: ObjectId | undefined }> {
    const targetRef = branchRef(target);
    const refs = await this.#remote.list([targetRef, ref]);
    const base = refs.get(targetRef);
    if (base === undefined) {
      throw new UsageError('TARGET_MISSING', `${this.#remote.name} has no branch ${target} to deliver to`, {
        advice: `push it first: git push ${this.#remote.name} ${target}`,
      });
    }
    const missing: { ref: string }[] = [];
    for (const [name, commit] of refs) {
      if ((await this.#repo.commit(commit)) === undefined) missing.push({ ref: name });
    }
    await this.#remote.fetch(missing);
    return { base, there: refs.get(ref) };
  }

  /** What was brought in already, when the target has it in another form: squashed or rebased. */
  async #since(
    delivered: ObjectId | undefined,
    head: ObjectId,
    base: ObjectId,
  ): Promise<ObjectId | undefined> {
    if (delivered === undefined || (await this.#repo.commit(delivered)) === undefined) return undefined;
    if (await this.#repo.isAncestor(delivered, base)) return undefined;
    return (await this.#repo.isAncestor(delivered, head)) ? delivered : undefined;
  }

  /** The commit that the branch goes to, or why it cannot. */
  async #candidate(options: {
    branch: string;
    target: string;
    name: string;
    base: ObjectId;
    there: ObjectId | undefined;
    head: ObjectId;
    since: ObjectId | undefined;
  }): Promise<ObjectId | Refused> {
    const repo = this.#repo;
    const { branch, target, name, base, there, head, since } = options;
    if (there !== undefined && (await repo.isAncestor(head, there))) return there;
    let ours = head;
    if (since !== undefined) {
      // The target has the earlier part in its own words: only what came after it is brought in, onto the target.
      const { tree, conflicts } = await mergeWithBase(repo, { base: since, ours: base, theirs: head });
      if (conflicts.length > 0) return conflicted(branch, target, conflicts);
      ours = await this.#merge(tree, [base, head], `Merge ${target} into ${name}`);
    }
    if (there === undefined || (await repo.isAncestor(there, ours))) return ours;
    // What people pushed to the branch stays.
    const { tree, conflicts } = await mergeTrees(repo, there, ours);
    if (conflicts.length > 0) return conflicted(branch, name, conflicts);
    return await this.#merge(tree, [there, ours], `Merge ${branch} into ${name}`);
  }

  async #merge(tree: ObjectId, parents: readonly ObjectId[], subject: string): Promise<ObjectId> {
    return await this.#repo.commits.write({ tree, parents, message: `${subject}\n` });
  }
}

function conflicted(branch: string, other: string, files: readonly string[]): Refused {
  return {
    kind: 'refused',
    reason: `${branch} conflicts with what ${other} got since`,
    advice: `Merge ${other} into the work with a task of its own: cw task add "Merge ${other}"`,
    files,
  };
}
