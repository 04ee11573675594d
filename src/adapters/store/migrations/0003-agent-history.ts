import type { Kysely } from 'kysely';
import type { EngineKind } from '../engine.ts';

/** Every turn of an agent with what was said in it, and what it used. */
export async function up(_db: Kysely<unknown>, _kind: EngineKind): Promise<void> {}
