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
  (db, values: { task: string; id: string; by: string; note: string; now: number }, { project }) =>
    db
      .updateTable('questions')
      .set({ state: 'withdrawn', answered_by: values.by, answered_at: values.now, note: values.note })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('question_id', '=', values.id)
      .where('state', '=', 'open'),
);

const handToPerson = prepared((db, values: { task: string; id: string; note: string }, { project }) =>
  db
    .updateTable('questions')
    .set({ stage: 'person', note: values.note })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('question_id', '=', values.id)
    .where('state', '=', 'open'),
);

/** Asked already, and its agent was not told what became of it. */
const isAsked = prepared((db, values: { task: string; id: string; question: string }, { project }) =>
  db
    .selectFrom('questions')
    .select('ordinal')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('question_id', '=', values.id)
    .where('question', '=', values.question)
    .where('state', '!=', 'dropped')
    .where('told', 'is', null)
    .limit(1),
);

const setTold = prepared((db, values: { task: string; id: string; step: number }, { project }) =>
  db
    .updateTable('questions')
    .set({ told: values.step })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('question_id', '=', values.id)
    .where('state', 'in', ['answered', 'withdrawn'])
    .where('told', 'is', null),
);

const firstOpen = prepared((db, values: { task: string }, { project }) =>
  db
    .selectFrom('questions')
    .select('question')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('state', '=', 'open')
    .orderBy('ordinal')
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

/** One that its agent asked before, while it was at work, is not asked again before it was told the answer. */
export async function ask(
  { tx, id, row }: TaskChange,
  event: Extract<AttemptEvent, { type: 'task.asked' | 'question.asked' }>,
): Promise<void> {
  let last = (await lastOrdinal.first(tx, { task: id }))?.ordinal ?? 0;
  for (const question of event.questions) {
    const known = await isAsked.first(tx, { task: id, id: question.id, question: question.question });
    if (known !== undefined) continue;
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
  { question, by, reason }: Extract<TaskEvent, { type: 'question.withdrawn' }>,
): Promise<void> {
  const { now } = change.row;
  await withdrawOpen.run(change.tx, { task: change.id, id: question, by, note: reason, now });
  await goOn(change);
}

export async function escalate(
  { tx, id }: TaskChange,
  { question, reason }: Extract<TaskEvent, { type: 'question.escalated' }>,
): Promise<void> {
  await handToPerson.run(tx, { task: id, id: question, note: reason });
}

/** Its agent knows now what became of these. */
export async function markTold(
  { tx, id }: TaskChange,
  { step, told = [] }: { step: number; told?: readonly string[] },
): Promise<void> {
  for (const question of told) await setTold.run(tx, { task: id, id: question, step });
}

/** Back in the queue, once nothing is open that it waits for. */
export async function goOn(change: TaskChange): Promise<void> {
  const { tx, id, row } = change;
  if (row.state !== 'waiting_input' || (await firstOpen.first(tx, { task: id })) !== undefined) return;
  change.move('pending');
  change.set({ reason: null });
}

/**
 * Where a task goes whose attempt ended without its end: it waits while a question is open that its agent asked at
 * work, because whoever goes on needs the answer.
 */
export async function putBack(change: TaskChange, reason: string): Promise<void> {
  const open = await firstOpen.first(change.tx, { task: change.id });
  change.move(open === undefined ? 'pending' : 'waiting_input');
  change.set({ reason: oneLine(open?.question ?? reason) });
}

/** The task goes on, or ends, without answers. */
export function dropQuestions({ tx, id }: TaskChange): void {
  dropOpen.post(tx, { task: id });
}

export function oneLine(text: string): string {
  return text.trim().split('\n', 1)[0] ?? '';
}
