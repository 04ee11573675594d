import type { Kysely } from 'kysely';
import type { CodewalkError } from '../../core/errors.ts';
import type { Room } from './ballast.ts';
import type { Pace } from './pace.ts';
import type { Patience } from './retried.ts';
import type { Tables } from './tables.ts';

export type EngineKind = 'sqlite' | 'postgres';

/** What an error of the database means for the transaction that met it. */
export type Fault =
  /** Nothing was written; the same transaction may succeed in a moment. */
  | { kind: 'again' }
  /**
   * The connection broke. Whether a commit under way was made is for `fateOf` to say. `error`: what people are told
   * when it stays so; absent: that it could not be reached.
   */
  | { kind: 'disconnected'; error?: CodewalkError }
  /** The disk is full: once there is room the same transaction succeeds. `error` is for people. */
  | { kind: 'full'; error: CodewalkError }
  /** Trying again cannot help; `error` is for people where it can be. */
  | { kind: 'final'; error: unknown };

/** Runs statements at once on the engine's one connection, for a driver that can. */
export interface Direct {
  /** A transaction is open: whoever is not part of it has to wait for its end. */
  readonly isBusy: boolean;
  execute(text: string, parameters: readonly unknown[]): { rows: unknown[]; changes: number };
}

/**
 * Sends statements to a server one behind the other: the answers of earlier ones need not be waited for. On a
 * transaction's own wire they are carried out in the order in which they were sent.
 */
export interface Wire {
  execute(text: string, parameters: readonly unknown[]): Promise<{ rows: unknown[]; changes: number }>;
}

/** A transaction of the only writer of a project. */
export interface OpenWrite {
  readonly db: Kysely<Tables>;
  readonly direct: Direct | undefined;
  readonly wire: Wire | undefined;
  /**
   * What names the transaction afterwards, if the engine needs it to tell whether a commit was made. What is sent
   * before this is known is behind the lock all the same.
   */
  readonly name: Promise<string | undefined>;
  /** Statements under way whose answers nobody waits for; the commit does. */
  readonly posted: Promise<unknown>[];
}

/** One of the two databases: everything that they do differently. */
export interface Engine extends AsyncDisposable {
  readonly kind: EngineKind;
  /** Where it is, without credentials, for people. */
  readonly location: string;
  readonly pace: Pace;
  /** The same in the fewest words: the file, or host and name. */
  readonly place: string;
  /** How long whoever uses it tries again. */
  readonly patience: Patience;
  readonly db: Kysely<Tables>;
  /** The short way past Kysely's executor, whose promises cost more than a small statement on SQLite. */
  readonly direct: Direct | undefined;
  /** The short way to the server for single queries outside of transactions. */
  readonly wire: Wire | undefined;
  /** Runs `work` in a transaction, as the only writer of the project; undone as a whole when it throws. */
  write(project: string, work: (tx: OpenWrite) => Promise<void>): Promise<void>;
  /** Makes the transaction the only one that changes the schema. */
  lockSchema(tx: Kysely<Tables>): Promise<void>;
  /** Whether the schema has the table. */
  hasTable(name: string): Promise<boolean>;
  /** Judges whatever the driver threw. */
  judge(error: unknown): Fault;
  /** What became of the transaction of that name, after its connection broke. */
  fateOf(transaction: string): Promise<'committed' | 'undone' | 'open'>;
  /** What can be written when the disk is full. */
  readonly room: Room;
  /** Runs `work` on one connection that shows the database as it is at one moment, whoever writes meanwhile. */
  snapshot(work: (db: Kysely<Tables>) => Promise<void>): Promise<void>;
  /** Looks at every page and index, where the engine can: what is wrong with the first bad one. */
  findDamage(): Promise<string | undefined>;
  /** Tells other processes that the project changed. */
  announce(project: string): void;
  /** Calls `listener` after commits of other processes, until the returned function is called. */
  watch(project: string, listener: () => void): () => void;
}
