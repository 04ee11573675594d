import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { objectId } from '../../core/ids.ts';

/** In the git directory of each worktree of ours; says whose it is and what is being done to it. */
export const MARKER_FILE = 'codewalk.json';

/**
 * ```
 *   opening ──▶ ready ◀──▶ verifying
 *      ▲          │
 *      │          ▼
 *    pooled ◀── releasing (all work is known to be merged)
 * ```
 */
const marker = z.object({
  /** The checkout that it belongs to. */
  root: z.string(),
  /** Name of the directory under the worktrees. */
  place: z.string(),
  branch: z.string().optional(),
  state: z.enum(['opening', 'ready', 'verifying', 'releasing', 'pooled']),
  /** Where the branch belongs while it is `verifying`; what is known to be merged while it is `releasing` or `pooled`. */
  at: objectId.optional(),
  /** Mark of the process that wrote this, which is at work on it while it runs. */
  by: z.string().optional(),
});
export type WorktreeMarker = z.infer<typeof marker>;

/** `undefined` when there is none, or when it is not ours or damaged. */
export function readMarker(adminDir: string): WorktreeMarker | undefined {
  try {
    return marker.parse(JSON.parse(readFileSync(join(adminDir, MARKER_FILE), 'utf8')));
  } catch {
    return undefined;
  }
}

export function writeMarker(adminDir: string, value: WorktreeMarker): void {
  const path = join(adminDir, MARKER_FILE);
  writeFileSync(`${path}.new`, JSON.stringify(value));
  renameSync(`${path}.new`, path);
}
