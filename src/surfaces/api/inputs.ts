import * as z from 'zod';
import { EVENT_TYPES } from '../../core/events/types.ts';
import { TASK_STATES } from '../../core/tasks/states.ts';

/** Answers, prompts and messages. */
const MOST_TEXT = 262_144;

export const id = z.string().min(1).max(200);
export const text = z.string().max(MOST_TEXT);
export const taskRef = z.strictObject({ task: id.describe('Id of the task.') });
export const taskState = z.enum(TASK_STATES);
export const count = z.int().min(0);
export const seq = count.describe('Number of the last event that is known; 0 for none.');
export const eventTypes = z.array(z.enum(EVENT_TYPES)).max(EVENT_TYPES.length);
export const dryRun = z.boolean().exactOptional().describe('Only say what would be changed. Default: false.');

const fieldValue = z.union([
  text,
  z.number(),
  z.boolean(),
  z.array(z.string().max(1_000)).max(1_000),
  z.record(z.string(), z.union([z.string().max(1_000), z.number()])),
  z.null(),
]);
/** Keys of a task as the roadmap file has them. */
export const taskFields = z.record(z.string().max(64), fieldValue);
export const newTaskFields = z
  .object({ title: z.string().min(1).max(200), prompt: text.exactOptional() })
  .catchall(fieldValue);
/** For what takes no input; an empty one will do. */
export const nothing = z
  .strictObject({})
  .optional()
  .transform(() => undefined);
