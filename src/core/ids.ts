import { z } from 'zod';

/**
 * What an id in a roadmap may be: safe as a file name, as part of a git ref (see `taskBranch`) and as an
 * argument, because it cannot begin with a dash or a dot and holds no slash.
 */
export const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

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
