import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectId } from '../../core/ids.ts';
import { FencedError, type TaskFence } from '../../core/workspaces/fence.ts';
import { type FenceClaim, type FenceMark, readMark, refuseOlder, writeMark } from './fences.ts';
import type { RefChange } from './ref-writer.ts';
import type { GitRemote } from './remote.ts';
import type { Repository } from './repository.ts';
import { saveCommit } from './saved-commit.ts';
import type { TaskRefs } from './task-refs.ts';

const MOST_TRIES = 8;
const FIRST_WAIT_MS = 25;
/** An attempt that ends waits no longer for its last snapshot to get through. */
const SETTLE_MS = 20_000;

/** A task that an attempt of ours works on, as it stands at the remote. */
interface Held {
  readonly claim: FenceClaim;
  readonly refs: TaskRefs;
  /** The fence there; `undefined` once our merge has ended it. */
  mark: ObjectId | undefined;
  /** A fence that may be there: its push was not answered. */
  sent: ObjectId | undefined;
  /** The task's branch there. */
  at: ObjectId | undefined;
  /** The newest snapshot, until it is being pushed. */
  next: ObjectId | undefined;
  pushing: Promise<void> | undefined;
  failure: unknown;
}

/**
 * Tasks at the remote that hosts share: the branch with the last snapshot, so that another host can go on from it, and
 * the fence, which every push of an attempt replaces. A push expects both where it left them, and the server takes both
 * or none, so what an overtaken attempt pushes is refused there.
 */
export class SharedTasks {
  readonly #repo: Repository;
  readonly #remote: GitRemote;
  readonly #held = new WeakMap<TaskFence, Held>();

  constructor(repo: Repository, remote: GitRemote) {
    this.#repo = repo;
    this.#remote = remote;
  }

