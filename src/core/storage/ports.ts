import type { BackupRecord, Restored, StorageReport } from './report.ts';

/** What `cw db info` shows. */
export interface StorageInfo {
  readonly engine: 'sqlite' | 'postgres';
  /** Where the state lies, without credentials. */
  readonly place: string;
  /** Absent while there is none. */
  readonly state:
    | {
        readonly schema: number;
        readonly events: number;
        readonly tasks: number;
        /** Of the file and its log; absent on PostgreSQL. */
        readonly bytes: number | undefined;
      }
    | undefined;
  /** Number of the newest event that this host has seen. */
  readonly seen: number | undefined;
  /** In `.codewalk/backups`, the newest first; one that cannot be read is left out. */
  readonly backups: readonly BackupRecord[];
}

/** The state of a project as a thing that can be looked over, copied away and brought back. */
export interface Storage {
  info(): Promise<StorageInfo>;
  /** Looks at everything and changes nothing. `file`: a backup in the place of the state. Absolute. */
  verify(file?: string): Promise<StorageReport>;
  /** `file`: absolute; absent: a new one in `.codewalk/backups`, where only the newest stay. */
  backUp(file?: string): Promise<BackupRecord>;
  /** Makes a backup the state. Tasks that git shows to be merged since then are done. */
  restore(
    file: string,
    options: { force: boolean; by: string },
  ): Promise<Restored & { readonly merged: readonly string[] }>;
  /** Goes on without events that were lost. */
  accept(by: string): Promise<{
    readonly lost: number;
    readonly endsAt: number;
    readonly merged: readonly string[];
  }>;
}
