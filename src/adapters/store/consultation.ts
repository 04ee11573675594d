import { isPriced } from '../../core/agents/totals.ts';
import { NO_TASK, type Store } from '../../core/tasks/ports.ts';
import type { SessionRecord } from '../../core/tasks/task.ts';
import type { Write } from './session.ts';
import { addSpending } from './spending.ts';
import { appendToLog } from './stream.ts';

type Consulted = Parameters<Store['consulted']>[0]['event'];

/** See `Store.consulted`. */
export async function recordConsultation(
  tx: Write,
  { event, session }: Parameters<Store['consulted']>[0],
): Promise<void> {
  await appendToLog(tx, [event]);
  const now = await tx.log.now();
  await addSpending(tx, now, event.usage.costUsd);
  await addTurn(tx, event, now);
  await tx.db
    .deleteFrom('sessions')
    .where('project_id', '=', tx.project)
    .where('task', '=', NO_TASK)
    .where('agent', '=', event.agent)
    .execute();
  if (session !== undefined) await keep(tx, session);
}

/** Beside the steps of tasks, as one of no task, so that whatever sums up what was used counts it too. */
async function addTurn(tx: Write, event: Consulted, now: number): Promise<void> {
  const { agent, provider, account = provider, model = null, usage, how, durationMs } = event;
  const { inputTokens, outputTokens, cachedTokens, costUsd } = usage;
  const tokens = inputTokens + outputTokens;
  if (tokens === 0 && costUsd === 0) return;
  const last = await tx.db
    .selectFrom('steps')
    .select((eb) => eb.fn.max<number | null>('step').as('step'))
    .where('project_id', '=', tx.project)
    .where('task', '=', NO_TASK)
    .executeTakeFirst();
  await tx.db
    .insertInto('steps')
    .values({
      ...{ project_id: tx.project, task: NO_TASK, step: Number(last?.step ?? 0) + 1 },
      ...{ attempt: 0, step_index: 0, agent, round: 1, kind: 'answer', provider, account, model },
      ...{ state: 'finished', outcome: how, started_at: now - durationMs, finished_at: now, used_at: now },
      cost_usd: costUsd,
      input_tokens: inputTokens,
      output_tokens: outputTokens,
      cached_tokens: cachedTokens,
      unpriced_tokens: isPriced(usage) ? 0 : tokens,
    })
    .execute();
}

async function keep(tx: Write, { agent, provider, session, totals }: SessionRecord): Promise<void> {
  await tx.db
    .insertInto('sessions')
    .values({
      project_id: tx.project,
      task: NO_TASK,
      agent,
      provider,
      session,
      input_tokens: totals.inputTokens,
      output_tokens: totals.outputTokens,
      cached_tokens: totals.cachedTokens,
      cost_usd: totals.costUsd,
    })
    .execute();
}
