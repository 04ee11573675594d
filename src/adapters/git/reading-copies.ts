import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectId, TaskId } from '../../core/ids.ts';
import type { ReadingCopies, Workspace } from '../../core/workspaces/ports.ts';
import { GitError } from './git-error.ts';
import type { Repository } from './repository.ts';
import { OWN_DIR } from './shadow-dir.ts';

/** No task has an id that begins so, and so its logs and its private home are nobody else's. */
const NO_TASKS_ID = '~';

/** Copies below `.codewalk/reading`: files and an index that git compares them with, and nothing else of git. */
export class GitReadingCopies implements ReadingCopies {
  readonly #repo: Repository;

  constructor(repo: Repository) {
    this.#repo = repo;
  }

  async open(name: string, at: ObjectId): Promise<Workspace> {
    this.#repo.prepare();
    const directory = join(this.#repo.root, OWN_DIR, 'reading', name);
    const reused = existsSync(join(directory, 'files'));
    try {
      await this.#bring(directory, at);
    } catch (error) {
      if (!(error instanceof GitError) || !reused) throw error;
      // Whatever a crash left in there: it holds nothing that is not in the repository.
      rmSync(directory, { recursive: true, force: true });
      await this.#bring(directory, at);
    }
    return {
      task: `${NO_TASKS_ID}${name}` as TaskId,
      path: join(directory, 'files'),
      branch: '',
      base: at,
      reused,
      isCopy: true,
    };
  }

  async #bring(directory: string, at: ObjectId): Promise<void> {
    const files = join(directory, 'files');
    mkdirSync(files, { recursive: true });
    const options = { cwd: files, env: { GIT_WORK_TREE: files, GIT_INDEX_FILE: join(directory, 'index') } };
    await this.#repo.run(['read-tree', '--reset', '-u', at], options);
    await this.#repo.run(['clean', '-ffdxq'], options);
  }
}
