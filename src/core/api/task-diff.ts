import { UsageError } from '../errors.ts';
import { nearest } from '../source/nearest.ts';
import { quoted } from '../source/problem.ts';
import type { Task } from '../tasks/task.ts';
import type { FileNumbers, WorkChanges } from '../workspaces/ports.ts';
import { findTask } from './find-task.ts';
import type { ProjectParts } from './parts.ts';
import type { ProjectApi, TaskDiff } from './ports.ts';

/** What anybody may want to scroll through, or a program to hold. */
const DEFAULT_BYTES = 1_048_576;
/** `git apply` needs all of it; a longer one is made with git itself. */
const MOST_BYTES = 64 * 1_048_576;

/** See `ReadingApi.diff`. */
export async function taskDiff(
  parts: ProjectParts,
  which: Parameters<ProjectApi['diff']>[0],
): Promise<TaskDiff> {
  const task = await findTask(parts, which.task);
  const changes = await parts.repository.changes(task);
  const files = which.files === undefined ? (changes?.files ?? []) : filesOf(task, changes, which.files);
  const maxBytes = Math.min(which.maxBytes ?? DEFAULT_BYTES, MOST_BYTES);
  const { id, state, attempts } = task;
  const head = { task: id, state, attempts, files };
  if (changes === undefined) return { ...head, text: '' };
  const { from, to } = changes;
  if (maxBytes === 0 || files.length === 0) return { ...head, from, to, text: '' };
  // A renamed file is told of by both of its names.
  const names = files.flatMap((file) => (file.from === undefined ? [file.path] : [file.from, file.path]));
  const paths = which.files === undefined ? {} : { paths: names };
  return { ...head, from, to, text: await parts.repository.diff(changes, { maxBytes, ...paths }) };
}

function filesOf(
  task: Task,
  changes: WorkChanges | undefined,
  wanted: readonly string[],
): readonly FileNumbers[] {
  const known = changes?.files ?? [];
  return wanted.map((text) => {
    const file = known.find(({ path, from }) => path === text || from === text);
    if (file !== undefined) return file;
    const meant = nearest(
      text,
      known.map(({ path }) => path),
    );
    throw new UsageError('UNKNOWN_FILE', `${task.id} has not changed ${quoted(text)}`, {
      advice:
        meant === undefined
          ? `see what it changed: cw task diff ${task.id} --stat`
          : `did you mean ${meant}?`,
    });
  });
}
