import { assertNever } from '../../../core/errors.ts';
import type { RunEvent } from '../../../core/events/event.ts';
import { prepared } from '../prepared.ts';
import type { Write } from '../session.ts';

const park = prepared((db, values: { name: string; until: number; reason: string }, { project }) =>
  db
    .insertInto('providers')
    .values({ project_id: project, name: values.name, parked_until: values.until, reason: values.reason })
    .onConflict((conflict) =>
      conflict.columns(['project_id', 'name']).doUpdateSet((eb) => ({
        parked_until: eb.ref('excluded.parked_until'),
        reason: eb.ref('excluded.reason'),
      })),
    ),
);

/** The change of state that a fact about the whole run makes. */
export async function projectRun(tx: Write, event: RunEvent): Promise<void> {
  switch (event.type) {
    case 'provider.limited': {
      const { provider: name, until, reason } = event;
      await park.run(tx, { name, until, reason });
      return;
    }
    // Whoever makes these writes their rows too; delivery moves a branch, which git keeps.
    case 'provider.opened':
    case 'provider.closed':
    case 'budget.reached':
    case 'work.restored':
    case 'orchestrator.started':
    case 'orchestrator.stopped':
    case 'orchestrator.lost':
    case 'roadmap.synced':
    case 'delivery.done':
    case 'delivery.refused':
      return;
    default:
      assertNever(event);
  }
}
