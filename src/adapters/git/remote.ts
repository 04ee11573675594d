import { setTimeout as sleep } from 'node:timers/promises';
import type { ObjectId } from '../../core/ids.ts';
import { objectId } from '../../core/ids.ts';
import { RemoteError } from '../../core/workspaces/remote-error.ts';
import type { GitAnswer } from './git.ts';
import { GitError } from './git-error.ts';
import type { RefChange } from './ref-writer.ts';
import { isContended, remoteError, remoteFailed } from './remote-failure.ts';
import type { RemoteSettings } from './remote-settings.ts';
import type { Repository } from './repository.ts';

const LOOK_TIMEOUT_MS = 20_000;
const MOVE_TIMEOUT_MS = 300_000;
/** Waits before it tries once more: most failures of a network are over in a moment. */
const AGAIN_AFTER_MS = [200, 1_000] as const;

/** How a push ended. `contended`: a ref was elsewhere or held; look again. */
type Pushed = 'accepted' | 'contended';

/**
 * The git remote that hosts share. Nobody is asked for anything, hooks of this side are off, and only refs that are
 * named travel. Throws `RemoteError`.
 */
export class GitRemote {
  readonly name: string;
  readonly #repo: Repository;
  readonly #settings: RemoteSettings;
  #failuresInARow = 0;

  constructor(repo: Repository, settings: RemoteSettings) {
    this.name = settings.name;
    this.#repo = repo;
    this.#settings = settings;
  }

  /** Where these refs (full names) stand there; those that do not exist are left out. */
  async list(refs: readonly string[]): Promise<ReadonlyMap<string, ObjectId>> {
    const args = ['ls-remote', '--quiet', '--', this.#settings.fetchUrl, ...refs];
    const { stdout } = await this.#patiently('looking', args, LOOK_TIMEOUT_MS);
    const found = new Map<string, ObjectId>();
    for (const line of stdout.toString('utf8').split('\n')) {
      const [id, ref = ''] = line.split('\t');
      const parsed = objectId.safeParse(id);
      // A pattern also matches at the end of longer names.
      if (parsed.success && refs.includes(ref)) found.set(ref, parsed.data);
    }
    return found;
  }

  /** Brings what these refs stand at into the repository; `to` is a ref of ours that is put there, if named. */
  async fetch(refs: readonly { ref: string; to?: string }[]): Promise<void> {
    if (refs.length === 0) return;
    const specs = refs.map(({ ref, to }) => (to === undefined ? ref : `+${ref}:${to}`));
    const options = [
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--recurse-submodules=no',
      '--no-auto-maintenance',
    ];
    await this.#patiently(
      'fetching',
      ['fetch', ...options, '--', this.#settings.fetchUrl, ...specs],
      MOVE_TIMEOUT_MS,
    );
  }

  /**
   * All of `changes` there or none of them; each only if the ref is where `from` says. When it throws, it may have
   * happened all the same: look before you push again.
   */
  async push(changes: readonly RefChange[], { dryRun = false }: { dryRun?: boolean } = {}): Promise<Pushed> {
    const wanted = changes.filter(({ from, to }) => from !== to);
    if (wanted.length === 0) return 'accepted';
    const leases = wanted.map(({ ref, from }) => `--force-with-lease=${ref}:${from ?? ''}`);
    const specs = wanted.map(({ ref, to }) => `${to ?? ''}:${ref}`);
    const options = [
      '--porcelain',
      '--atomic',
      '--no-verify',
      '--recurse-submodules=no',
      ...(dryRun ? ['--dry-run'] : []),
    ];
    const args = ['push', ...options, ...leases, '--', this.#settings.pushUrl, ...specs];
    const { code, stdout, stderr } = await this.#once('pushing', args, MOVE_TIMEOUT_MS, [0, 1]);
    if (code === 0) return 'accepted';
    const refused = stdout
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('!'));
    const said = [...refused, stderr].join('\n');
    if (refused.length > 0 && isContended(said)) return 'contended';
    throw this.#counted(
      remoteFailed(
        this.name,
        'pushing',
        new GitError('GIT_FAILED', { verb: 'push', exitCode: 1, stderr: said }),
      ),
    );
  }

  /** For one that kept being contended although nobody moved a ref. */
  stuck(said: string): RemoteError {
    return this.#counted(remoteError('locked', { remote: this.name, verb: 'pushing', said }));
  }

  async #patiently(verb: string, args: readonly string[], timeoutMs: number): Promise<GitAnswer> {
    for (const wait of AGAIN_AFTER_MS) {
      try {
        return await this.#once(verb, args, timeoutMs, [0]);
      } catch (error) {
        const patience = error instanceof RemoteError && error.passes && !isTimeout(error);
        if (!patience) throw error;
        await sleep(wait);
      }
    }
    return await this.#once(verb, args, timeoutMs, [0]);
  }

  async #once(
    verb: string,
    args: readonly string[],
    timeoutMs: number,
    answers: readonly number[],
  ): Promise<GitAnswer> {
    try {
      const answer = await this.#repo.runRemote(args, { env: this.#settings.env, timeoutMs, answers });
      this.#failuresInARow = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      throw this.#counted(remoteFailed(this.name, verb, error));
    }
  }

  #counted(error: RemoteError): RemoteError {
    this.#failuresInARow += 1;
    error.inARow = this.#failuresInARow;
    return error;
  }
}

/** One that took so long already is not asked again at once. */
function isTimeout({ cause }: RemoteError): boolean {
  return cause instanceof GitError && cause.code === 'GIT_TIMEOUT';
}
