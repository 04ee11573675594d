import type { Kysely } from 'kysely';
import type { Head } from './chain.ts';
import type { Direct, EngineKind } from './engine.ts';
import type { Tables } from './tables.ts';

/** Where queries run: on the database as it is, or inside the one transaction of a write. */
export interface Session {
  readonly db: Kysely<Tables>;
  readonly direct: Direct | undefined;
  readonly isTransaction: boolean;
  readonly kind: EngineKind;
  readonly project: string;
}

/** A session inside a transaction. `head` is where the log ends with it, once an event was written. */
export interface Write extends Session {
  head: Head | undefined;
}
