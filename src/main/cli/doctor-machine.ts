import { statfs } from 'node:fs/promises';
import { native } from '../../adapters/process/native.ts';
import type { Check } from '../../surfaces/cli/context.ts';
import { sandboxAvailability } from '../sandboxes.ts';
import { checkThat } from './check-that.ts';
import type { SetupParts } from './setup-service.ts';

const GIB = 1_073_741_824;
const MIB = 1_048_576;

/** Node, free disk space, and what the system offers to shut agents in. */
export async function* machineChecks(parts: SetupParts): AsyncGenerator<Check> {
  yield { name: 'node', status: 'ok', detail: `${process.version}, codewalk ${parts.version}` };
  yield await checkThat('disk', () => freeSpace(parts.directory));
  yield await checkThat('sandbox', () => sandbox(parts));
  yield await checkThat('process trees', () => processTrees(parts));
}

async function freeSpace(directory: string): Promise<Omit<Check, 'name'>> {
  const { bavail, bsize } = await statfs(directory);
  const free = bavail * bsize;
  const detail = free >= GIB ? `${(free / GIB).toFixed(1)} GiB free` : `${Math.round(free / MIB)} MiB free`;
  if (free >= GIB) return { status: 'ok', detail };
  const advice = 'Every task needs a worktree and logs: make room before a run.';
  return { status: free < 100 * MIB ? 'fail' : 'warn', detail, advice };
}

/** Can agents be shut in here, and are they? */
async function sandbox(parts: SetupParts): Promise<Omit<Check, 'name'>> {
  const found = await sandboxAvailability(parts.env)();
  // What is wrong with the config has a line of its own.
  const wanted = (await parts.loaded().catch(() => undefined))?.config.sandbox.mode;
  if (found.kind === 'available') {
    const mode = wanted ?? 'workspace';
    const how =
      mode === 'off' ? 'agents run as your user (sandbox.mode is off)' : `agents run in it (${mode})`;
    const nested = found.disableUserns ? '' : ', may make user namespaces of their own';
    return { status: 'ok', detail: `bubblewrap works: ${how}${nested}` };
  }
  const { reason, advice } = found;
  if (wanted === undefined || wanted === 'off') {
    const status = process.platform === 'linux' && wanted === undefined ? 'warn' : 'ok';
    return { status, detail: `agents run as your user: ${reason}`, advice };
  }
  return { status: 'fail', detail: `sandbox.mode is ${wanted}, but ${reason}`, advice };
}

/** What ends an agent's processes, should the orchestrator not be there to do it. */
async function processTrees(parts: SetupParts): Promise<Omit<Check, 'name'>> {
  const calls = native();
  const namespaces = await sandboxAvailability(parts.env)();
  const lacks: string[] = [];
  if (typeof calls === 'string') lacks.push(`child subreaper (${calls}; processes are written down instead)`);
  if (namespaces.kind === 'missing') lacks.push(`PID namespaces (${namespaces.reason})`);
  const has = ['guardian', ...(typeof calls === 'string' ? [] : ['child subreaper'])];
  if (namespaces.kind === 'available') has.push('PID namespaces for agents in the sandbox');
  const detail = `${[...has, 'markers'].join(', ')}${lacks.length === 0 ? '' : `; missing: ${lacks.join(', ')}`}`;
  if (lacks.length === 0) return { status: 'ok', detail };
  const advice =
    typeof calls === 'string' && process.platform === 'linux'
      ? 'Run Codewalk on a Node 26 with node:ffi, so that no process of an agent can leave the family.'
      : 'What is missing is a second net only: the next cw run ends what a crash of everything at once leaves.';
  return {
    status: typeof calls === 'string' && process.platform === 'linux' ? 'warn' : 'ok',
    detail,
    advice,
  };
}
