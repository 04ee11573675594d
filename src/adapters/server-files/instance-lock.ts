import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** See sqlite.org/rescode.html. */
const SQLITE_BUSY = 5;

/**
 * The right to be the server of this run directory; undefined while another process has it. The kernel takes it from
 * a process that dies, however it dies: SQLite locks its file by fcntl(2), on Linux and macOS alike.
 */
export function takeInstanceLock(directory: string): Disposable | undefined {
  const database = new DatabaseSync(join(directory, 'lock'), { timeout: 0 });
  try {
    database.exec('begin exclusive');
  } catch (error) {
    database.close();
    if ((error as { errcode?: unknown }).errcode === SQLITE_BUSY) return undefined;
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}
