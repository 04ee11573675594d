import * as z from 'zod';

/**
 * Fields of lines that an agent prints: absent when missing or of another type than they used to be, so that a change
 * in one field never costs the whole line.
 */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.optional().catch(undefined);
}

export const text = lenient(z.string());
export const count = lenient(z.number());
export const flag = lenient(z.boolean());
export const anything = z.unknown().optional();
