import { setImmediate } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** Values of one insert; SQLite takes 32,766. */
const MOST_VALUES = 16_000;
const MOST_ROWS = 500;

type Row = Readonly<Record<string, string | number | null>>;

/** A table whose rows belong to projects, with its key. */
export interface ProjectTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Of the primary key, without the project. */
  readonly key: readonly string[];
}

/** A project in one database, on a connection or in a transaction. */
export interface ProjectPart {
  readonly db: Kysely<Tables>;
  readonly project: string;
}

/** The tables of a SQLite database of Codewalk, which is what says what belongs to a project. */
export async function projectTables(db: Kysely<Tables>): Promise<ProjectTable[]> {
  const { rows } = await sql<{ table: string; column: string; pk: number }>`
    select m.name as "table", c.name as "column", c.pk as pk
    from sqlite_master as m join pragma_table_info(m.name) as c
    where m.type = 'table' order by m.name, c.cid
  `.execute(db);
  const names = [...new Set(rows.map(({ table }) => table))];
  return names.flatMap((name) => {
    const own = rows.filter(({ table }) => table === name);
    const columns = own.map(({ column }) => column);
    if (!columns.includes('project_id')) return [];
    const keyed = own.filter(({ pk, column }) => pk > 0 && column !== 'project_id');
    return { name, columns, key: keyed.toSorted((a, b) => a.pk - b.pk).map(({ column }) => column) };
  });
}

/** Copies all rows of a project, batch by batch. Returns how many of each table. */
export async function copyProject(
  from: ProjectPart,
  to: ProjectPart,
  tables: readonly ProjectTable[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of tables) {
    let copied = 0;
    for await (const rows of batches(from, table)) {
      await insert(to, table, rows);
      copied += rows.length;
    }
    counts[table.name] = copied;
  }
  return counts;
}

export async function countProject(
  { db, project }: ProjectPart,
  tables: readonly ProjectTable[],
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await sql<{ rows: number }>`
      select count(*) as rows from ${sql.table(name)} where project_id = ${project}
    `.execute(db);
    counts[name] = Number(rows[0]?.rows ?? 0);
  }
  return counts;
}

export async function deleteProject(
  { db, project }: ProjectPart,
  tables: readonly ProjectTable[],
): Promise<void> {
  for (const { name } of tables) {
    await sql`delete from ${sql.table(name)} where project_id = ${project}`.execute(db);
  }
}

async function* batches({ db, project }: ProjectPart, table: ProjectTable): AsyncIterable<readonly Row[]> {
  const size = Math.max(1, Math.min(MOST_ROWS, Math.floor(MOST_VALUES / table.columns.length)));
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const key = sql.join(table.key.map((column) => sql.ref(column)));
  let last: Row | undefined;
  for (;;) {
    const values = table.key.map((column) => last?.[column]);
    const after = last === undefined ? sql`` : sql`and (${key}) > (${sql.join(values)})`;
    const order = table.key.length === 0 ? sql`` : sql`order by ${key}`;
    const { rows } = await sql<Row>`
      select ${columns} from ${sql.table(table.name)}
      where project_id = ${project} ${after} ${order} limit ${sql.lit(size)}
    `.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < size || table.key.length === 0) return;
    last = rows.at(-1);
    // SQLite answers at once: whoever else is in this process has its turn.
    await setImmediate();
  }
}

async function insert(
  { db, project }: ProjectPart,
  table: ProjectTable,
  rows: readonly Row[],
): Promise<void> {
  const columns = sql.join(table.columns.map((column) => sql.ref(column)));
  const lines = rows.map(
    (row) =>
      sql`(${sql.join(table.columns.map((column) => (column === 'project_id' ? project : (row[column] ?? null))))})`,
  );
  await sql`insert into ${sql.table(table.name)} (${columns}) values ${sql.join(lines)}`.execute(db);
}
