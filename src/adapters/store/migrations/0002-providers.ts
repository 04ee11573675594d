import type { Kysely } from 'kysely';
import type { EngineKind } from '../engine.ts';

/** The breaker of each provider account, and the retries that a project has left. */
export async function up(_db: Kysely<unknown>, _kind: EngineKind): Promise<void> {}
