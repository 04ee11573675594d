import { runDirectory } from '../../adapters/server-files/run-directory.ts';
import { readServer } from '../../adapters/server-files/server-record.ts';
import type { ProjectApi } from '../../core/api/ports.ts';
import { CodewalkError } from '../../core/errors.ts';

/**
 * The project as the server of this user serves it, if there is one that looks after it; else, and as soon as that one
 * is gone, as this process reaches it. Loads little: this comes before every command.
 */
export async function chooseApi(parts: {
  readonly version: string;
  root(): Promise<string>;
  local(): Promise<ProjectApi>;
  note(message: string): void;
}): Promise<ProjectApi> {
  const { version, local, note } = parts;
  const known = readServer(runDirectory());
  if (known === undefined) return await local();
  const { record, token } = known;
  if (record.version !== version) {
    if (isThere(record.pid)) {
      note(`the server is codewalk ${record.version} and this is ${version}: cw server restart`);
    }
    return await local();
  }
  const [{ remoteProject }, { withFallback }] = await Promise.all([
    import('../../surfaces/api/remote-project.ts'),
    import('../../core/api/with-fallback.ts'),
  ]);
  const door = { socket: record.socket, token, project: await parts.root() };
  return withFallback(remoteProject(door), local, isGone);
}

/** A server that refuses the token, or does not have the project, has done nothing. */
function isGone(error: unknown): 'not-sent' | 'maybe-done' | false {
  if (!(error instanceof CodewalkError)) return false;
  if (error.code === 'UNKNOWN_PROJECT' || error.code === 'SERVER_REFUSED') return 'not-sent';
  if (error.code !== 'SERVER_GONE') return false;
  return 'wasSent' in error && error.wasSent === true ? 'maybe-done' : 'not-sent';
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
