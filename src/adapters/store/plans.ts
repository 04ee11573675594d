import { type Selectable, sql } from 'kysely';
import * as z from 'zod';
import type { TaskId } from '../../core/ids.ts';
import type { EditedPlan, NewPlan, PlanRecord } from '../../core/planning/ports.ts';
import { proposal } from '../../core/planning/proposal.ts';
import { isFinal } from '../../core/tasks/states.ts';
import { parseColumn, stringsColumn } from './json-column.ts';
import { logFacts } from './log-facts.ts';
import { nowOf } from './prepared.ts';
import { taskOf } from './read-tasks.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';
import type { PlansTable } from './tables.ts';

const editedColumn = z.object({ text: z.string(), onto: z.string() });

/** Keeps a proposal; one that its task made before is replaced. */
export async function keepPlan(tx: Write, plan: NewPlan): Promise<void> {
  const { db, project, kind } = tx;
  const values = {
    project_id: project,
    id: plan.id,
    goal: plan.goal,
    issues: JSON.stringify(plan.issues),
    replaces: plan.replaces ?? null,
    proposal: JSON.stringify(plan.proposal),
    notes: JSON.stringify(plan.notes),
    state: 'open' as const,
    edited: null,
    added: '[]',
    proposed_at: nowOf(kind),
    settled_at: null,
    settled_by: null,
  };
  await db
    .insertInto('plans')
    .values(values)
    .onConflict((conflict) => conflict.columns(['project_id', 'id']).doUpdateSet(values))
    .execute();
  const { id, goal, proposal: proposed } = plan;
  await appendToLog(tx, [
    { type: 'plan.proposed', plan: id, goal, tasks: proposed.tasks.length, serial: proposed.serial },
  ]);
}

/** See `Store.settlePlan`. */
export async function settlePlan(
  tx: Write,
  id: TaskId,
  { to, added, by }: { to: 'applied' | 'dropped'; added: readonly TaskId[]; by: string },
): Promise<boolean> {
  const { db, project, kind } = tx;
  const { numUpdatedRows } = await db
    .updateTable('plans')
    .set({
      state: to,
      added: JSON.stringify(added),
      edited: null,
      settled_at: nowOf(kind),
      settled_by: by,
    })
    .where('project_id', '=', project)
    .where('id', '=', id)
    .where('state', '!=', to)
    .executeTakeFirstOrThrow();
  if (numUpdatedRows === 0n) return false;
  await appendToLog(tx, [
    to === 'applied' ? { type: 'plan.applied', plan: id, added, by } : { type: 'plan.dropped', plan: id, by },
  ]);
  const task = await taskOf(tx, id);
  // Nothing more is to be done for it: it need not stand among what is to be done.
  const isOver = task !== undefined && (isFinal(task.state) || task.state === 'waiting_input');
  if (isOver && task.state !== 'archived') {
    await logFacts(tx, [{ type: 'task.archived', task: id, reason: `its plan is ${to}` }]);
  }
  return true;
}

export async function amendPlan(tx: Write, id: TaskId, edited: EditedPlan): Promise<void> {
  await tx.db
    .updateTable('plans')
    .set({ edited: JSON.stringify(edited) })
    .where('project_id', '=', tx.project)
    .where('id', '=', id)
    .execute();
}

/** The newest first. */
export async function plansOf(
  { db, project }: Session,
  filter: { id?: TaskId; open?: boolean } = {},
): Promise<readonly PlanRecord[]> {
  let query = db.selectFrom('plans').selectAll().where('project_id', '=', project);
  if (filter.id !== undefined) query = query.where('id', '=', filter.id);
  if (filter.open === true) query = query.where('state', '=', 'open');
  const rows = await query.orderBy('proposed_at', 'desc').orderBy(sql.ref('id')).execute();
  return rows.map(asPlan);
}

function asPlan(row: Selectable<PlansTable>): PlanRecord {
  const name = { table: 'plans', key: row.id };
  return {
    id: row.id as TaskId,
    goal: row.goal,
    issues: parseColumn(stringsColumn, row.issues, name),
    ...(row.replaces === null ? {} : { replaces: row.replaces as TaskId }),
    proposal: parseColumn(proposal, row.proposal, name),
    notes: parseColumn(stringsColumn, row.notes, name),
    state: row.state,
    edited: row.edited === null ? undefined : parseColumn(editedColumn, row.edited, name),
    added: parseColumn(stringsColumn, row.added, name) as TaskId[],
    proposedAt: row.proposed_at,
    settledAt: row.settled_at ?? undefined,
    settledBy: row.settled_by ?? undefined,
  };
}
