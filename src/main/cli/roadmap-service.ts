import { hostname } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { systemClock } from '../../adapters/system/clock.ts';
import type { EditedRoadmap, RoadmapEditor } from '../../adapters/yaml/roadmap-editor.ts';
import type { LoadedRoadmap } from '../../adapters/yaml/roadmap-file.ts';
import type { EarlierVersion, RoadmapHistory } from '../../adapters/yaml/roadmap-history.ts';
import type { EditOptions, Project, RoadmapChange, RoadmapService } from '../../core/api/parts.ts';
import type { Config } from '../../core/config/schema.ts';
import { errorFacts } from '../../core/error-facts.ts';
import { assertNever, UsageError } from '../../core/errors.ts';
import type { RoadmapEdit } from '../../core/roadmap/edits.ts';
import type { RoadmapTask } from '../../core/roadmap/model.ts';
import type { OutlinePart } from '../../core/roadmap/outline.ts';
import { CONFIRMED_KEY, isEmpty, type LookOptions } from '../../core/syncing/look.ts';
import type { RoadmapSource, SyncReason } from '../../core/syncing/ports.ts';
import type { Store, SyncPreview } from '../../core/tasks/ports.ts';
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

  async outline(): Promise<readonly OutlinePart[] | undefined> {
    const { outlineNow } = await import('../../core/syncing/kept-outline.ts');
    return await outlineNow({ source: (await this.followed()).source, store: await this.#store() });
  }

  async compare(file?: string): Promise<SyncPreview> {
    const { plan } = await this.load(file);
    const { onRemoved } = (await this.#config()).roadmap;
    return await (await this.#store()).diff(plan, { onRemoved });
  }

  async take({ confirmedBy: by }: { confirmedBy: string | undefined }): Promise<SyncPreview> {
    const { plan, hash } = await this.load();
    const store = await this.#store();
    const { onRemoved } = (await this.#config()).roadmap;
    const preview = await store.diff(plan, { onRemoved });
    const confirmed = by !== undefined && preview.held !== undefined;
    if (confirmed) {
      const path = shownPath(await this.#project());
      // A run that looks first may take it as well.
      await store.setMeta(CONFIRMED_KEY, hash);
      await store.log([{ type: 'roadmap.confirmed', path, hash, by }]);
    }
    const reason: SyncReason = confirmed ? 'confirm' : 'command';
    const problem = await this.#look({ reason, anyVersion: true });
    if (problem !== undefined) throw problem;
    return preview;
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

  async definition(id: string): Promise<RoadmapTask> {
    const { roadmap } = await this.load();
    const { tasksInOrder } = await import('../../core/roadmap/graph.ts');
    const found = tasksInOrder(roadmap).find((task) => task.id === id);
    if (found !== undefined) return found;
    throw new UsageError('UNKNOWN_TASK', `The roadmap file has no task "${id}".`, {
      advice: 'cw task list shows them all.',
    });
  }

  async edit(edit: RoadmapEdit, { dryRun, what, check }: EditOptions): Promise<RoadmapChange> {
    const { editor, history } = await this.#editing();
    const made = await editor.edit(edit, { dryRun, check });
    if (!dryRun && made.after !== made.before) {
      const renamed = edit.kind === 'rename' ? { renamed: { from: edit.id, to: edit.to } } : {};
      await history.keep(Buffer.from(made.before), {
        at: Date.now(),
        what,
        became: made.hashAfter,
        ...renamed,
      });
    }
    return await this.#changed(made, { dryRun, what });
  }

  /** Puts another text in the place of the one with the hash `onto`; `undefined` when the file has another one. */
  async replace(
    text: string,
    { onto, what }: { onto: string; what: string },
  ): Promise<RoadmapChange | undefined> {
    const { editor, history } = await this.#editing();
    const made = await editor.restore(Buffer.from(text), onto);
    if (made === undefined) return undefined;
    if (made.after !== made.before) {
      await history.keep(Buffer.from(made.before), { at: Date.now(), what, became: made.hashAfter });
    }
    return await this.#changed(made, { dryRun: false, what });
  }

  async undo({ dryRun, check }: Pick<EditOptions, 'dryRun' | 'check'>): Promise<RoadmapChange> {
    const { editor, history } = await this.#editing();
    const earlier = await history.latest();
    if (earlier?.became === undefined) {
      throw new UsageError('NOTHING_TO_UNDO', 'No edit of the roadmap by a command is known here.', {
        advice: 'Versions that were committed are in git.',
      });
    }
    const made = await takeBack(editor, earlier, { dryRun, check });
    if (made === undefined) {
      throw new UsageError('ROADMAP_CHANGED', `The roadmap was changed since: ${earlier.what}.`, {
        advice: `Nothing was written. The version before it is ${earlier.path}`,
      });
    }
    if (!dryRun) await history.forget(earlier);
    return await this.#changed(made, { dryRun, what: earlier.what });
  }

  async #editing(): Promise<{ editor: RoadmapEditor; history: RoadmapHistory }> {
    const project = await this.#project();
    const [{ RoadmapEditor: Editor }, { RoadmapHistory: History }] = await Promise.all([
      import('../../adapters/yaml/roadmap-editor.ts'),
      import('../../adapters/yaml/roadmap-history.ts'),
    ]);
    const history = new History(join(project.stateDirectory, 'roadmap-history'));
    const keep = async (bytes: Uint8Array) => {
      await history.keep(bytes, { at: Date.now(), what: 'saved by somebody else, and then saved over' });
    };
    return { editor: new Editor(project.roadmapPath, shownPath(project), keep), history };
  }

  /** With the plan brought up to the file at once: nobody else has to find out. */
  async #changed(
    made: EditedRoadmap,
    { dryRun, what }: Pick<EditOptions, 'dryRun' | 'what'>,
  ): Promise<RoadmapChange> {
    const { unifiedDiff } = await import('../../core/source/unified-diff.ts');
    const diff = unifiedDiff(shownPath(await this.#project()), made.before, made.after);
    const problem = dryRun ? undefined : await this.refresh('write-back');
    return { what, diff, ...(problem === undefined ? {} : { problem: errorFacts(problem) }) };
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
    return await this.#look({ reason });
  }

  async #look(options: Pick<LookOptions, 'reason' | 'anyVersion'>): Promise<Error | undefined> {
    const { freshen } = await import('../../core/syncing/when-still.ts');
    const [store, { source, place }] = [await this.#store(), await this.followed()];
    const { onRemoved } = (await this.#config()).roadmap;
    const look = await freshen({ source, store, place, clock: systemClock }, { ...options, onRemoved });
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

/** A rename is taken back by another one, so that the task stays the same task. */
async function takeBack(
  editor: RoadmapEditor,
  { bytes, became = '', renamed }: EarlierVersion,
  how: Pick<EditOptions, 'dryRun' | 'check'>,
): Promise<EditedRoadmap | undefined> {
  if (renamed === undefined) return await editor.restore(bytes, became, how);
  const edit: RoadmapEdit = { kind: 'rename', id: renamed.to, to: renamed.from };
  return await editor.edit(edit, { ...how, expected: became });
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
