import { join } from 'node:path';
import type { Project } from '../../core/api/parts.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import type { Config } from '../../core/config/schema.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { FilesService, FilesStatus } from '../../surfaces/cli/context.ts';
import type { FilesParts } from '../keep-files.ts';
import type { LocalRoadmap } from './roadmap-service.ts';

interface Parts {
  readonly project: () => Promise<Project>;
  readonly config: () => Promise<Config>;
  readonly store: () => Promise<Store>;
  readonly roadmap: LocalRoadmap;
  readonly repository: () => Promise<unknown>;
  readonly api: () => Promise<ProjectApi>;
}

/** The inbox and the plan of this checkout as files. */
export class LocalFiles implements FilesService {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  async once(): Promise<boolean> {
    const { openFiles } = await import('../keep-files.ts');
    // Opening it hides what is ours from `git status`.
    await this.#parts.repository();
    await using files = await openFiles(await this.#opened({ what: 'cw files', onNotice: () => undefined }));
    await files?.once();
    return files !== undefined;
  }

  async keep(how: { what: string; onNotice: (message: string) => void }): Promise<AsyncDisposable> {
    const { FilesSwitch } = await import('../files-switch.ts');
    const files = new FilesSwitch(await this.#opened(how));
    await files.start();
    return files;
  }

  async #opened(how: Pick<FilesParts, 'what' | 'onNotice'>): Promise<FilesParts> {
    const { roadmap } = this.#parts;
    const [project, config, store, api] = await Promise.all([
      this.#parts.project(),
      this.#parts.config(),
      this.#parts.store(),
      this.#parts.api(),
    ]);
    return { project, config, store, roadmap, api, ...how };
  }

  async status(): Promise<FilesStatus> {
    const { filesHolder } = await import('../keep-files.ts');
    const { PageDirectory } = await import('../../adapters/pages/page-directory.ts');
    const project = await this.#parts.project();
    const directory = join(project.root, '.codewalk');
    const found = await new PageDirectory(directory).scan();
    return {
      directory,
      keptBy: filesHolder(project),
      pages: found.pages.size,
      conflicts: [...found.kept].sort(),
      warnings: [...found.warnings].sort(),
    };
  }
}
