import * as z from 'zod';
import { ID_PATTERN } from './id-pattern.ts';

export const taskId = z.string().regex(ID_PATTERN).brand<'TaskId'>();
export type TaskId = z.infer<typeof taskId>;

/** A full object name of a commit or tree: 40 hex digits, or 64 in a SHA-256 repository. */
export const objectId = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/)
  .brand<'ObjectId'>();
export type ObjectId = z.infer<typeof objectId>;

/** A gate stands for "all members are finished"; its id is `gate:<container>` or `gate:<phase>#<wave>`. */
export type GateId = `gate:${string}`;

/** What a task may wait for inside the plan: another task or a gate. */
export type NodeId = TaskId | GateId;
