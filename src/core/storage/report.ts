import type { TaskId } from '../ids.ts';

/** What `cw db verify` looks at, in this order; what cannot be looked at any more is left out. */
export type StorageCheck =
  /** The file: it is there, whole, and a database. */
  | 'file'
  /** Every page and index of the file. */
  | 'pages'
  /** The chain of hashes through the event log. */
  | 'log'
  /** The newest event against what this host has seen committed. */
  | 'head'
  /** Counters against the rows that they count. */
  | 'counters'
  /** What the rows hold. */
  | 'rows';

export interface StorageFinding {
  readonly check: StorageCheck;
  readonly ok: boolean;
  /** What was found, in a few words; the first bad row, where there is one. */
  readonly detail: string;
}

export interface StorageReport {
  /** Where the state lies, without credentials. */
  readonly place: string;
  /** Events that were read. */
  readonly events: number;
  readonly findings: readonly StorageFinding[];
}

export function isSound({ findings }: Pick<StorageReport, 'findings'>): boolean {
  return findings.every(({ ok }) => ok);
}

/** What one backup holds. */
export interface BackupRecord {
  readonly file: string;
  /** Where it was made from, without credentials. */
  readonly place: string;
  /** When, epoch ms. */
  readonly at: number;
  /** Of the program that made it. */
  readonly version: string;
  readonly schema: number;
  readonly events: number;
  readonly tasks: number;
  readonly bytes: number;
}

/** What a restore did. */
export interface Restored {
  readonly backup: BackupRecord;
  /** Events that the state had until then. */
  readonly before: number;
  /** Where what was there is kept; absent when nothing was. */
  readonly kept: string | undefined;
  /** Tasks that somebody was working on when the backup was made. */
  readonly given: readonly TaskId[];
}
