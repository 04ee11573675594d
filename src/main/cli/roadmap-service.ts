import { readFile, stat } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import type { LoadedRoadmap } from '../../adapters/yaml/roadmap-file.ts';
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

  /** See `CliServices.refresh`. Reads the file's bytes only, unless they have changed since the last time. */
  async refresh(): Promise<Error | undefined> {
    const project = await this.#project();
    const store = await this.#store();
    try {
      const seen = await fileStamp(project.roadmapPath);
      if (seen !== undefined && seen === (await store.getMeta(STAMP))) return undefined;
      const hash = await fileHash(project.roadmapPath);
      if (hash === undefined || hash !== (await store.getMeta(HASH))) {
        const loaded = await this.load();
        await store.sync(loaded.plan, { path: shownPath(project), hash: loaded.hash });
      }
      if (seen !== undefined) await store.setMeta(STAMP, seen);
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
function isEmpty(error: object): boolean {
  const { problems } = error as { problems?: readonly { code: string }[] };
  return (
    problems !== undefined &&
    problems.length > 0 &&
    problems.every(({ code }) => code === 'no-tasks' || code === 'empty')
  );
}

async function fileStamp(path: string): Promise<string | undefined> {
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return found === undefined ? undefined : `${found.ino}:${found.size}:${found.mtimeNs}:${found.ctimeNs}`;
}

async function fileHash(path: string): Promise<string | undefined> {
  const found = await stat(path).catch(() => undefined);
  // What is no file, or far too large, is for the loader to judge.
  if (found === undefined || !found.isFile() || found.size > 2_000_000) return undefined;
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined) return undefined;
  const { createHash } = await import('node:crypto');
  return createHash('sha256').update(bytes).digest('hex');
}
