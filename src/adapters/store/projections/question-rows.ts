import type { QuestionKind } from '../../../core/agents/outcome.ts';
import type { AttemptEvent, QuestionStage, TaskEvent } from '../../../core/events/event.ts';
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
      kind: QuestionKind | null;
      approves: string | null;
      stage: QuestionStage;
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
      kind: values.kind,
      approves: values.approves,
      stage: values.stage,
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

const withdrawOpen = prepared(
  (db, values: { task: string; id: string; by: string; now: number }, { project }) =>
    db
      .updateTable('questions')
      .set({ state: 'withdrawn', answered_by: values.by, answered_at: values.now })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('question_id', '=', values.id)
      .where('state', '=', 'open'),
);

const handToPerson = prepared((db, values: { task: string; id: string }, { project }) =>
  db
    .updateTable('questions')
    .set({ stage: 'person' })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('question_id', '=', values.id)
    .where('state', '=', 'open'),
);

const isOpen = prepared((db, values: { task: string; id: string }, { project }) =>
  db
    .selectFrom('questions')
    .select('ordinal')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('question_id', '=', values.id)
    .where('state', '=', 'open')
    .limit(1),
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

/** One that is open already, because its agent asked while it was at work, is not asked again. */
export async function ask(
  { tx, id, row }: TaskChange,
  event: Extract<AttemptEvent, { type: 'task.asked' | 'question.asked' }>,
): Promise<void> {
  let last = (await lastOrdinal.first(tx, { task: id }))?.ordinal ?? 0;
  for (const question of event.questions) {
    if ((await isOpen.first(tx, { task: id, id: question.id })) !== undefined) continue;
    last += 1;
    await insertQuestion.run(tx, {
      task: id,
      ordinal: last,
      id: question.id,
      attempt: event.attempt,
      step: event.step,
      question: question.question,
      options: question.options === undefined ? null : JSON.stringify(question.options),
      kind: question.kind ?? null,
      approves: question.approves === undefined ? null : JSON.stringify(question.approves),
      stage: event.type === 'question.asked' ? event.stage : 'person',
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
  await goOn(change);
}

/** The task goes on without an answer when it was the last one that was open. */
export async function withdraw(
  change: TaskChange,
  { question, by }: Extract<TaskEvent, { type: 'question.withdrawn' }>,
): Promise<void> {
  await withdrawOpen.run(change.tx, { task: change.id, id: question, by, now: change.row.now });
  await goOn(change);
}

export async function escalate(
  { tx, id }: TaskChange,
  { question }: Extract<TaskEvent, { type: 'question.escalated' }>,
): Promise<void> {
  await handToPerson.run(tx, { task: id, id: question });
}

/** Back in the queue, once nothing is open that it waits for. */
async function goOn(change: TaskChange): Promise<void> {
  const { tx, id, row } = change;
  if (row.state !== 'waiting_input' || (await anyOpen.first(tx, { task: id })) !== undefined) return;
  change.move('pending');
  change.set({ reason: null, not_before: null });
}

/** The task goes on, or ends, without answers. */
export async function dropQuestions({ tx, id }: TaskChange): Promise<void> {
  await dropOpen.run(tx, { task: id });
}
