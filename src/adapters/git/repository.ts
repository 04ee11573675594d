import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CodewalkError, messageOf, UsageError } from '../../core/errors.ts';
import type { ObjectId } from '../../core/ids.ts';
import { CommitWriter } from './commit-writer.ts';
import { isolatedEnv, NO_CREDENTIALS, REMOTE_SETTINGS, SAFE_SETTINGS } from './environment.ts';
import type { RepositoryFacts } from './facts.ts';
import { readFacts } from './facts.ts';
import type { GitAnswer, GitCall } from './git.ts';
import { runGit } from './git.ts';
import { GitError } from './git-error.ts';
import { type LongLivedCall, LongLivedGit } from './long-lived-git.ts';
import { ObjectReader } from './object-reader.ts';
import { openUp } from './open-up.ts';
import { pastDeadLocks, RefLocks } from './ref-locks.ts';
import { RefWriter } from './ref-writer.ts';
import { ensureIgnored, linkLateFiles, makeShadowDir, OWN_DIR } from './shadow-dir.ts';

type RunOptions = Omit<GitCall, 'args' | 'cwd' | 'env' | 'settings'> & {
  cwd?: string;
  env?: Readonly<Record<string, string>>;
  /** An agent may be writing: what it closed stays closed. */
  besideAgent?: boolean;
};

/** Git warns only of a directory that it cannot read, and takes it for empty. */
const DENIED = 'Permission denied';

/**
 * Opens the repository around `cwd`; throws what `readFacts` throws. Nothing is written before the first question to
 * git that needs it.
 */
export async function openRepository(
  cwd: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): Promise<Repository> {
  return new Repository(await readFacts(cwd, env), env);
}

/**
 * One repository and the git processes that serve it. All of them work through the shadow directory, so nothing in
 * the user's config runs. Dispose it: the processes keep this one alive.
 */
export class Repository implements AsyncDisposable {
  readonly facts: RepositoryFacts;
  /** `.codewalk/git`, see `makeShadowDir`. */
  readonly shadowDir: string;
  /** `.codewalk/worktrees`. */
  readonly worktreesDir: string;
  /** What the agents' indexes looked like when we wrote them, by git directory. */
  readonly shownIndexes = new Map<string, string>();
  readonly refLocks: RefLocks;
  readonly #settings: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #objects: ObjectReader;
  readonly #refs: RefWriter;
  readonly #commits: CommitWriter;
  #prepared = false;

