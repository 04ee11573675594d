import { prepared } from './prepared.ts';
import type { Session } from './session.ts';

/** A task was called so in events from number `from` on, and before number `until`. */
interface NameInLog {
  readonly id: string;
  readonly from: number;
  readonly until: number | undefined;
}

/** More renames of one task than anybody makes. */
const MOST_NAMES = 100;

const readRename = prepared((db, values: { task: string; before: number }, { project }) =>
  db
    .selectFrom('events')
    .select(['seq', 'body'])
    .where('project_id', '=', project)
    .where('task', '=', values.task)
    .where('type', '=', 'task.renamed')
    .where('seq', '<', values.before)
    .orderBy('seq', 'desc')
    .limit(1),
);

/** The renames of one sync stand together and are made at once, after the fact of the sync itself. */
const readSync = prepared((db, values: { before: number }, { project }) =>
  db
    .selectFrom('events')
    .select('seq')
    .where('project_id', '=', project)
    .where('type', '=', 'roadmap.synced')
    .where('seq', '<', values.before)
    .orderBy('seq', 'desc')
    .limit(1),
);

/** What a task was called when, the newest name first. The log keeps what was said as it was said. */
export async function namesOf(session: Session, task: string): Promise<NameInLog[]> {
  const names: NameInLog[] = [];
  let [id, until]: [string, number | undefined] = [task, undefined];
  while (names.length < MOST_NAMES) {
    const rename = await readRename.first(session, { task: id, before: until ?? Number.MAX_SAFE_INTEGER });
    if (rename === undefined) break;
    const from = (await readSync.first(session, { before: rename.seq }))?.seq ?? rename.seq;
    names.push({ id, from, until });
    [id, until] = [(JSON.parse(rename.body) as { from: string }).from, from];
  }
  names.push({ id, from: 0, until });
  return names;
}
