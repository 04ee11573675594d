import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { UsageError } from '../../core/errors.ts';

/** A path of a unix socket has to fit into `sun_path`: 104 bytes on macOS and 108 on Linux, with a zero at its end. */
const MOST_PATH_BYTES = 103;

/** `~/.codewalk/run`, beside the global config. Only its user can enter it. */
export function runDirectory(home: string = homedir()): string {
  return join(home, '.codewalk', 'run');
}

/**
 * Where a server listens: in its run directory, or, when that path is too long for a socket, in a short directory that
 * is just as private.
 */
export function socketPath(directory: string): string {
  const usual = join(directory, 'server.sock');
  if (fits(usual)) return usual;
  // Loaded here alone: every command looks into this directory, and hardly any needs a hash for that.
  const { createHash } = process.getBuiltinModule('node:crypto');
  const name = `codewalk-${createHash('sha256').update(directory).digest('hex').slice(0, 16)}`;
  const short = [tmpdir(), '/tmp'].map((base) => join(base, name, 's')).find(fits);
  if (short === undefined) {
    throw new UsageError('NO_SOCKET_PATH', `No path for a socket is short enough: ${usual}`, {
      advice: `Set TMPDIR to a directory whose path has at most ${MOST_PATH_BYTES - name.length - 4} bytes.`,
    });
  }
  return short;
}

function fits(path: string): boolean {
  return Buffer.byteLength(path) <= MOST_PATH_BYTES;
}

/**
 * Makes `directory` unless it is there, and makes sure that only this user can enter it. Throws `UsageError`
 * `NOT_PRIVATE` for one that somebody else made, or that is a link to elsewhere.
 */
export function makePrivate(directory: string): void {
  mkdirSync(dirname(directory), { recursive: true });
  try {
    mkdirSync(directory, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new UsageError('NOT_PRIVATE', `${directory} is not a directory of your own`, {
      advice: 'Somebody may want to listen in. Look at it, and remove it.',
    });
  }
  if ((found.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}
