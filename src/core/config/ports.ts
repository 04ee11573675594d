import type { ConfigLayer } from './resolve.ts';

/** A scope that has a file. */
export type FileScope = ConfigLayer['scope'];

/** One config file as it is on the disk. */
export interface ConfigText {
  readonly scope: FileScope;
  /** Absolute. */
  readonly path: string;
  /** Undefined when the file is not there. */
  readonly text: string | undefined;
}

/** The config files of one project: the person's own, then that of the project, where it is another one. */
export interface ConfigFiles {
  /** Throws `UsageError` `CONFIG_UNREADABLE`. */
  read(): Promise<readonly ConfigText[]>;
  /**
   * Replaces a file in one step. `before`: the text that it still has to have, else `UsageError` `CONFIG_CHANGED` and
   * nothing is written. Throws `UsageError` `CONFIG_UNWRITABLE`.
   */
  write(
    file: Pick<ConfigText, 'scope' | 'path'>,
    texts: { before: string | undefined; after: string },
  ): Promise<void>;
}
