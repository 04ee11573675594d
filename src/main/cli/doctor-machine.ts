import { readFile, statfs } from 'node:fs/promises';
import { findOnPath } from '../../adapters/process/find-on-path.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { checkThat } from './check-that.ts';
import type { SetupParts } from './setup-service.ts';

const GIB = 1_073_741_824;
const MIB = 1_048_576;

/** Node, free disk space, and what the system offers to shut agents in. */
export async function* machineChecks(parts: SetupParts): AsyncGenerator<Check> {
  yield { name: 'node', status: 'ok', detail: `${process.version}, codewalk ${parts.version}` };
  yield await checkThat('disk', () => freeSpace(parts.directory));
  yield await checkThat('sandbox', () => sandboxLayers(parts.env));
}

async function freeSpace(directory: string): Promise<Omit<Check, 'name'>> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const detail = free >= GIB ? `${(free / GIB).toFixed(1)} GiB free` : `${Math.round(free / MIB)} MiB free`;
  if (free >= GIB) return { status: 'ok', detail };
  const advice = 'Every task needs a worktree and logs: make room before a run.';
  return { status: free < 100 * MIB ? 'fail' : 'warn', detail, advice };
}

/** Reported only: nothing depends on it yet. */
async function sandboxLayers(env: NodeJS.ProcessEnv): Promise<Omit<Check, 'name'>> {
  if (process.platform !== 'linux') {
    return {
      status: 'ok',
      detail: `agents run as your user (${process.platform} has no layer that is used)`,
    };
  }
  const bwrap = findOnPath('bwrap', env) !== undefined;
  const namespaces = await userNamespaces();
  const detail = `bubblewrap ${bwrap ? 'found' : 'not found'}, user namespaces ${namespaces ? 'allowed' : 'not allowed'}; agents run as your user`;
  return { status: 'ok', detail };
}

async function userNamespaces(): Promise<boolean> {
  const read = async (path: string): Promise<number> => Number(await readFile(path, 'utf8').catch(() => '1'));
  const most = await read('/proc/sys/user/max_user_namespaces');
  // Debian's and Ubuntu's own switches; absent elsewhere.
  const clone = await read('/proc/sys/kernel/unprivileged_userns_clone');
  return most > 0 && clone > 0;
}
