// What a sync costs: all of a new plan against the bare inserts of the same rows, one changed task, one new task, and
// nothing changed; on both engines.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, type SQLInputValue } from 'node:sqlite';
import pg from 'pg';
import { openStore } from '../src/adapters/store/open.ts';
import { taskId } from '../src/core/ids.ts';
import type { Plan, PlannedTask } from '../src/core/roadmap/model.ts';
import { startPostgres } from '../test/support/postgres.ts';
import { median, type Section, table } from './stats.ts';

type Kind = 'sqlite' | 'postgres';

const SIZE = 10_000;
const REPEATS = 5;

function planOf(size: number): Plan {
  const ids = Array.from({ length: size }, (_, index) => taskId.parse(`task-${index}`));
  return {
    tasks: ids.map(
      (id, order): PlannedTask => ({
        definition: {
          id,
          title: `Task number ${order}`,
          prompt: `Do ${id} as the plan says, and write a test for it. `.repeat(4),
          path: { phase: `phase-${Math.floor(order / 100)}` },
          dependsOn: [],
          files: [`src/part-${order}.ts`],
          priority: 50,
          exitCriteria: ['It works', 'It is tested'],
          onFailure: 'hard',
        },
        order,
        needs: ids.slice(Math.max(0, order - 2), order),
        chain: size - order,
      }),
    ),
    gates: [],
  };
}

function edited(plan: Plan, at: number, edit: (task: PlannedTask) => PlannedTask): Plan {
  return { ...plan, tasks: plan.tasks.map((task, order) => (order === at ? edit(task) : task)) };
}

function withOneMore(plan: Plan): Plan {
  const last = plan.tasks.at(-1) as PlannedTask;
  const definition = { ...last.definition, id: taskId.parse('one-more') };
  const needs = [last.definition.id];
  return { ...plan, tasks: [...plan.tasks, { ...last, definition, order: plan.tasks.length, needs }] };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

type Row = readonly unknown[];

/** The rows that a sync has written, into the same tables of another database: one prepared insert a row. */
async function bareInserts(engine: Kind, from: string, to: string): Promise<number> {
  const columns = {
    tasks: 'project_id id definition needs digest position chain priority files pending_needs created_at',
    edges: 'project_id node needs',
  };
  if (engine === 'sqlite') {
    const source = new DatabaseSync(from.replace('sqlite:', ''));
    const target = new DatabaseSync(to.replace('sqlite:', ''));
    target.exec('pragma journal_mode = wal; pragma synchronous = full');
    const tables = Object.entries(columns).map(([table, names]) => {
      const list = names.split(' ').filter((name) => hasColumn(source, table, name));
      const rows = source.prepare(`select ${list.join()} from ${table}`).all();
      return { table, list, rows: rows.map((row) => Object.values(row)) as Row[] };
    });
    const ms = await timed(async () => {
      target.exec('begin immediate');
      for (const { table, list, rows } of tables) {
        const insert = target.prepare(
          `insert into ${table} (${list.join()}) values (${list.map(() => '?').join()})`,
        );
        for (const row of rows) insert.run(...(row as SQLInputValue[]));
      }
      target.exec('commit');
    });
    source.close();
    target.close();
    return ms;
  }
  const [source, target] = [new pg.Client(from), new pg.Client(to)];
  await Promise.all([source.connect(), target.connect()]);
  const tables: { table: string; list: string[]; rows: Row[] }[] = [];
  for (const [table, names] of Object.entries(columns)) {
    const list = names.split(' ');
    const { rows } = await source.query({ text: `select ${list.join()} from ${table}`, rowMode: 'array' });
    tables.push({ table, list, rows: rows as Row[] });
  }
  const ms = await timed(async () => {
    await target.query('begin');
    for (const { table, list, rows } of tables) {
      // The plainest way that is not one round trip a row.
      for (let at = 0; at < rows.length; at += 500) {
        const chunk = rows.slice(at, at + 500);
        const values = chunk.map(
          (_, row) => `(${list.map((_, column) => `$${row * list.length + column + 1}`).join()})`,
        );
        await target.query(`insert into ${table} (${list.join()}) values ${values.join()}`, chunk.flat());
      }
    }
    await target.query('commit');
  });
  await Promise.all([source.end(), target.end()]);
  return ms;
}

function hasColumn(db: DatabaseSync, table: string, name: string): boolean {
  return db.prepare(`select 1 from pragma_table_info('${table}') where name = ?`).get(name) !== undefined;
}

export async function benchSync(): Promise<Section> {
  const measured = [await measure('sqlite'), await measure('postgres')];
  const names = Object.keys(measured[0]?.times ?? {});
  const text = `A plan of ${SIZE.toLocaleString('en-US')} tasks with two needs each, in one transaction; medians of ${REPEATS}, ms. Bare: one prepared insert for each of the same rows (PostgreSQL: 500 rows a statement). Aim: a full sync at most 2 × bare.\n\n${table(
    ['', ...names, 'full / bare'],
    measured.map(({ engine, times }) => {
      const of = (name: string) => median(times[name] ?? []);
      return [engine, ...names.map((name) => of(name).toFixed(0)), (of('full') / of('bare')).toFixed(2)];
    }),
  )}`;
  return { title: 'Sync of a plan', text };
}

async function measure(
  engine: Kind,
): Promise<{ readonly engine: Kind; readonly times: Readonly<Record<string, readonly number[]>> }> {
  const dir = await mkdtemp(join(tmpdir(), 'cw-bench-'));
  const server = engine === 'postgres' ? await startPostgres({ durable: true }) : undefined;
  let databases = 0;
  const freshUrl = async (): Promise<string> =>
    (await server?.freshDatabase()) ?? `sqlite:${join(dir, `${++databases}.db`)}`;
  try {
    const plan = planOf(SIZE);
    const times: Record<string, number[]> = {
      full: [],
      bare: [],
      'one changed': [],
      'one new': [],
      nothing: [],
    };
    for (let repeat = 0; repeat < REPEATS; repeat += 1) {
      const [url, other] = [await freshUrl(), await freshUrl()];
      {
        await using store = await openStore({ url, project: 'bench' });
        let hash = 0;
        const sync = (next: Plan) =>
          timed(() => store.sync(next, { path: 'roadmap.yaml', hash: String(++hash) }));
        times['full']?.push(await sync(plan));
        const middle = Math.floor(SIZE / 2);
        const changed = edited(plan, middle, (task) => ({
          ...task,
          definition: { ...task.definition, prompt: `other ${repeat}` },
        }));
        times['one changed']?.push(await sync(changed));
        times['nothing']?.push(await sync(changed));
        times['one new']?.push(await sync(withOneMore(changed)));
      }
      {
        await using _ = await openStore({ url: other, project: 'bench' });
      }
      times['bare']?.push(await bareInserts(engine, url, other));
    }
    return { engine, times };
  } finally {
    await server?.[Symbol.asyncDispose]();
    await rm(dir, { recursive: true, force: true });
  }
}
