import { relative, resolve } from 'node:path';
import type { LoadedRoadmap } from '../../adapters/yaml/roadmap-file.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Project, RoadmapService } from '../../surfaces/cli/context.ts';

/** The hash of the roadmap that the store was last brought up to. */
const HASH = 'roadmap_hash';

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

  /** See `CliServices.refresh`. Reads the file's bytes only, unless they have changed since the last time. */
  async refresh(): Promise<Error | undefined> {
    const project = await this.#project();
    const store = await this.#store();
    try {
      const hash = await fileHash(project.roadmapPath);
      if (hash !== undefined && hash === (await store.getMeta(HASH))) return undefined;
      const loaded = await this.load();
      await store.sync(loaded.plan, { path: shownPath(project), hash: loaded.hash });
      return undefined;
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error)) throw error;
      if (error.code === 'ROADMAP_MISSING' || isEmpty(error)) {
        // Nothing to show is no mistake in a project that has just begun.
        const { total } = await store.counts();
        return total === 0 ? undefined : error;
      }
      if (error.code === 'ROADMAP_INVALID' || error.code === 'ROADMAP_UNREADABLE') return error;
      throw error;
    }
  }
}

export function shownPath({ root, roadmapPath }: Project): string {
  return relative(root, roadmapPath);
}

/** A roadmap whose only fault is that it has no task yet. */
export function isEmpty(error: object): boolean {
  const { problems } = error as { problems?: readonly { code: string }[] };
  return (
    problems !== undefined &&
    problems.length > 0 &&
    problems.every(({ code }) => code === 'no-tasks' || code === 'empty')
  );
}

async function fileHash(path: string): Promise<string | undefined> {
  const [{ readFile, stat }, { createHash }] = await Promise.all([
    import('node:fs/promises'),
    import('node:crypto'),
  ]);
  const found = await stat(path).catch(() => undefined);
  // What is no file, or far too large, is for the loader to judge.
  if (found === undefined || !found.isFile() || found.size > 2_000_000) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  return bytes === undefined ? undefined : createHash('sha256').update(bytes).digest('hex');
}
