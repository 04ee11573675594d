import { hostname } from 'node:os';
import { relative, resolve } from 'node:path';
import { systemClock } from '../../adapters/system/clock.ts';
import type { LoadedRoadmap } from '../../adapters/yaml/roadmap-file.ts';
import type { Config } from '../../core/config/schema.ts';
import { assertNever, UsageError } from '../../core/errors.ts';
import { isEmpty } from '../../core/syncing/look.ts';
import type { RoadmapSource, SyncReason } from '../../core/syncing/ports.ts';
import type { Store } from '../../core/tasks/ports.ts';
import type { Project, RoadmapService } from '../../surfaces/cli/context.ts';
import { count } from '../../surfaces/cli/format.ts';
import type { FollowedRoadmap } from '../run.ts';
import { once } from './once.ts';

export class LocalRoadmap implements RoadmapService {
  readonly #project: () => Promise<Project>;
  readonly #store: () => Promise<Store>;
  readonly #config: () => Promise<Config>;
  readonly #directory: string;
  readonly #reader: () => Promise<RoadmapSource>;

  constructor(parts: {
    project: () => Promise<Project>;
    store: () => Promise<Store>;
    config: () => Promise<Config>;
    directory: string;
  }) {
    this.#project = parts.project;
    this.#store = parts.store;
    this.#config = parts.config;
    this.#directory = parts.directory;
    this.#reader = once(async () => {
      const { RoadmapReader } = await import('../../adapters/yaml/roadmap-reader.ts');
      const project = await this.#project();
      return new RoadmapReader(project.roadmapPath, shownPath(project));
    });
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
      if (isEmptyRoadmap(error)) return [];
      throw error;
    }
  }

  async append(task: Parameters<RoadmapService['append']>[0]): Promise<void> {
    const { appendTask } = await import('../../adapters/yaml/append-task.ts');
    const project = await this.#project();
    await appendTask(project.roadmapPath, task, { shownAs: shownPath(project) });
  }

  /** Checkouts that share a store are told apart; a store of its own may move with its checkout. */
  async #place(): Promise<string> {
    const { database } = await this.#config();
    const { roadmapPath } = await this.#project();
    return database === undefined || database === '' ? 'here' : `${hostname()}:${roadmapPath}`;
  }

  /** What a run follows. One reader for all, so that what was parsed once is known. */
  async followed(): Promise<FollowedRoadmap> {
    const { roadmapPath: file } = await this.#project();
    return { source: await this.#reader(), file, place: await this.#place() };
  }

  /** See `CliServices.refresh`. Reads the file's bytes only when it was saved since the last time. */
  async refresh(reason: SyncReason = 'command'): Promise<Error | undefined> {
    const { freshen } = await import('../../core/syncing/when-still.ts');
    const [store, { source, place }] = [await this.#store(), await this.followed()];
    const { onRemoved } = (await this.#config()).roadmap;
    const look = await freshen({ source, store, place, clock: systemClock }, { reason, onRemoved });
    switch (look.kind) {
      case 'same':
      case 'synced':
      case 'empty':
        return undefined;
      case 'missing':
        // Nothing to show is no mistake in a project that has just begun.
        return (await store.counts()).total === 0 ? undefined : await missing(source.path);
      case 'rejected': {
        const { RoadmapInvalidError } = await import('../../adapters/yaml/roadmap-file.ts');
        return new RoadmapInvalidError(look.problems);
      }
      case 'unreadable':
        return new UsageError('ROADMAP_UNREADABLE', look.message, { advice: look.advice });
      case 'held':
        return new UsageError(
          'ROADMAP_HELD',
          `${source.path} takes away ${look.held.removed.length} of ${count(look.held.open, 'open task')}.`,
          {
            advice: 'See them with "cw roadmap diff", and take the file as it is with "cw roadmap confirm".',
          },
        );
      case 'outdated':
        return new UsageError(
          'ROADMAP_OUTDATED',
          `${source.path} is an older version than the plan, which was read in another checkout.`,
          { advice: 'Bring it up to date, or take it as it is with "cw roadmap sync".' },
        );
      case 'moving':
        return new UsageError('ROADMAP_BUSY', `${source.path} is being written.`, { advice: 'Try again.' });
      default:
        return assertNever(look);
    }
  }
}

async function missing(path: string): Promise<Error> {
  const { roadmapMissing } = await import('../../adapters/yaml/roadmap-file.ts');
  return roadmapMissing(path);
}

/** Was it refused only because it has no tasks yet? */
function isEmptyRoadmap(error: unknown): boolean {
  const { problems } = error as { problems?: readonly { code: string }[] };
  return problems !== undefined && isEmpty(problems);
}

export function shownPath({ root, roadmapPath }: Project): string {
  return relative(root, roadmapPath);
}
