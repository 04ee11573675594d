import { prepared, sized } from './prepared.ts';
import type { Write } from './session.ts';
import type { NeedCount, PlanChanges } from './sync-changes.ts';

/** Rows of one statement, far below the engines' limits of parameters (32,766 and 65,535). */
const MOST_ROWS = 100;
const MOST_IDS = 500;

type Holes = Record<string, string | number | null>;

const upsertTasks = sized((size) =>
  prepared((db, values: Holes, { project, now }) =>
    db
      .insertInto('tasks')
      .values(
        Array.from({ length: size }, (_, row) => ({
          project_id: project,
          id: values[`id${row}`] as string,
          definition: values[`definition${row}`] as string,
          needs: values[`needs${row}`] as string,
          digest: values[`digest${row}`] as string,
          position: values[`position${row}`] as number,
          chain: values[`chain${row}`] as number,
          priority: values[`priority${row}`] as number,
          files: values[`files${row}`] as string,
          agent: values[`agent${row}`] as string | null,
          workflow: values[`workflow${row}`] as string | null,
          pending_needs: values[`pending${row}`] as number,
          was: values[`was${row}`] as string | null,
          place: values[`place${row}`] as string | null,
          created_at: now,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'id']).doUpdateSet((eb) => ({
          definition: eb.ref('excluded.definition'),
          needs: eb.ref('excluded.needs'),
          digest: eb.ref('excluded.digest'),
          position: eb.ref('excluded.position'),
          chain: eb.ref('excluded.chain'),
          priority: eb.ref('excluded.priority'),
          files: eb.ref('excluded.files'),
          agent: eb.ref('excluded.agent'),
          workflow: eb.ref('excluded.workflow'),
          pending_needs: eb.ref('excluded.pending_needs'),
          was: eb.ref('excluded.was'),
          place: eb.ref('excluded.place'),
        })),
      ),
  ),
);

const insertEdges = sized((size) =>
  prepared((db, values: Holes, { project }) =>
    db
      .insertInto('edges')
      .values(
        Array.from({ length: size }, (_, row) => ({
          project_id: project,
          node: values[`node${row}`] as string,
          needs: values[`needs${row}`] as string,
        })),
      )
      .onConflict((conflict) => conflict.doNothing()),
  ),
);

/** Upserts the definitions that differ, and replaces the edges of those whose needs did. */
export async function writeDefinitions(
  tx: Write,
  { rows, removed }: Pick<PlanChanges, 'rows' | 'removed'>,
): Promise<void> {
  for (const chunk of chunksOf(rows, MOST_ROWS)) {
    const values: Holes = {};
    chunk.forEach((row, index) => {
      const { definition, order, chain } = row.task;
      values[`id${index}`] = definition.id;
      values[`definition${index}`] = row.definition;
      values[`needs${index}`] = row.needs;
      values[`digest${index}`] = row.digest;
      values[`position${index}`] = order;
      values[`chain${index}`] = chain;
      values[`priority${index}`] = definition.priority;
      values[`files${index}`] = JSON.stringify(definition.files);
      values[`agent${index}`] = definition.agent ?? null;
      values[`workflow${index}`] = definition.workflow ?? null;
      values[`pending${index}`] = row.pendingNeeds;
      values[`was${index}`] = row.was;
      values[`place${index}`] = row.place;
    });
    await upsertTasks(chunk.length).run(tx, values);
  }
  const moved = rows.filter((row) => row.needsChanged);
  await deleteEdges(tx, [
    ...moved.filter((row) => !row.isNew).map((row) => row.task.definition.id),
    ...removed,
  ]);
  await writeEdges(
    tx,
    moved.flatMap(({ task }) => task.needs.map((needs) => ({ node: task.definition.id, needs }))),
  );
}

export async function writeGates(
  tx: Write,
  { gates, removedGates }: Pick<PlanChanges, 'gates' | 'removedGates'>,
): Promise<void> {
  const { db, project } = tx;
  await deleteEdges(tx, [...gates.filter(({ isNew }) => !isNew).map(({ id }) => id), ...removedGates]);
  for (const chunk of chunksOf(removedGates, MOST_IDS)) {
    await db.deleteFrom('gates').where('project_id', '=', project).where('id', 'in', chunk).execute();
  }
  for (const chunk of chunksOf(gates, MOST_IDS)) {
    await db
      .insertInto('gates')
      .values(
        chunk.map(({ id, members, pending }) => ({
          project_id: project,
          id,
          members: JSON.stringify(members),
          pending,
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'id']).doUpdateSet((eb) => ({
          members: eb.ref('excluded.members'),
          pending: eb.ref('excluded.pending'),
        })),
      )
      .execute();
  }
  await writeEdges(
    tx,
    gates.flatMap(({ id, members }) => members.map((needs) => ({ node: id, needs }))),
  );
}

/** Writes what other tasks and gates wait for now. */
export async function writeCounts(tx: Write, { counts }: Pick<PlanChanges, 'counts'>): Promise<void> {
  const { db, project } = tx;
  await grouped(counts.tasks, (ids, pending) =>
    db
      .updateTable('tasks')
      .set({ pending_needs: pending })
      .where('project_id', '=', project)
      .where('id', 'in', ids)
      .execute(),
  );
  await grouped(counts.gates, (ids, pending) =>
    db
      .updateTable('gates')
      .set({ pending })
      .where('project_id', '=', project)
      .where('id', 'in', ids)
      .execute(),
  );
}

/** One statement for all ids that get the same count. */
async function grouped(
  counts: readonly NeedCount[],
  write: (ids: readonly string[], pending: number) => Promise<unknown>,
): Promise<void> {
  for (const [pending, rows] of Map.groupBy(counts, (row) => row.pending)) {
    for (const chunk of chunksOf(rows, MOST_IDS)) {
      await write(
        chunk.map(({ id }) => id),
        pending,
      );
    }
  }
}

async function deleteEdges(tx: Write, nodes: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(nodes, MOST_IDS)) {
    await tx.db.deleteFrom('edges').where('project_id', '=', tx.project).where('node', 'in', chunk).execute();
  }
}

async function writeEdges(tx: Write, edges: readonly { node: string; needs: string }[]): Promise<void> {
  for (const chunk of chunksOf(edges, MOST_IDS)) {
    const values: Holes = {};
    chunk.forEach(({ node, needs }, index) => {
      values[`node${index}`] = node;
      values[`needs${index}`] = needs;
    });
    await insertEdges(chunk.length).run(tx, values);
  }
}

function chunksOf<T>(items: readonly T[], size: number): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += size) chunks.push(items.slice(from, from + size));
  return chunks;
}
