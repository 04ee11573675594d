import type { TaskId } from '../../core/ids.ts';
import { type AccountStanding, healthy } from '../../core/resilience/breaker.ts';
import type { Store } from '../../core/tasks/ports.ts';
import { prepared } from './prepared.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';
import type { ProvidersTable } from './tables.ts';

type Change = Parameters<Store['changeAccount']>[1];

const readKnown = prepared((db, _values: object, { project }) =>
  db
    .selectFrom('providers')
    .selectAll()
    .where('project_id', '=', project)
    .where((eb) => eb.or([eb('cause', 'is not', null), eb('failures', '>', 0)]))
    .orderBy('name'),
);

const readOne = prepared((db, values: { name: string }, { project }) =>
  db.selectFrom('providers').selectAll().where('project_id', '=', project).where('name', '=', values.name),
);

const readFacts = prepared((db, values: { trial: string }, { project, now }) =>
  db
    .selectFrom('stream')
    .leftJoin('tasks', (join) =>
      join.onRef('tasks.project_id', '=', 'stream.project_id').on('tasks.id', '=', values.trial),
    )
    .select(['tasks.owner', now.as('now')])
    .where('stream.project_id', '=', project),
);

const write = prepared(
  (
    db,
    values: {
      name: string;
      until: number;
      reason: string;
      failures: number;
      opens: number;
      cause: ProvidersTable['cause'] | null;
      trial: string | null;
    },
    { project },
  ) =>
    db
      .insertInto('providers')
      .values({
        project_id: project,
        name: values.name,
        parked_until: values.until,
        reason: values.reason,
        failures: values.failures,
        opens: values.opens,
        cause: values.cause as AccountStanding['cause'] | null,
        trial: values.trial,
      })
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'name']).doUpdateSet((eb) => ({
          parked_until: eb.ref('excluded.parked_until'),
          reason: eb.ref('excluded.reason'),
          failures: eb.ref('excluded.failures'),
          opens: eb.ref('excluded.opens'),
          cause: eb.ref('excluded.cause'),
          trial: eb.ref('excluded.trial'),
        })),
      ),
);

/** Accounts that something is known against. */
export async function accountsOf(session: Session): Promise<AccountStanding[]> {
  return (await readKnown.all(session, {})).map(asStanding);
}

/** Changes one account, with nobody else writing in between; what was decided is in the log with it. */
export async function changeAccount(tx: Write, account: string, change: Change): Promise<AccountStanding> {
  const row = await readOne.first(tx, { name: account });
  const before = row === undefined ? healthy(account) : asStanding(row);
  const facts = await readFacts.first(tx, { trial: before.trial ?? '' });
  if (facts === undefined) throw new Error(`Project ${tx.project} has no stream`);
  const { standing, events } = change(before, {
    now: facts.now,
    trialIsActive: before.trial !== undefined && facts.owner !== null,
  });
  if (standing === before) return standing;
  const { until, reason, failures, opens, cause, trial } = standing;
  await write.run(tx, {
    name: account,
    until,
    reason,
    failures,
    opens,
    cause: (cause ?? null) as ProvidersTable['cause'] | null,
    trial: trial ?? null,
  });
  await appendToLog(tx, events);
  return standing;
}

function asStanding(row: {
  name: string;
  parked_until: number;
  reason: string;
  failures: number;
  opens: number;
  cause: AccountStanding['cause'] | null;
  trial: string | null;
}): AccountStanding {
  return {
    account: row.name,
    failures: row.failures,
    opens: row.opens,
    cause: row.cause ?? undefined,
    until: row.parked_until,
    reason: row.reason,
    trial: (row.trial ?? undefined) as TaskId | undefined,
  };
}
