import { errorFacts } from '../error-facts.ts';
import { UsageError } from '../errors.ts';
import { parseTaskId } from '../parse-task-id.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import type { SyncReason } from '../syncing/ports.ts';
import type { Task } from '../tasks/task.ts';
import type { ProjectParts } from './parts.ts';
import type { RoadmapWarning } from './ports.ts';

/**
 * The task called `text`, also one that was written into the roadmap just now. Throws `UsageError` `UNKNOWN_TASK`,
 * with the nearest id when there is one.
 */
export async function findTask(parts: ProjectParts, text: string): Promise<Task> {
  const id = parseTaskId(text);
  const store = await parts.store();
  const known = await store.task(id);
  if (known !== undefined) return known;
  const problem = await parts.refresh();
  const task = await store.task(id);
  if (task !== undefined) return task;
  const meant = nearest(
    id,
    (await store.tasks()).map((each) => each.id),
  );
  throw new UsageError('UNKNOWN_TASK', `there is no task ${quoted(id)}`, {
    advice: adviceOn(meant, problem),
  });
}

/** A task that is not found may be one that the file has, but that nobody could read. */
function adviceOn(meant: string | undefined, problem: Error | undefined): string {
  if (meant !== undefined) return `did you mean ${meant}?`;
  return problem === undefined
    ? 'cw task list shows them all'
    : 'it may be in the roadmap, which cannot be read: cw roadmap check';
}

/** Brings the plan up to the roadmap file, and says what is wrong with a file that cannot be used. */
export async function refreshed(parts: ProjectParts, reason?: SyncReason): Promise<RoadmapWarning> {
  const problem = await parts.refresh(reason);
  return problem === undefined ? {} : { roadmapProblem: errorFacts(problem) };
}
