import type { ServerInfo } from '../../core/server/ports.ts';
import type { CliContext } from './context.ts';
import { safeLine } from './safe-text.ts';

/** An update leaves the old server at work until somebody restarts it. */
export function warnAboutVersion(
  { io, services }: CliContext,
  { version }: Pick<ServerInfo, 'version'>,
): void {
  if (version === services.version) return;
  io.err(
    `note: the server is codewalk ${safeLine(version)} and this is ${services.version}: cw server restart\n`,
  );
}
