import type { Kysely } from 'kysely';
import type { Ahead } from './ahead.ts';
import type { Direct, Engine, EngineKind, Wire } from './engine.ts';
import type { LogTail } from './stream.ts';
import type { Tables } from './tables.ts';

/** Where queries run: on the database as it is, or inside the one transaction of a write. */
export interface Session {
  readonly db: Kysely<Tables>;
  readonly direct: Direct | undefined;
  readonly wire: Wire | undefined;
  readonly isTransaction: boolean;
  readonly kind: EngineKind;
  readonly project: string;
}

/** A session inside a transaction. */
export interface Write extends Session {
  readonly log: LogTail;
  readonly ahead: Ahead;
  /** Statements under way whose answers nobody waits for; the commit does. */
  readonly posted: Promise<unknown>[];
}

export function sessionOn({ db, direct, wire, kind }: Engine, project: string): Session {
  return { db, direct, wire, isTransaction: false, kind, project };
}
