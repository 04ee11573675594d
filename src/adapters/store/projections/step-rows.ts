import type { AttemptEvent } from '../../../core/events/event.ts';
import { prepared } from '../prepared.ts';
import type { TaskChange } from './task-change.ts';

type Started = Extract<AttemptEvent, { type: 'step.started' }>;
type Finished = Extract<AttemptEvent, { type: 'step.finished' }>;

const insertStep = prepared(
  (
    db,
    values: {
      task: string;
      step: number;
      attempt: number;
      index: number;
      agent: string;
      round: number;
      kind: Started['kind'];
      provider: string;
      account: string;
      model: string | null;
      now: number;
    },
    { project },
  ) =>
    db.insertInto('steps').values({
      project_id: project,
      task: values.task,
      step: values.step,
      attempt: values.attempt,
      step_index: values.index,
      agent: values.agent,
      round: values.round,
      kind: values.kind,
      provider: values.provider,
      account: values.account,
      model: values.model,
      state: 'running',
      started_at: values.now,
      cost_usd: 0,
    }),
);

const closeStep = prepared(
  (
    db,
    values: {
      task: string;
      step: number;
      outcome: string;
      verdict: Finished['verdict'];
      summary: string;
      now: number;
    },
    { project },
  ) =>
    db
      .updateTable('steps')
      .set({
        state: 'finished',
        outcome: values.outcome,
        verdict: values.verdict,
        summary: values.summary,
        finished_at: values.now,
      })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('step', '=', values.step),
);

/** Its CLI does not know it any more, or cannot go on in it. */
const forgetSession = prepared((db, values: { task: string; agent: string }, { project }) =>
  db
    .deleteFrom('sessions')
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('agent', '=', values.agent),
);

export async function startStep(change: TaskChange, event: Started): Promise<void> {
  const { step, attempt, index, agent, round, kind, provider, account, model = null } = event;
  const { now } = change.row;
  // What was asked has changed while the work waited for its merge.
  if (change.row.state === 'merging') {
    change.move('running');
    change.setMerge(null, null);
  }
  await insertStep.run(change.tx, {
    task: change.id,
    step,
    attempt,
    index,
    agent,
    round,
    kind,
    provider,
    account,
    model,
    now,
  });
}

export async function finishStep(change: TaskChange, event: Finished): Promise<void> {
  const { step, outcome, verdict, summary } = event;
  await closeStep.run(change.tx, { task: change.id, step, outcome, verdict, summary, now: change.row.now });
  if (outcome === 'context_limit')
    await forgetSession.run(change.tx, { task: change.id, agent: event.agent });
}
