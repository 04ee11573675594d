import * as z from 'zod';
import { CodewalkError } from '../../core/errors.ts';
import type { NewEvent } from '../../core/events/event.ts';
import type { TaskDefinition } from '../../core/roadmap/model.ts';

/** Names a row for people. */
export interface RowName {
  readonly table: string;
  readonly key: string | number;
}

/**
 * What everybody relies on in a definition. Looser than the roadmap's own schema: a definition that an older version
 * stored is still one.
 */
export const definitionColumn = z.looseObject({
  id: z.string(),
  title: z.string(),
  prompt: z.string(),
  path: z.looseObject({}),
  dependsOn: z.array(z.string()),
  files: z.array(z.string()),
  priority: z.number(),
  exitCriteria: z.array(z.string()),
  onFailure: z.enum(['hard', 'soft', 'skip']),
}) as unknown as z.ZodType<TaskDefinition>;

/** That it is an event; that it is the one that was written is what its hash says. */
export const eventColumn = z.looseObject({ type: z.string() }) as unknown as z.ZodType<NewEvent>;

/** What a person decided about lost events. */
export const decisionColumn = z.looseObject({ upTo: z.number() });

export const stringsColumn = z.array(z.string());
/** Fields of a task by their names in the file, each with a text. */
export const textsColumn = z.record(z.string(), z.string());
export const numbersColumn = z.array(z.number());
/** Lists of what the store alone writes, whose items no code picks apart before it shows them. */
export const listColumn = z.array(z.looseObject({}));

/** The value of a JSON column; `STORE_CORRUPT` with the row's name when it is not what is written there. */
export function parseColumn<T>(schema: z.ZodType<T>, text: string, { table, key }: RowName): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unreadable({ table, key }, cause);
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw unreadable({ table, key }, parsed.error);
  return parsed.data;
}

function unreadable({ table, key }: RowName, cause: unknown): CodewalkError {
  return new CodewalkError('STORE_CORRUPT', `Row ${key} of table ${table} is damaged`, {
    advice: 'See what else is with `cw db verify`, and bring a backup back with `cw db restore <file>`.',
    cause,
  });
}
