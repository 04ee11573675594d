import { crashPoint } from '../../core/crash-points.ts';
import type { Plan } from '../../core/roadmap/model.ts';
import type { SyncOptions, SyncPreview, SyncResult } from '../../core/tasks/ports.ts';
import { definitionColumn, parseColumn } from './json-column.ts';
import { getMeta, setMeta } from './meta.ts';
import type { Session, Write } from './session.ts';
import { appendToLog } from './stream.ts';
import { type PlanChanges, planChanges } from './sync-changes.ts';
import { blockAndUnblock, moveTasks, recordEdits } from './sync-moves.ts';
import { detailsOf, readStored } from './sync-read.ts';
import { renameTasks } from './sync-renames.ts';
import { writeCounts, writeDefinitions, writeGates } from './sync-rows.ts';

const HASH_KEY = 'roadmap_hash';
/** The hash of a file that may take away as many tasks as it does: a person has said so. */
const CONFIRMED_KEY = 'roadmap_confirmed';

/** Makes the stored definitions equal to the plan and moves the tasks that this concerns. */
export async function sync(
  tx: Write,
  plan: Plan,
  source: { path: string; hash: string },
  options: SyncOptions = {},
): Promise<SyncResult> {
  const hash = await getMeta(tx, HASH_KEY);
  if (options.onto !== undefined && options.onto.hash !== hash) {
    return { added: [], changed: [], removed: [], renamed: [], unchanged: 0, overtaken: true };
  }
  const stored = await readStored(tx);
  const changes = await planChanges(tx, plan, stored, options);
  crashPoint('roadmap.compared');
  const { held } = changes;
  if (held !== undefined && !(await isConfirmed(tx, source.hash, options))) {
    return { added: [], changed: [], removed: [], renamed: [], unchanged: plan.tasks.length, held };
  }
  await keepHash(tx, source.hash, changes);
  const result = resultOf(changes);
  if (changes.isEmpty) return result;

  const renamed = await renameTasks(tx, changes.renamed);
  await writeDefinitions(tx, changes);
  await writeGates(tx, changes);
  await writeCounts(tx, changes);
  crashPoint('roadmap.defined');
  const { added, changed, removed, open } = changes;
  const { idleAgents } = options;
  const facts = {
    ...{ path: source.path, added, changed, removed, renamed: changes.renamed, open },
    ...(concernsOthers(changes) ? { others: true as const } : {}),
    ...(idleAgents === undefined ? {} : { idleAgents }),
  };
  const total = plan.tasks.length;
  await appendToLog(tx, [
    { type: 'roadmap.synced', ...facts, total, reason: options.reason ?? 'command' },
    ...renamed,
  ]);
  await recordEdits(tx, changes.edits);
  await moveTasks(tx, changes.moves);
  if (touchesGraph(changes)) await blockAndUnblock(tx);
  crashPoint('roadmap.applied');
  return result;
}

/** What `sync` would do: the same decisions, and nothing written. */
export async function syncPreview(
  session: Session,
  plan: Plan,
  options: SyncOptions = {},
): Promise<SyncPreview> {
  const changes = await planChanges(session, plan, await readStored(session), options);
  const { differences, unchanged, held } = changes;
  const untitled = differences.flatMap(({ id, from, title }) => (title === undefined ? (from ?? id) : []));
  const texts = await detailsOf(session, untitled);
  return {
    tasks: differences.map((one) => {
      const text = texts.get(one.from ?? one.id);
      const stored =
        text === undefined
          ? undefined
          : parseColumn(definitionColumn, text.definition, { table: 'tasks', key: text.id }).title;
      return { ...one, title: one.title ?? stored ?? one.id };
    }),
    unchanged,
    ...(held === undefined || options.confirmed === true ? {} : { held }),
  };
}

async function isConfirmed(tx: Write, hash: string, { confirmed }: SyncOptions): Promise<boolean> {
  return confirmed === true || (await getMeta(tx, CONFIRMED_KEY)) === hash;
}

/** Kept with the change it stands for; not while a part of the file waits, which the next look then finds. */
async function keepHash(tx: Write, hash: string, { deferred }: PlanChanges): Promise<void> {
  const kept = await getMeta(tx, HASH_KEY);
  if (deferred.length === 0) {
    if (kept !== hash) await setMeta(tx, HASH_KEY, hash);
  } else if (kept === hash) await setMeta(tx, HASH_KEY, '');
}

function resultOf({ added, changed, removed, renamed, deferred, unchanged }: PlanChanges): SyncResult {
  return { added, changed, removed, renamed, unchanged, ...(deferred.length === 0 ? {} : { deferred }) };
}

/** Do tasks change their place or what they wait for that are neither new nor edited? */
function concernsOthers({ added, changed, removed, renamed, rows, counts, moves }: PlanChanges): boolean {
  const named = new Set<string>([...added, ...changed]);
  return (
    [removed, renamed, counts.tasks, counts.gates, moves].some((list) => list.length > 0) ||
    rows.some(({ task }) => !named.has(task.definition.id))
  );
}

function touchesGraph({ rows, gates, removedGates, moves }: PlanChanges): boolean {
  return (
    gates.length > 0 || removedGates.length > 0 || moves.length > 0 || rows.some((row) => row.needsChanged)
  );
}
