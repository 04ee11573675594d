import { assertNever } from '../../../core/errors.ts';
import type { AttemptEvent } from '../../../core/events/event.ts';
import { definitionColumn, parseColumn } from '../json-column.ts';
import { prepared } from '../prepared.ts';
import { blockDependents } from './block.ts';
import { endAttempt } from './end-attempt.ts';
import { dropQuestions } from './question-rows.ts';
import type { TaskChange } from './task-change.ts';
import { satisfy } from './unlock.ts';

const readDefinition = prepared((db, values: { id: string }, { project }) =>
  db.selectFrom('tasks').select('definition').where('project_id', '=', project).where('id', '=', values.id),
);

/** A task failed for good: its definition says what that means for those that wait for it. */
export async function projectFailure(
  change: TaskChange,
  event: Extract<AttemptEvent, { type: 'task.failed' }>,
): Promise<void> {
  const row = await readDefinition.first(change.tx, { id: change.id });
  const { onFailure } = parseColumn(definitionColumn, row?.definition ?? '', {
    table: 'tasks',
    key: change.id,
  });
  dropQuestions(change);
  change.move(onFailure === 'skip' ? 'skipped' : 'failed');
  change.set({ reason: event.reason, finished_at: change.row.now });
  endAttempt(change);
  switch (onFailure) {
    case 'soft':
    case 'skip':
      return await satisfy(change);
    case 'hard':
      return await blockBehind(change);
    default:
      assertNever(onFailure);
  }
}

/** Blocks those that wait for the task, unless they already count it as finished. */
export async function blockBehind(change: TaskChange): Promise<void> {
  if (change.row.satisfied === 1) return;
  change.flush();
  change.facts.push(...(await blockDependents(change.tx, change.id, change.row.state)));
}
