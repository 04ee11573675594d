import { CodewalkError } from '../../core/errors.ts';
import type { Fault } from './engine.ts';

// SQLSTATE, https://www.postgresql.org/docs/current/errcodes-appendix.html
const AGAIN: ReadonlySet<string> = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '53300', // too_many_connections
]);
const GONE: ReadonlySet<string> = new Set([
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
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

/** What an error of pg means. */
export function postgresFault(error: unknown, location: string): Fault {
  const code = codeOf(error);
  if (code !== undefined && AGAIN.has(code)) return { kind: 'again' };
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
