import { relative, resolve } from 'node:path';
import type { LoadedRoadmap } from '../../adapters/yaml/roadmap-file.ts';
import { UsageError } from '../../core/errors.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Project, RoadmapService } from '../../surfaces/cli/context.ts';

/** The hash of the roadmap that the store was last brought up to. */
const HASH = 'roadmap_hash';
/** Size, time and inode of the file when it last had that hash, which spares most looks from reading it. */
const STAMP = 'roadmap_stamp';

export class LocalRoadmap implements RoadmapService {
  readonly #project: () => Promise<Project>;
  readonly #store: () => Promise<Store>;
  readonly #directory: string;

  constructor(parts: { project: () => Promise<Project>; store: () => Promise<Store>; directory: string }) {
    this.#project = parts.project;
    this.#store = parts.store;
    this.#directory = parts.directory;
  }

  async load(file?: string): Promise<LoadedRoadmap> {
    const { loadRoadmap } = await import('../../adapters/yaml/roadmap-file.ts');
    if (file !== undefined) return await loadRoadmap(resolve(this.#directory, file), { shownAs: file });
    const project = await this.#project();
    return await loadRoadmap(project.roadmapPath, { shownAs: shownPath(project) });
  }

  async ids(): Promise<readonly string[]> {
    try {
      const { plan } = await this.load();
      return plan.tasks.map((task) => task.definition.id);
    } catch (error) {
      if (error instanceof Error && isEmpty(error)) return [];
      throw error;
    }
  }

  async append(task: Parameters<RoadmapService['append']>[0]): Promise<void> {
    const { appendTask } = await import('../../adapters/yaml/append-task.ts');
    const project = await this.#project();
    await appendTask(project.roadmapPath, task, { shownAs: shownPath(project) });
  }

  /** See `CliServices.refresh`. Reads the file's bytes only when it was saved since the last time. */
  async refresh(): Promise<Error | undefined> {
    const [project, store] = [await this.#project(), await this.#store()];
    const { RoadmapReader } = await import('../../adapters/yaml/roadmap-reader.ts');
    const { RoadmapInvalidError, roadmapMissing } = await import('../../adapters/yaml/roadmap-file.ts');
    const reader = new RoadmapReader(project.roadmapPath, shownPath(project));
    const seen = await reader.stamp();
    if (seen !== undefined && seen === (await store.getMeta(STAMP))) return undefined;
    const read = await reader.read(await store.getMeta(HASH));
    // Nothing to show is no mistake in a project that has just begun.
    const begun = async () => (await store.counts()).total > 0;
    switch (read.kind) {
      case 'missing':
        return (await begun()) ? roadmapMissing(reader.path) : undefined;
      case 'unreadable':
        return new UsageError('ROADMAP_UNREADABLE', read.message, { advice: read.advice });
      case 'invalid': {
        const invalid = new RoadmapInvalidError(read.problems);
        return isEmpty(invalid) && !(await begun()) ? undefined : invalid;
      }
      case 'valid':
        await store.sync(read.plan, { path: reader.path, hash: read.hash });
        break;
      case 'same':
    }
    if (seen !== undefined) await store.setMeta(STAMP, seen);
    return undefined;
  }
}

export function shownPath({ root, roadmapPath }: Project): string {
  return relative(root, roadmapPath);
}

/** A roadmap whose only fault is that it has no task yet. */
function isEmpty(error: object): boolean {
  const { problems } = error as { problems?: readonly { code: string }[] };
  return (
    problems !== undefined &&
    problems.length > 0 &&
    problems.every(({ code }) => code === 'no-tasks' || code === 'empty')
  );
}
