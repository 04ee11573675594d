import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ObjectId } from '../../core/ids.ts';
import type { LongLivedGit } from './long-lived-git.ts';
import { markOf } from './process-mark.ts';
import type { Identity } from './user-settings.ts';

interface NewCommit {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly message: string;
  /** `Name <email> seconds zone` of an earlier commit; absent: us, now. */
  readonly author?: string;
}

/** What the names of its files begin with; the process that wrote it follows. */
export const COMMIT_FILE = 'commit-';

/**
 * Writes commit objects from one process (`hash-object --stdin-paths`, which checks and stores what stands in a
 * file): `commit-tree` would be a process for each.
 */
export class CommitWriter implements AsyncDisposable {
  readonly #git: LongLivedGit;
  readonly #dir: string;
  readonly #identity: Identity;

  /** `dir` is the directory that git runs in; its `tmp` holds the files. */
  constructor(git: LongLivedGit, options: { dir: string; identity: Identity }) {
    this.#git = git;
    this.#dir = options.dir;
    this.#identity = options.identity;
  }

  async write(commit: NewCommit): Promise<ObjectId> {
    const file = `tmp/${COMMIT_FILE}${markOf(process.pid)}-${randomUUID()}`;
    const path = join(this.#dir, file);
    try {
      await writeFile(path, commitText(commit, this.#signature()));
      return await this.#git.ask(`${file}\n`, (bytes) => {
        const end = bytes.indexOf('\n');
        return end < 0 ? undefined : { value: bytes.toString('utf8', 0, end) as ObjectId, used: end + 1 };
      });
    } finally {
      await rm(path, { force: true });
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#git[Symbol.asyncDispose]();
  }

  #signature(): string {
    const now = new Date();
    const minutes = -now.getTimezoneOffset();
    const two = (value: number) => String(Math.trunc(value)).padStart(2, '0');
    const zone = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}${two(Math.abs(minutes) % 60)}`;
    return `${this.#identity.name} <${this.#identity.email}> ${Math.trunc(now.getTime() / 1000)} ${zone}`;
  }
}

function commitText(commit: NewCommit, signature: string): string {
  const headers = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${commit.author ?? signature}`,
    `committer ${signature}`,
  ];
  return `${headers.join('\n')}\n\n${commit.message.replaceAll('\0', '')}`;
}
