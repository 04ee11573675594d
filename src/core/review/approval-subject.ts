import * as z from 'zod';
import { objectId } from '../ids.ts';

/** What a person is asked to approve; kept with the question. */
export const approvalSubject = z.object({
  /** Index of the workflow's step that the work has passed. */
  gate: z.int().min(0),
  /** The work as it was shown. */
  commit: objectId,
  /** Equal for equal changes: see `Workspaces.changes`. */
  changes: z.string().min(1),
});
export type ApprovalSubject = z.infer<typeof approvalSubject>;
