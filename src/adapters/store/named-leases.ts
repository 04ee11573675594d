import { sql } from 'kysely';
import type { NamedLease } from '../../core/tasks/ports.ts';
import { prepared } from './prepared.ts';
import type { Write } from './session.ts';

const readLease = prepared((db, values: { name: string }, { project, now }) =>
  db
    .selectFrom('leases')
    .select(['owner', 'fence', 'until', now.as('now')])
    .where('project_id', '=', project)
    .where('name', '=', values.name),
);

const writeLease = prepared(
  (db, values: { name: string; owner: string; fence: number; leaseMs: number }, { project, now }) =>
    db
      .insertInto('leases')
      .values({
        project_id: project,
        name: values.name,
        owner: values.owner,
        fence: values.fence,
        until: sql<number>`${now} + ${values.leaseMs}`,
      })
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'name']).doUpdateSet((eb) => ({
          owner: eb.ref('excluded.owner'),
          fence: eb.ref('excluded.fence'),
          until: eb.ref('excluded.until'),
        })),
      ),
);

const freeLease = prepared((db, values: { name: string; owner: string; fence: number }, { project }) =>
  db
    .updateTable('leases')
    .set({ owner: null, until: 0 })
    .where('project_id', '=', project)
    .where('name', '=', values.name)
    .where('owner', '=', values.owner)
    .where('fence', '=', values.fence),
);

const freeLeasesOf = prepared((db, values: { owner: string }, { project }) =>
  db
    .updateTable('leases')
    .set({ owner: null, until: 0 })
    .where('project_id', '=', project)
    .where('owner', '=', values.owner),
);

const renewLease = prepared(
  (db, values: { name: string; owner: string; fence: number; leaseMs: number }, { project, now }) =>
    db
      .updateTable('leases')
      .set({ until: sql<number>`${now} + ${values.leaseMs}` })
      .where('project_id', '=', project)
      .where('name', '=', values.name)
      .where('owner', '=', values.owner)
      .where('fence', '=', values.fence),
);

/**
 * Takes the lease when it is free or ran out, or goes on holding it. The fence rises with each new owner; one who
 * comes back before anybody else took it keeps the fence, because nobody can have written in between.
 */
export async function acquireLease(
  tx: Write,
  name: string,
  owner: string,
  leaseMs: number,
): Promise<NamedLease | { heldBy: string; until: number }> {
  const row = await readLease.first(tx, { name });
  const isOther = row !== undefined && row.owner !== null && row.owner !== owner;
  if (isOther && row.until > row.now) return { heldBy: row.owner ?? '', until: row.until };
  const fence = row === undefined ? 1 : row.owner === owner ? row.fence : row.fence + 1;
  await writeLease.run(tx, { name, owner, fence, leaseMs });
  return { name, fence };
}

export async function releaseLease(tx: Write, lease: NamedLease, owner: string): Promise<void> {
  await freeLease.run(tx, { name: lease.name, owner, fence: lease.fence });
}

export async function releaseLeasesOf(tx: Write, owner: string): Promise<void> {
  await freeLeasesOf.run(tx, { owner });
}

/** Makes a held lease longer. Returns whether it was still held. */
export async function renewNamed(
  tx: Write,
  lease: NamedLease,
  owner: string,
  leaseMs: number,
): Promise<boolean> {
  return (await renewLease.run(tx, { name: lease.name, owner, fence: lease.fence, leaseMs })) > 0;
}
