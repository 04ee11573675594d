import { sql } from 'kysely';
import { CodewalkError } from '../../core/errors.ts';
import type { Session } from './session.ts';

/** One counter that is not what it counts. */
interface WrongCounter {
  readonly name: string;
  readonly stored: number | string;
  readonly counted: number | string;
}

/** Counts again what the rows keep counted. Throws `STORE_CORRUPT` with the first counter that is wrong. */
export async function verifyCounters(session: Session): Promise<string> {
  for (const find of [wrongHead, wrongGate, wrongNeeds]) {
    const wrong = await find(session);
    if (wrong === undefined) continue;
    const { name, stored, counted } = wrong;
    throw new CodewalkError('STORE_CORRUPT', `${name} is ${stored} and should be ${counted}`);
  }
  return 'the head, the gates and what tasks wait for agree with the rows';
}

async function wrongHead({ db, project }: Session): Promise<WrongCounter | undefined> {
  const { rows } = await sql<{ stored: number; counted: number }>`
    select head as stored, coalesce((select max(seq) from events where project_id = ${project}), 0) as counted
    from stream where project_id = ${project}
  `.execute(db);
  const row = rows.find(({ stored, counted }) => stored !== counted);
  return row === undefined ? undefined : { name: 'the number of the newest event', ...row };
}

async function wrongGate({ db, project }: Session): Promise<WrongCounter | undefined> {
  const { rows } = await sql<{ id: string; stored: number; counted: number }>`
    select id, stored, counted from (
      select gates.id as id, gates.pending as stored, (
        select count(*) from edges join tasks on tasks.project_id = edges.project_id and tasks.id = edges.needs
        where edges.project_id = gates.project_id and edges.node = gates.id and tasks.satisfied = 0
      ) as counted
      from gates where gates.project_id = ${project}
    ) as found where stored <> counted order by id limit 1
  `.execute(db);
  return named(rows[0], 'what gate', 'waits for');
}

async function wrongNeeds({ db, project }: Session): Promise<WrongCounter | undefined> {
  const { rows } = await sql<{ id: string; stored: number; counted: number }>`
    select id, stored, counted from (
      select waiting.id as id, waiting.pending_needs as stored, (
        select count(*) from edges
        left join tasks on tasks.project_id = edges.project_id and tasks.id = edges.needs
        left join gates on gates.project_id = edges.project_id and gates.id = edges.needs
        where edges.project_id = waiting.project_id and edges.node = waiting.id
          and (tasks.satisfied = 0 or gates.pending > 0)
      ) as counted
      from tasks as waiting where waiting.project_id = ${project} and waiting.state <> 'archived'
    ) as found where stored <> counted order by id limit 1
  `.execute(db);
  return named(rows[0], 'what task', 'waits for');
}

function named(
  row: { id: string; stored: number; counted: number } | undefined,
  before: string,
  after: string,
): WrongCounter | undefined {
  if (row === undefined) return undefined;
  return { name: `${before} ${row.id} ${after}`, stored: row.stored, counted: row.counted };
}
