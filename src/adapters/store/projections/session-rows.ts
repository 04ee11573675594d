import { isPriced } from '../../../core/agents/totals.ts';
import type { AttemptEvent } from '../../../core/events/event.ts';
import { prepared } from '../prepared.ts';
import { addSpending } from '../spending.ts';
import type { TaskChange } from './task-change.ts';

type Of<T extends AttemptEvent['type']> = Extract<AttemptEvent, { type: T }>;

const setProcess = prepared(
  (
    db,
    values: {
      task: string;
      step: number;
      pid: number;
      start: string;
      boot: string;
      sandbox: Of<'agent.started'>['sandbox'];
    },
    { project },
  ) =>
    db
      .updateTable('steps')
      .set({ pid: values.pid, pid_start: values.start, boot_id: values.boot, sandbox: values.sandbox })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('step', '=', values.step),
);

const setStepSession = prepared((db, values: { task: string; step: number; session: string }, { project }) =>
  db
    .updateTable('steps')
    .set({ session: values.session })
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('step', '=', values.step),
);

const addStepUsage = prepared(
  (
    db,
    values: {
      task: string;
      step: number;
      cost: number;
      input: number;
      output: number;
      cached: number;
      unpriced: number;
      now: number;
    },
    { project },
  ) =>
    db
      .updateTable('steps')
      .set((eb) => ({
        cost_usd: eb('cost_usd', '+', values.cost),
        input_tokens: eb('input_tokens', '+', values.input),
        output_tokens: eb('output_tokens', '+', values.output),
        cached_tokens: eb('cached_tokens', '+', values.cached),
        unpriced_tokens: eb('unpriced_tokens', '+', values.unpriced),
        used_at: values.now,
      }))
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('step', '=', values.step),
);

const readSession = prepared((db, values: { task: string; agent: string }, { project }) =>
  db
    .selectFrom('sessions')
    .select(['session', 'provider'])
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('agent', '=', values.agent),
);

const replaceSession = prepared(
  (db, values: { task: string; agent: string; provider: string; session: string }, { project }) =>
    db
      .insertInto('sessions')
      .values({
        project_id: project,
        task: values.task,
        agent: values.agent,
        provider: values.provider,
        session: values.session,
        input_tokens: 0,
        output_tokens: 0,
        cached_tokens: 0,
        cost_usd: 0,
      })
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'task', 'agent']).doUpdateSet((eb) => ({
          provider: eb.ref('excluded.provider'),
          session: eb.ref('excluded.session'),
          input_tokens: 0,
          output_tokens: 0,
          cached_tokens: 0,
          cost_usd: 0,
        })),
      ),
);

const setTotals = prepared(
  (
    db,
    values: {
      task: string;
      agent: string;
      provider: string;
      input: number;
      output: number;
      cached: number;
      cost: number;
    },
    { project },
  ) =>
    db
      .updateTable('sessions')
      .set({
        input_tokens: values.input,
        output_tokens: values.output,
        cached_tokens: values.cached,
        cost_usd: values.cost,
      })
      .where('project_id', '=', project)
      .where('task', '=', values.task)
      .where('agent', '=', values.agent)
      .where('provider', '=', values.provider),
);

export async function recordProcess({ tx, id }: TaskChange, event: Of<'agent.started'>): Promise<void> {
  const { pid, startTime, bootId } = event.process;
  const { step, sandbox } = event;
  await setProcess.run(tx, { task: id, step, pid, start: startTime, boot: bootId, sandbox });
}

/** A conversation goes on, or a new one takes its place: then its totals begin at 0. */
export async function recordSession({ tx, id }: TaskChange, event: Of<'agent.session'>): Promise<void> {
  const { step, agent, provider, session } = event;
  await setStepSession.run(tx, { task: id, step, session });
  const known = await readSession.first(tx, { task: id, agent });
  if (known?.session === session && known.provider === provider) return;
  await replaceSession.run(tx, { task: id, agent, provider, session });
}

export async function recordUsage(change: TaskChange, event: Of<'agent.usage'>): Promise<void> {
  const { tx, id, row } = change;
  const { usage, totals, agent, provider, step } = event;
  row.cost_usd += usage.costUsd;
  row.input_tokens += usage.inputTokens;
  row.output_tokens += usage.outputTokens;
  change.set({
    cost_usd: row.cost_usd,
    input_tokens: row.input_tokens,
    output_tokens: row.output_tokens,
  });
  const tokens = usage.inputTokens + usage.outputTokens;
  await addStepUsage.run(tx, {
    task: id,
    step,
    cost: usage.costUsd,
    input: usage.inputTokens,
    output: usage.outputTokens,
    cached: usage.cachedTokens,
    unpriced: isPriced(usage) ? 0 : tokens,
    now: row.now,
  });
  await addSpending(tx, row.now, usage.costUsd);
  await setTotals.run(tx, {
    task: id,
    agent,
    provider,
    input: totals.inputTokens,
    output: totals.outputTokens,
    cached: totals.cachedTokens,
    cost: totals.costUsd,
  });
}
