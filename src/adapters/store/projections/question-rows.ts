import type { AttemptEvent, TaskEvent } from '../../../core/events/event.ts';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

const lastOrdinal = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('questions')
    .select('ordinal')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .orderBy('ordinal', 'desc')
    .limit(1),
);

const insertQuestion = prepared(
  (
    db,
    values: {
      task: string;
      ordinal: number;
      id: string;
      attempt: number;
      step: number;
      question: string;
      options: string | null;
      now: number;
    },
    { project },
  ) =>
    db.insertInto('questions').values({
      project_id: project,
      task: values.task,
      ordinal: values.ordinal,
      question_id: values.id,
      attempt: values.attempt,
      step: values.step,
      question: values.question,
      options: values.options,
      state: 'open',
      asked_at: values.now,
    }),
);

const answerOpen = prepared(
  (db, values: { task: string; id: string; answer: string; by: string; now: number }, { project }) =>
    db
      .updateTable('questions')
      .set({ state: 'answered', answer: values.answer, answered_by: values.by, answered_at: values.now })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('question_id', '=', values.id)
      .where('state', '=', 'open'),
);

const anyOpen = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('questions')
    .select('ordinal')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('state', '=', 'open')
    .limit(1),
);

const dropOpen = prepared((db, values: { task: string }, { project }) =>
  db
    .updateTable('questions')
    .set({ state: 'dropped' })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('state', '=', 'open'),
);

export async function ask(
  { tx, id, row }: TaskChange,
  event: Extract<AttemptEvent, { type: 'task.asked' }>,
): Promise<void> {
  const last = (await lastOrdinal.first(tx, { task: id }))?.ordinal ?? 0;
  for (const [index, question] of event.questions.entries()) {
    await insertQuestion.run(tx, {
      task: id,
      ordinal: last + index + 1,
      id: question.id,
      attempt: event.attempt,
      step: event.step,
      question: question.question,
      options: question.options === undefined ? null : JSON.stringify(question.options),
      now: row.now,
    });
  }
}

/** The last open answer lets the task go on, with its sessions. */
export async function answer(
  change: TaskChange,
  event: Extract<TaskEvent, { type: 'task.answered' }>,
): Promise<void> {
  const { tx, id, row } = change;
  await answerOpen.run(tx, {
    task: id,
    id: event.question,
    answer: event.answer,
    by: event.by,
    now: row.now,
  });
  if (row.state !== 'waiting_input' || (await anyOpen.first(tx, { task: id })) !== undefined) return;
  change.move('pending');
  change.set({ reason: null, not_before: null });
}

/** The task goes on, or ends, without answers. */
export async function dropQuestions({ tx, id }: TaskChange): Promise<void> {
  await dropOpen.run(tx, { task: id });
}
