import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf, UsageError } from '../../core/errors.ts';

const MOST_BYTES = 1_048_576;

/** The text of a config file, `undefined` when there is none. Throws `UsageError` with code `CONFIG_UNREADABLE`. */
export async function readConfigText(path: string): Promise<string | undefined> {
  let handle: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for somebody to write into it.
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const stat = await handle.stat();
    if (!stat.isFile())
      throw unreadable(path, stat.isDirectory() ? 'it is a directory' : 'it is not a regular file');
    if (stat.size > MOST_BYTES) throw unreadable(path, 'it is larger than 1 MiB');
    return decode(path, await handle.readFile());
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // ENOTDIR: something that is not a directory has the name .codewalk; there is no config in it.
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, code === 'EACCES' ? 'permission denied' : messageOf(error), error);
  } finally {
    await handle?.close();
  }
}

function decode(path: string, bytes: Uint8Array): string {
  try {
    // The decoder drops a byte order mark.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw unreadable(path, 'it is not UTF-8', error);
  }
}

function unreadable(path: string, reason: string, cause?: unknown): UsageError {
  return new UsageError('CONFIG_UNREADABLE', `The config ${path} cannot be read: ${reason}.`, {
    advice: 'It must be a JSON file in UTF-8 that you may read. Mend it, or move it away.',
    cause,
  });
}