  /**
   * Makes `claim` the newest attempt of its task for all hosts. Returns what becomes known of it by `bind`. Throws
   * `FencedError` when a newer one is there, and `RemoteError`.
   */
  async raise(refs: TaskRefs, claim: FenceClaim): Promise<Held> {
    for (let tries = 0; ; tries += 1) {
      const { mark: held, at } = await this.#look(refs);
      refuseOlder(claim, held);
      const found: Held = {
        claim,
        refs,
        mark: held?.commit,
        sent: undefined,
        at,
        next: undefined,
        pushing: undefined,
        failure: undefined,
      };
      if (held?.era === claim.era && held.fence === claim.fence) return found;
      const mark = await writeMark(this.#repo, claim, at);
      const pushed = await this.#remote.push([{ ref: refs.fence, from: held?.commit, to: mark }]);
      if (pushed === 'accepted') return { ...found, mark };
      await this.#pause(tries, refs.fence);
    }
  }

  bind(fence: TaskFence, held: Held): void {
    this.#held.set(fence, held);
  }

  /** The last snapshot that any host has pushed; its commit is here. */
  lastSnapshot(fence: TaskFence): ObjectId | undefined {
    return this.#held.get(fence)?.at;
  }

  /** Begins to push a snapshot. Of several the last one counts, and one push is under way at most. */
  publish(fence: TaskFence, snapshot: ObjectId): void {
    const held = this.#held.get(fence);
    if (held === undefined) return;
    held.next = snapshot;
    held.pushing ??= this.#pushAll(held).finally(() => {
      held.pushing = undefined;
    });
  }

  /** Resolves when no push is under way; what has not begun to travel stays here. */
  async idle(fence: TaskFence): Promise<void> {
    const held = this.#held.get(fence);
    if (held === undefined) return;
    held.next = undefined;
    await held.pushing;
  }

  /**
   * Resolves when the last snapshot is there, or after a while. Throws `FencedError`, and `RemoteError` when it did not
   * get through, also the second time.
   */
  async settle(fence: TaskFence): Promise<void> {
    const held = this.#held.get(fence);
    if (held === undefined) return;
    const late = new AbortController();
    const limit = sleep(SETTLE_MS, undefined, { signal: late.signal }).catch(() => {});
    await Promise.race([this.#settled(held), limit]).finally(() => late.abort());
    if (held.failure !== undefined) throw held.failure;
  }

  async #settled(held: Held): Promise<void> {
    await held.pushing;
    if (held.failure === undefined || held.failure instanceof FencedError || held.next === undefined) return;
    await this.#pushAll(held);
  }

  /** What a push of the attempt's merge changes besides the integration branch: it ends the fence. */
  endOfFence(fence: TaskFence): RefChange | undefined {
    const held = this.#held.get(fence);
    return held?.mark === undefined ? undefined : { ref: held.refs.fence, from: held.mark, to: undefined };
  }

  fenceEnded(fence: TaskFence): void {
    const held = this.#held.get(fence);
    if (held !== undefined) held.mark = undefined;
  }

  /** Throws `FencedError` unless the fence there is that of this attempt, or ended. */
  async check(fence: TaskFence): Promise<void> {
    const held = this.#held.get(fence);
    if (held === undefined) return;
    const { mark } = await this.#look(held.refs);
    if (mark?.commit === held.mark) return;
    throw new FencedError(held.claim, mark?.fence);
  }

  /** Deletes the branch and fence of a task whose work is merged; a branch that got more since stays. */
  async end(refs: TaskRefs, isMerged: (commit: ObjectId) => Promise<boolean>): Promise<void> {
    if (refs.holder !== undefined) await this.idle(refs.holder);
    const held = refs.holder === undefined ? undefined : this.#held.get(refs.holder);
    const { mark, at } = held === undefined ? await this.#ends(refs) : { mark: held.mark, at: held.at };
    if (at !== undefined && !(await isMerged(at))) return;
    await this.#remote.push([
      { ref: refs.branch, from: at, to: undefined },
      { ref: refs.fence, from: mark, to: undefined },
    ]);
  }

  async #ends(refs: TaskRefs): Promise<{ mark: ObjectId | undefined; at: ObjectId | undefined }> {
    const { mark, at } = await this.#look(refs);
    return { mark: mark?.commit, at };
  }

  async #pushAll(held: Held): Promise<void> {
    held.failure = undefined;
    for (let tries = 0; held.next !== undefined; ) {
      const snapshot = held.next;
      try {
        if (await this.#pushOne(held, snapshot)) {
          tries = 0;
          if (held.next === snapshot) held.next = undefined;
        } else {
          await this.#pause(tries, held.refs.branch);
          tries += 1;
        }
      } catch (error) {
        held.failure = error;
        return;
      }
    }
  }

  /** False when the remote was found elsewhere than expected, which is known by now: to be tried again. */
  async #pushOne(held: Held, snapshot: ObjectId): Promise<boolean> {
    const { refs, claim } = held;
    if (held.at === snapshot || held.mark === undefined) return true;
    const mark = await writeMark(this.#repo, claim, snapshot);
    held.sent = mark;
    const pushed = await this.#remote.push([
      { ref: refs.branch, from: held.at, to: snapshot },
      { ref: refs.fence, from: held.mark, to: mark },
    ]);
    if (pushed === 'accepted') {
      Object.assign(held, { mark, at: snapshot, sent: undefined });
      return true;
    }
    await this.#lookAgain(held, snapshot);
    return false;
  }

  /** Finds out who moved what. A commit that a person pushed to the task's branch is saved before ours takes its place. */
  async #lookAgain(held: Held, snapshot: ObjectId): Promise<void> {
    const { mark, at } = await this.#look(held.refs);
    if (mark === undefined || (mark.commit !== held.mark && mark.commit !== held.sent)) {
      throw new FencedError(held.claim, mark?.fence);
    }
    if (mark.commit === held.mark && at !== undefined && at !== held.at) {
      const saved = { task: held.claim.task, commit: at, keeps: snapshot };
      await saveCommit(this.#repo, held.refs, saved, { reason: 'rewritten' });
    }
    Object.assign(held, { mark: mark.commit, at, sent: undefined });
  }

  /** What stands at the remote, with the commits here. */
  async #look(refs: TaskRefs): Promise<{ mark: FenceMark | undefined; at: ObjectId | undefined }> {
    for (let tries = 0; ; tries += 1) {
      const found = await this.#remote.list([refs.fence, refs.branch]);
      const missing: { ref: string }[] = [];
      for (const [ref, commit] of found) {
        if ((await this.#repo.commit(commit)) === undefined) missing.push({ ref });
      }
      if (missing.length === 0) {
        const mark = found.get(refs.fence);
        return {
          mark: mark === undefined ? undefined : await readMark(this.#repo, mark),
          at: found.get(refs.branch),
        };
      }
      // What moved in between is looked at once more.
      await this.#remote.fetch(missing);
      if (tries >= MOST_TRIES) throw this.#remote.stuck(`${refs.branch} moves all the time`);
    }
  }

  async #pause(tries: number, ref: string): Promise<void> {
    if (tries >= MOST_TRIES) throw this.#remote.stuck(`${ref} stays locked`);
    await sleep(FIRST_WAIT_MS * 2 ** tries);
  }
}
