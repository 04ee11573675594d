import { execFile } from 'node:child_process';
import { bwrapArguments, viewsOf } from './bwrap-arguments.ts';

/** Can programs be shut in on this machine? */
export type Availability =
  | { readonly kind: 'available'; readonly bwrap: string; readonly disableUserns: boolean }
  | { readonly kind: 'missing'; readonly reason: string; readonly advice: string };

const TRY_MS = 10_000;
const STDERR_CHARS = 300;

/**
 * Starts a program that does nothing the way agents are started: AppArmor, sysctls and container settings can each
 * forbid it, and only trying tells. `bwrap` is the path of the system's bubblewrap, absent when there is none.
 */
export async function findAvailability(bwrap: string | undefined): Promise<Availability> {
  if (process.platform !== 'linux') {
    return {
      kind: 'missing',
      reason: `there is no sandbox for ${process.platform}`,
      advice: 'Agents run as your user. For a sandbox, run Codewalk on Linux or in a Linux container.',
    };
  }
  if (bwrap === undefined) {
    return {
      kind: 'missing',
      reason: 'bubblewrap (bwrap) is not on PATH',
      advice: 'Install it, for example: sudo apt-get install bubblewrap',
    };
  }
  let problem = '';
  for (const disableUserns of [true, false]) {
    problem = await tryOut(bwrap, disableUserns);
    if (problem === '') return { kind: 'available', bwrap, disableUserns };
  }
  return {
    kind: 'missing',
    reason: `bubblewrap cannot make namespaces here: ${problem}`,
    advice:
      'Allow user namespaces: on Ubuntu install the AppArmor profile of bwrap (package apparmor-profiles), elsewhere see sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone; in a container give it the right to.',
  };
}

/** What went wrong; empty when nothing did. */
function tryOut(bwrap: string, disableUserns: boolean): Promise<string> {
  const confinement = {
    mode: 'workspace',
    network: false,
    hidden: [],
    readable: [],
    writable: [],
    mounts: [],
    home: '/tmp',
    tmp: '/tmp',
  } as const;
  const views = viewsOf(confinement, { home: '/tmp', tmp: '/tmp' });
  const args = bwrapArguments({ confinement, views, system: [], cwd: '/', disableUserns });
  return new Promise((resolve) => {
    const options = { env: {}, timeout: TRY_MS, killSignal: 'SIGKILL' } as const;
    execFile(bwrap, [...args, bwrap, '--version'], options, (error, _stdout, stderr) => {
      if (error === null) resolve('');
      else resolve((stderr.trim() || error.message).slice(0, STDERR_CHARS));
    });
  });
}
