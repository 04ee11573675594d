import { crashPoint } from '../../core/crash-points.ts';
import type { Plan } from '../../core/roadmap/model.ts';
import type { SyncOptions, SyncResult } from '../../core/tasks/ports.ts';
import { ACTIVE_STATES, isFinal, type TaskState } from '../../core/tasks/states.ts';
import { getMeta, setMeta } from './meta.ts';
import { blockDependents, blockerOf, unblockFreed, waitingInVain } from './projections/block.ts';
import { record } from './projections/record.ts';
import { TaskChange } from './projections/task-change.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';
import { type PlanChanges, planChanges, type StoredTask } from './sync-changes.ts';
import { writeDefinitions, writeGates, writePendingNeeds } from './sync-rows.ts';

const HASH_KEY = 'roadmap_hash';

/** Makes the stored definitions equal to the plan and moves the tasks that this concerns. */
export async function sync(
  tx: Write,
  plan: Plan,
  source: { path: string; hash: string },
  options: SyncOptions = {},
): Promise<SyncResult> {
  const stored = await readStored(tx);
  const changes = planChanges(plan, stored.tasks, stored.gates);
  crashPoint('roadmap.compared');
  const { added, changed, removed } = changes;
  const result: SyncResult = { added, changed, removed, renamed: [], unchanged: changes.unchanged };
  // With the change it stands for, so that a sync that failed is not taken for done.
  if ((await getMeta(tx, HASH_KEY)) !== source.hash) await setMeta(tx, HASH_KEY, source.hash);
  if (changes.isEmpty) return result;

  await writeDefinitions(tx, changes);
  await writeGates(tx, changes);
  crashPoint('roadmap.defined');
  const total = plan.tasks.length;
  const reason = options.reason ?? 'command';
  const facts = { path: source.path, added, changed, removed, renamed: [], total, reason };
  await appendToLog(tx, [{ type: 'roadmap.synced', ...facts, open: openAfter(plan, stored.tasks, changes) }]);
  await moveTasks(tx, changes);
  await writePendingNeeds(tx, plan);
  await blockAndUnblock(tx);
  crashPoint('roadmap.applied');
  return result;
}

async function readStored(session: Session) {
  const { db, project } = session;
  const tasks = await db
    .selectFrom('tasks')
    .select(['id', 'definition', 'needs', 'position', 'chain', 'state', 'leaving', 'archived_from'])
    .where('project_id', '=', project)
    .orderBy('position')
    .execute();
  const gates = await db
    .selectFrom('gates')
    .select(['id', 'members'])
    .where('project_id', '=', project)
    .execute();
  return {
    tasks: new Map<string, StoredTask>(tasks.map((row) => [row.id, row])),
    gates: new Map<string, string>(gates.map((row) => [row.id, row.members])),
  };
}

/** How many tasks of the plan are not over once the changes are made. */
function openAfter(plan: Plan, stored: ReadonlyMap<string, StoredTask>, { moves }: PlanChanges): number {
  const moved = new Map(moves.map(({ id, to }) => [id as string, to]));
  return plan.tasks.filter(({ definition: { id } }) => {
    const to = moved.get(id);
    if (to === 'reset' || to === 'stays') return true;
    if (to === 'leaves') return false;
    return !isFinal(to ?? stored.get(id)?.state ?? 'pending');
  }).length;
}

/** Tasks that left, came back, or whose status a person edited in the file. */
async function moveTasks(tx: Write, changes: PlanChanges): Promise<void> {
  for (const { id, to } of changes.moves) {
    const change = await TaskChange.begin(tx, id);
    if (change === undefined) continue;
    switch (to) {
      case 'leaves':
        if (isActive(change.row.state)) {
          change.set({ leaving: 1, reason: 'left the roadmap; archived when its attempt ends' });
          await change.flush();
        } else {
          await record(change, [{ type: 'task.archived', task: id, reason: 'left the roadmap' }]);
        }
        break;
      case 'stays':
        change.set({ leaving: 0, reason: null });
        await change.flush();
        break;
      case 'reset':
        await record(change, [{ type: 'task.reset', task: id, by: 'roadmap' }]);
        break;
      case 'cancelled':
        await record(change, [{ type: 'task.cancelled', task: id, by: 'roadmap' }]);
        break;
      default:
        // Finished outside of Codewalk, or archived and back: the roadmap's own fact says so.
        change.move(to);
        change.set({ archived_from: null });
        if (to === 'done') change.set({ satisfied: 1, finished_at: change.row.now, reason: null });
        await change.flush();
    }
  }
}

/** Needs that changed may bring a task behind a failed one, or free it. */
async function blockAndUnblock(tx: Write): Promise<void> {
  for (let id = await waitingInVain(tx); id !== undefined; id = await waitingInVain(tx)) {
    const blocker = await blockerOf(tx, id);
    const facts = blocker === undefined ? [] : await blockDependents(tx, blocker.id, blocker.state);
    if (facts.length === 0) throw new Error(`Task ${id} waits in vain, but for nobody`);
    await appendToLog(tx, facts);
  }
  await appendToLog(tx, await unblockFreed(tx));
}

function isActive(state: TaskState): boolean {
  return (ACTIVE_STATES as readonly TaskState[]).includes(state);
}
