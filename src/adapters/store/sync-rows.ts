import type { Plan } from '../../core/roadmap/model.ts';
import { nowOf } from './prepared.ts';
import type { Write } from './session.ts';
import type { PlanChanges } from './sync-changes.ts';

/** Rows of one statement, far below the engines' limits of parameters (32,766 and 65,535). */
const MOST_ROWS = 500;

/** Upserts the definitions that differ, and replaces the edges of those whose needs did. */
export async function writeDefinitions(
  tx: Write,
  { rows, removed }: Pick<PlanChanges, 'rows' | 'removed'>,
): Promise<void> {
  const { db, project, kind } = tx;
  for (const chunk of chunksOf(rows)) {
    await db
      .insertInto('tasks')
      .values(
        chunk.map(({ task: { definition, order, chain }, definition: text, needs }) => ({
          project_id: project,
          id: definition.id,
          definition: text,
          needs,
          position: order,
          chain,
          priority: definition.priority,
          files: JSON.stringify(definition.files),
          agent: definition.agent ?? null,
          workflow: definition.workflow ?? null,
          created_at: nowOf(kind),
        })),
      )
      .onConflict((conflict) =>
        conflict.columns(['project_id', 'id']).doUpdateSet((eb) => ({
          definition: eb.ref('excluded.definition'),
          needs: eb.ref('excluded.needs'),
          position: eb.ref('excluded.position'),
          chain: eb.ref('excluded.chain'),
          priority: eb.ref('excluded.priority'),
          files: eb.ref('excluded.files'),
          agent: eb.ref('excluded.agent'),
          workflow: eb.ref('excluded.workflow'),
        })),
      )
      .execute();
  }
  const moved = rows.filter((row) => row.needsChanged);
  await deleteEdges(tx, [
    ...moved.filter((row) => !row.isNew).map((row) => row.task.definition.id),
    ...removed,
  ]);
  await insertEdges(
    tx,
    moved.flatMap(({ task }) => task.needs.map((needs) => ({ node: task.definition.id, needs }))),
  );
}

export async function writeGates(tx: Write, { gates, removedGates }: PlanChanges): Promise<void> {
  const { db, project } = tx;
  await deleteEdges(tx, [...gates.map(({ id }) => id), ...removedGates]);
  for (const chunk of chunksOf(removedGates)) {
    await db.deleteFrom('gates').where('project_id', '=', project).where('id', 'in', chunk).execute();
  }
  for (const chunk of chunksOf(gates)) {
    await db
      .insertInto('gates')
      .values(
        chunk.map(({ id, members }) => ({
          project_id: project,
          id,
          members: JSON.stringify(members),
          pending: members.length,
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
  await insertEdges(
    tx,
    gates.flatMap(({ id, members }) => members.map((needs) => ({ node: id, needs }))),
  );
}

/** Counts anew what each task and gate of the plan waits for, and writes the counts that differ. */
export async function writePendingNeeds(tx: Write, plan: Plan): Promise<void> {
  const { db, project } = tx;
  const taskRows = await db
    .selectFrom('tasks')
    .select(['id', 'satisfied', 'pending_needs'])
    .where('project_id', '=', project)
    .execute();
  const gateRows = await db
    .selectFrom('gates')
    .select(['id', 'pending'])
    .where('project_id', '=', project)
    .execute();
  const finished = new Set<string>(taskRows.filter((row) => row.satisfied === 1).map((row) => row.id));
  const gateCounts = new Map<string, number>();
  for (const gate of plan.gates) {
    const pending = gate.members.filter((member) => !finished.has(member)).length;
    gateCounts.set(gate.id, pending);
    if (pending === 0) finished.add(gate.id);
  }
  const taskCounts = new Map<string, number>();
  for (const task of plan.tasks) {
    taskCounts.set(task.definition.id, task.needs.filter((need) => !finished.has(need)).length);
  }
  await writeCounts(
    taskRows.map((row) => [row.id, row.pending_needs, taskCounts.get(row.id) ?? 0]),
    (ids, count) =>
      db
        .updateTable('tasks')
        .set({ pending_needs: count })
        .where('project_id', '=', project)
        .where('id', 'in', ids)
        .execute(),
  );
  await writeCounts(
    gateRows.map((row) => [row.id, row.pending, gateCounts.get(row.id) ?? 0]),
    (ids, count) =>
      db
        .updateTable('gates')
        .set({ pending: count })
        .where('project_id', '=', project)
        .where('id', 'in', ids)
        .execute(),
  );
}

/** One statement for all ids that get the same count. */
async function writeCounts(
  counts: readonly (readonly [id: string, stored: number, wanted: number])[],
  write: (ids: readonly string[], count: number) => Promise<unknown>,
): Promise<void> {
  const different = counts.filter(([, stored, wanted]) => stored !== wanted);
  for (const [count, rows] of Map.groupBy(different, ([, , wanted]) => wanted)) {
    for (const chunk of chunksOf(rows))
      await write(
        chunk.map(([id]) => id),
        count,
      );
  }
}

async function deleteEdges(tx: Write, nodes: readonly string[]): Promise<void> {
  for (const chunk of chunksOf(nodes)) {
    await tx.db.deleteFrom('edges').where('project_id', '=', tx.project).where('node', 'in', chunk).execute();
  }
}

async function insertEdges(tx: Write, edges: readonly { node: string; needs: string }[]): Promise<void> {
  for (const chunk of chunksOf(edges)) {
    await tx.db
      .insertInto('edges')
      .values(chunk.map((edge) => ({ project_id: tx.project, ...edge })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

function chunksOf<T>(items: readonly T[]): T[][] {
  const chunks: T[][] = [];
  for (let from = 0; from < items.length; from += MOST_ROWS) chunks.push(items.slice(from, from + MOST_ROWS));
  return chunks;
}
