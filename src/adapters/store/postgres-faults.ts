import { CodewalkError } from '../../core/errors.ts';
import type { Fault } from './engine.ts';

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
const AGAIN: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: a statement_timeout that the server sets
]);
const GONE: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '53300', // too_many_connections
  '57P05', // idle_session_timeout
  '57P03', // cannot_connect_now: starting up, shutting down or in recovery
  '25P03', // idle_in_transaction_session_timeout: this process did not run in the middle of a transaction
  '25006', // read_only_sql_transaction: a standby after a failover
]);
/** Errors of the socket, from Node. */
const BROKEN: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EAI_AGAIN',
]);
/** Errors of the driver have a text only. */
const BROKEN_TEXT =
  /^(Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Connection ended)/;

/** PgBouncer with pool_mode=statement, in its own words. */
const STATEMENT_POOLING = /statement pooling mode/;

/** A server that says so is there, and may take the connection in a moment. */
const NOT_YET: ReadonlySet<string> = new Set(['53300', '57P03']);

/** Whether opening is worth another try; who names a wrong address or password wants to know at once. */
export function mayOpenLater(error: unknown): boolean {
  return NOT_YET.has(codeOf(error) ?? '');
}

/** What to do about a server that cannot be opened. */
export function openAdvice(error: unknown): string {
  return codeOf(error) === '53300'
    ? 'It takes no more connections: raise max_connections (each cw needs up to 5), or put a pooler in front of it.'
    : 'Check that the server runs and that address, user and password in "database" are right.';
}

/** The server answers, but only to readers: the connection leads to the wrong one, and another may lead elsewhere. */
export function isReadOnly(error: unknown): boolean {
  return codeOf(error) === '25006';
}

/** What an error of pg means. */
export function postgresFault(error: unknown, location: string): Fault {
  const code = codeOf(error);
  if (code !== undefined && AGAIN.has(code)) return { kind: 'again' };
  if (error instanceof Error && STATEMENT_POOLING.test(error.message)) {
    return { kind: 'final', error: noTransactions(error, location) };
  }
  const isBroken =
    code === undefined
      ? error instanceof Error && BROKEN_TEXT.test(error.message)
      : GONE.has(code) || BROKEN.has(code) || code.startsWith('08');
  if (isBroken) return { kind: 'disconnected' };
  return { kind: 'final', error: readable(error, code, location) };
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}

function noTransactions(cause: unknown, location: string): CodewalkError {
  return new CodewalkError('STORE_POOLER', `The pooler at ${location} lets no transactions through`, {
    advice: 'Set its pool_mode to transaction or session, or name the server itself in "database".',
    cause,
  });
}

function readable(error: unknown, code: string | undefined, location: string): unknown {
  switch (code) {
    case '53100': // disk_full
      return new CodewalkError('STORE_FULL', `No space left on the disk of ${location}`, {
        advice: 'Free some space on the server; nothing that was reported as done is lost.',
        cause: error,
      });
    case '42501': // insufficient_privilege
      return new CodewalkError('STORE_UNWRITABLE', `The user may not write to ${location}`, {
        advice: 'Grant it create and write rights on the database, or name another user in "database".',
        cause: error,
      });
    default:
      return error;
  }
}
