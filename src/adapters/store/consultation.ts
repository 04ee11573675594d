import { NO_TASK, type Store } from '../../core/tasks/ports.ts';
import type { SessionRecord } from '../../core/tasks/task.ts';
import type { Write } from './session.ts';
import { addSpending } from './spending.ts';
import { appendToLog } from './stream.ts';

/** See `Store.consulted`. */
export async function recordConsultation(
  tx: Write,
  { event, session }: Parameters<Store['consulted']>[0],
): Promise<void> {
  await appendToLog(tx, [event]);
  await addSpending(tx, await tx.log.now(), event.usage.costUsd);
  await tx.db
    .deleteFrom('sessions')
    .where('project_id', '=', tx.project)
    .where('task', '=', NO_TASK)
    .where('agent', '=', event.agent)
    .execute();
  if (session !== undefined) await keep(tx, session);
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