  constructor(facts: RepositoryFacts, env: Readonly<Record<string, string | undefined>>) {
    this.facts = facts;
    this.shadowDir = join(facts.root, OWN_DIR, 'git');
    this.worktreesDir = join(facts.root, OWN_DIR, 'worktrees');
    this.#settings = [...SAFE_SETTINGS, ...facts.user.kept];
    const { name, email } = facts.user.identity;
    this.#env = isolatedEnv(env, {
      GIT_DIR: this.shadowDir,
      GIT_AUTHOR_NAME: name,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: name,
      GIT_COMMITTER_EMAIL: email,
    });
    this.#objects = new ObjectReader(this.#longLived(['cat-file', '--batch-command'], 100_000));
    this.refLocks = new RefLocks({ commonDir: facts.commonDir, shadowDir: this.shadowDir });
    this.#refs = new RefWriter(
      this.#longLived(['update-ref', '-m', 'codewalk', '--stdin', '-z'], 10_000, {
        onSpawn: (pid) => this.refLocks.begins(pid),
        onEnd: (pid, how) => this.refLocks.ended(pid, how),
      }),
      this.refLocks,
    );
    this.#commits = new CommitWriter(
      this.#longLived(['hash-object', '-t', 'commit', '-w', '--stdin-paths'], 10_000),
      { dir: this.shadowDir, identity: facts.user.identity },
    );
  }

  /** Top directory of the user's checkout. */
  get root(): string {
    return this.facts.root;
  }

  get objects(): ObjectReader {
    this.prepare();
    return this.#objects;
  }

  get refs(): RefWriter {
    this.prepare();
    return this.#refs;
  }

  get commits(): CommitWriter {
    this.prepare();
    return this.#commits;
  }

  /**
   * Runs git on objects and refs, or in the worktree that the environment names. When an agent took the permissions of
   * something there away, they are given back and git runs once more. Throws `GitError`.
   */
  async run(args: readonly string[], options: RunOptions = {}): Promise<GitAnswer> {
    const tree = options.env?.['GIT_WORK_TREE'];
    if (options.besideAgent === true || !tree?.startsWith(`${this.worktreesDir}/`)) {
      return await this.#runOnce(args, options);
    }
    try {
      const answer = await this.#runOnce(args, options);
      if (!answer.stderr.includes(DENIED)) return answer;
    } catch (error) {
      if (!(error instanceof GitError && error.stderr.includes(DENIED))) throw error;
    }
    openUp(tree);
    return await this.#runOnce(args, options);
  }

  #runOnce(args: readonly string[], options: RunOptions): Promise<GitAnswer> {
    this.prepare();
    return runGit({
      cwd: this.shadowDir,
      settings: this.#settings,
      ...options,
      args,
      env: { ...this.#env, ...options.env },
    });
  }

  /** Changes refs by a git process of its own. Throws `GitError`. */
  async changeRefs(args: readonly string[], options: { input?: string } = {}): Promise<void> {
    await pastDeadLocks(this.refLocks, async () => {
      let own: number | undefined;
      let isKilled = false;
      try {
        await this.run(args, {
          ...options,
          onSpawn: (pid) => {
            own = pid;
            this.refLocks.begins(pid);
          },
        });
      } catch (error) {
        isKilled = error instanceof GitError && error.exitCode === undefined;
        throw error;
      } finally {
        if (own !== undefined) this.refLocks.ended(own, { isKilled });
      }
    });
  }

  /** Runs git against a remote: with what this person's git needs to get in, and for as long as the network may take. */
  runRemote(
    args: readonly string[],
    options: { env: Readonly<Record<string, string>>; timeoutMs: number; answers: readonly number[] },
  ): Promise<GitAnswer> {
    this.prepare();
    return runGit({
      cwd: this.shadowDir,
      settings: [...this.#settings.filter((setting) => setting !== NO_CREDENTIALS), ...REMOTE_SETTINGS],
      ...options,
      args,
      env: { ...this.#env, ...options.env },
    });
  }

  async text(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return (await this.run(args, options)).stdout.toString('utf8');
  }

  /** The entries of NUL-terminated output. */
  async list(args: readonly string[], options: RunOptions = {}): Promise<string[]> {
    return (await this.text(args, options)).split('\0').filter((entry) => entry !== '');
  }

  /** The commit that a full ref name or an object name stands for. */
  commit(name: string): Promise<ObjectId | undefined> {
    return this.objects.resolve(`${name}^{commit}`);
  }

  async requireCommit(name: string): Promise<ObjectId> {
    const commit = await this.commit(name);
    if (commit !== undefined) return commit;
    throw new CodewalkError('COMMIT_MISSING', `There is no commit ${name} in ${this.facts.root}`, {
      advice: 'The history was rewritten or is incomplete: restore the branch, or fetch what is missing.',
    });
  }

  async treeOf(commit: ObjectId): Promise<ObjectId> {
    return (await this.objects.commit(commit)).tree;
  }

  /** Is `commit` the same as `of`, or part of its history? */
  async isAncestor(commit: ObjectId, of: ObjectId): Promise<boolean> {
    if (commit === of) return true;
    // Mostly one is the parent of the other, and that question needs no process.
    if ((await this.objects.commit(of)).parents.includes(commit)) return true;
    const answer = await this.run(['merge-base', '--is-ancestor', commit, of], { answers: [0, 1] });
    return answer.code === 0;
  }

  /** The best common ancestor; `undefined` for histories that share nothing. */
  async mergeBase(a: ObjectId, b: ObjectId): Promise<ObjectId | undefined> {
    if (a === b) return a;
    if ((await this.objects.commit(a)).parents.includes(b)) return b;
    if ((await this.objects.commit(b)).parents.includes(a)) return a;
    const answer = await this.run(['merge-base', a, b], { answers: [0, 1] });
    return answer.code === 0 ? (answer.stdout.toString('utf8').trim() as ObjectId) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#objects, this.#refs, this.#commits].map((part) => part[Symbol.asyncDispose]()));
  }

  /** Writes what is needed below `.codewalk` (`OWN_DIR_UNUSABLE` where it cannot) and hides it from the user's `git status`. */
  prepare(): void {
    if (this.#prepared) {
      linkLateFiles(this.facts);
      return;
    }
    try {
      ensureIgnored(this.facts);
      makeShadowDir(this.facts);
      mkdirSync(this.worktreesDir, { recursive: true });
    } catch (error) {
      const where = join(this.facts.root, OWN_DIR);
      throw new UsageError('OWN_DIR_UNUSABLE', `Codewalk cannot write below ${where}: ${messageOf(error)}`, {
        advice: 'Make it a directory that you may write to, or move what stands in its place.',
        cause: error,
      });
    }
    this.#prepared = true;
  }

  #longLived(
    args: readonly string[],
    maxQuestions: number,
    on: Pick<LongLivedCall, 'onSpawn' | 'onEnd'> = {},
  ): LongLivedGit {
    const call = { args, cwd: this.shadowDir, env: this.#env, settings: this.#settings, ...on };
    return new LongLivedGit(call, { maxQuestions });
  }
}
