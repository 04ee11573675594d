import type { Kysely } from 'kysely';
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

/** A session inside a transaction. `changed` becomes true once an event was written. */
export interface Write extends Session {
  changed: boolean;
}
