import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServerRecord } from '../../core/server/ports.ts';

/** What the command line has to know to reach a server: its record, and the token of this life of it. */
export interface KnownServer {
  readonly record: ServerRecord;
  readonly token: string;
}

const RECORD = 'server.json';
const TOKEN = 'server.token';

/**
 * Writes down where this server is and how to get in. The token comes first, because whoever sees the record asks
 * with it.
 */
export function writeServer(directory: string, { record, token }: KnownServer): void {
  replace(join(directory, TOKEN), `${token}\n`);
  replace(join(directory, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

/** What the last server has written down; undefined when there is none, or nothing that could be one. */
export function readServer(directory: string): KnownServer | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(join(directory, RECORD), 'utf8'));
    const token = readFileSync(join(directory, TOKEN), 'utf8').trim();
    return isRecord(record) ? { record, token } : undefined;
  } catch {
    return undefined;
  }
}

export function forgetServer(directory: string): void {
  for (const name of [RECORD, TOKEN]) rmSync(join(directory, name), { force: true });
}

/** By hand: every command looks here first, and zod takes longer to load than all the rest. */
function isRecord(value: unknown): value is ServerRecord {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Readonly<Record<string, unknown>>;
  const texts = ['id', 'startTime', 'bootId', 'version', 'socket'];
  return (
    texts.every((name) => typeof fields[name] === 'string') &&
    ['pid', 'startedAt'].every((name) => Number.isSafeInteger(fields[name])) &&
    (fields['port'] === undefined || Number.isSafeInteger(fields['port']))
  );
}

/** Never a file that is half written, and never through a link that somebody has put there. */
export function replace(path: string, text: string): void {
  const next = `${path}.${process.pid}.next`;
  rmSync(next, { force: true });
  writeFileSync(next, text, { mode: 0o600, flag: 'wx' });
  renameSync(next, path);
}
