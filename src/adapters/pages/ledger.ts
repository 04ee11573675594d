import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { PageLedger, PageVersion } from '../../core/files/ports.ts';

/** How many texts of one page are known. */
const MOST_VERSIONS = 8;
const BUSY = 5;

const SCHEMA = `
  create table if not exists version (path text, n integer, revision text, text text not null, primary key (path, n));
  create table if not exists page (path text primary key, here integer not null, refused text);
`;

/**
 * Opens the ledger of a checkout. `undefined` while another process has it open: the kernel holds its lock as long as
 * that process lives, so that exactly one keeps the files.
 */
export function openLedger(path: string): PageLedger | undefined {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const db = new DatabaseSync(path, { timeout: 0 });
  try {
    // Taken by the first read and kept until it is closed, see https://sqlite.org/pragma.html#pragma_locking_mode
    db.exec('pragma locking_mode = exclusive; pragma journal_mode = wal; pragma synchronous = normal;');
    db.exec('begin exclusive; commit;');
    db.exec(SCHEMA);
    return new SqliteLedger(db);
  } catch (error) {
    db.close();
    if ((error as { errcode?: number }).errcode === BUSY) return undefined;
    throw error;
  }
}

class SqliteLedger implements PageLedger {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  newest(): ReadonlyMap<string, string> {
    const rows = this.#db
      .prepare(
        `select path, text from version join page using (path)
         where here = 1 and n = (select max(n) from version other where other.path = version.path)`,
      )
      .all() as { path: string; text: string }[];
    return new Map(rows.map(({ path, text }) => [path, text]));
  }

  versions(path: string): readonly PageVersion[] {
    const rows = this.#db
      .prepare('select text, revision from version where path = ? order by n desc')
      .all(path) as { text: string; revision: string | null }[];
    return rows.map(({ text, revision }) => ({ text, revision: revision ?? undefined }));
  }

  put(path: string, { text, revision }: PageVersion): void {
    this.#atOnce(() => {
      const row = this.#db.prepare('select coalesce(max(n), 0) as n from version where path = ?').get(path);
      const last = Number(row?.['n'] ?? 0);
      if (revision !== undefined) {
        this.#db.prepare('delete from version where path = ? and revision = ?').run(path, revision);
      }
      this.#db
        .prepare('insert into version (path, n, revision, text) values (?, ?, ?, ?)')
        .run(path, last + 1, revision ?? null, text);
      this.#db.prepare('delete from version where path = ? and n <= ?').run(path, last + 1 - MOST_VERSIONS);
      this.#db
        .prepare('insert into page (path, here) values (?, 1) on conflict (path) do update set here = 1')
        .run(path);
    });
  }

  retire(path: string): void {
    this.#db.prepare('update page set here = 0, refused = null where path = ?').run(path);
  }

  refused(path: string): string | undefined {
    const row = this.#db.prepare('select refused from page where path = ?').get(path);
    const refused = row?.['refused'];
    return typeof refused === 'string' ? refused : undefined;
  }

  setRefused(path: string, hash: string | undefined): void {
    this.#db
      .prepare(
        `insert into page (path, here, refused) values (?, 0, ?) on conflict (path) do update set refused = excluded.refused`,
      )
      .run(path, hash ?? null);
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #atOnce(work: () => void): void {
    this.#db.exec('begin');
    try {
      work();
      this.#db.exec('commit');
    } catch (error) {
      this.#db.exec('rollback');
      throw error;
    }
  }
}
