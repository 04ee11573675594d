import type { ObjectId } from '../../core/ids.ts';
import type { LongLivedGit } from './long-lived-git.ts';
import { pastDeadLocks, type RefLocks } from './ref-locks.ts';

/** One change of one ref. `undefined` as `from` means that it must not exist yet, as `to` that it goes. */
export interface RefChange {
  /** The full name, for example refs/heads/main. */
  readonly ref: string;
  readonly from: ObjectId | undefined;
  readonly to: ObjectId | undefined;
}

/** A ref that must stand at `at`, and stays there. */
interface RefCheck {
  readonly ref: string;
  readonly at: ObjectId;
}

/** Changes refs in transactions, from one process (`update-ref --stdin`). */
export class RefWriter implements AsyncDisposable {
  readonly #git: LongLivedGit;
  readonly #locks: RefLocks;

  constructor(git: LongLivedGit, locks: RefLocks) {
    this.#git = git;
    this.#locks = locks;
  }

  /** All of `changes` or none of them: throws `GitError` when a ref is not where `from`, or `check`, says. */
  async change(changes: readonly RefChange[], check?: RefCheck): Promise<void> {
    const wanted = changes.filter(({ from, to }) => from !== to);
    if (wanted.length === 0 && check === undefined) return;
    const commands = wanted.map(({ ref, from, to }) => {
      if (from === undefined) return `create ${ref}\0${to}\0`;
      return to === undefined ? `delete ${ref}\0${from}\0` : `update ${ref}\0${to}\0${from}\0`;
    });
    if (check !== undefined) commands.push(`verify ${check.ref}\0${check.at}\0`);
    const transaction = `start\0${commands.join('')}prepare\0commit\0`;
    await pastDeadLocks(this.#locks, () =>
      this.#git.ask(transaction, (bytes) => {
        const end = bytes.indexOf('commit: ok\n');
        return end < 0 ? undefined : { value: undefined, used: bytes.length };
      }),
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#git[Symbol.asyncDispose]();
  }
}
