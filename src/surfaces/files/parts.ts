import type { ProjectApi } from '../../core/api/ports.ts';
import type { NewEvent } from '../../core/events/event.ts';
import type { PageFiles, PageLedger } from '../../core/files/ports.ts';
import type { Clock } from '../../core/ports.ts';
import type { Roadmap } from '../../core/roadmap/model.ts';
import type { FileWatcher } from '../../core/syncing/ports.ts';
import type { MessageRecord } from '../../core/tasks/message.ts';
import type { QuestionRecord, Task } from '../../core/tasks/task.ts';
import type { PartSummary } from './container-page.ts';
import type { ReadYaml } from './read-page.ts';

/** All that the pages show, at one moment. */
export interface Records {
  readonly tasks: readonly Task[];
  readonly questions: readonly QuestionRecord[];
  readonly messages: readonly MessageRecord[];
  /** The last roadmap that could be read; undefined when there was none yet. */
  readonly roadmap: Roadmap | undefined;
  /** Changes with the roadmap file: what was refused is tried again then. */
  readonly roadmapHash: string;
  /** What was made, by id of the container. */
  readonly summaries: ReadonlyMap<string, PartSummary>;
}

export type FilesApi = Pick<
  ProjectApi,
  | 'answer'
  | 'addTask'
  | 'editTask'
  | 'removeTask'
  | 'renameTask'
  | 'retry'
  | 'cancel'
  | 'send'
  | 'readMessages'
>;

export type FilesEvent = Extract<NewEvent, { type: `files.${string}` }>;

export interface KeeperParts {
  /** Where the two directories are, as people are shown it. */
  readonly directory: string;
  readonly files: PageFiles;
  readonly ledger: PageLedger;
  readonly watcher: FileWatcher;
  readonly load: () => Promise<Records>;
  /** Tells of changes to what `load` reads; the returned function ends that. */
  readonly onChange: (listener: () => void) => () => void;
  /** The project, as the person reaches it who saves the files. */
  readonly api: FilesApi;
  readonly log: (events: readonly FilesEvent[]) => Promise<unknown>;
  readonly hash: (text: string) => string;
  readonly readYaml: ReadYaml;
  readonly clock: Clock;
  /** How long a file must stay as it is before it is read, ms. */
  readonly stabilityMs: number;
  /** Something worth a line that is no event. */
  readonly onNotice: (message: string) => void;
}
